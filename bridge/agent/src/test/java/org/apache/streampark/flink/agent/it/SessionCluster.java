// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.streampark.flink.agent.protocol.Json;

/**
 * A standalone session cluster of an installation, on loopback and ports of its own. Its files and
 * processes end with it.
 */
final class SessionCluster implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(90);
  private static final int SLOTS = 4;

  private final List<Process> processes = new ArrayList<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private final int port;
  private final Path folder;

  SessionCluster(FlinkHome home, Path folder) throws Exception {
    this.folder = folder;
    port = freePort();
    Path conf = Files.createDirectories(folder.resolve("conf"));
    Path log = Files.createDirectories(folder.resolve("log"));
    try (Stream<Path> files = Files.list(home.path().resolve("conf"))) {
      for (Path file :
          files.filter(each -> each.getFileName().toString().startsWith("log")).toList()) {
        Files.copy(file, conf.resolve(file.getFileName()));
      }
    }
    Files.writeString(conf.resolve("config.yaml"), configuration(home));
    for (String part : List.of("jobmanager", "taskmanager")) {
      ProcessBuilder builder =
          new ProcessBuilder(
              home.path().resolve("bin/" + part + ".sh").toString(), "start-foreground");
      builder.environment().put("FLINK_CONF_DIR", conf.toString());
      builder.environment().put("FLINK_LOG_DIR", log.toString());
      builder.environment().put("FLINK_PID_DIR", folder.toString());
      processes.add(
          builder
              .redirectErrorStream(true)
              .redirectOutput(log.resolve(part + ".out").toFile())
              .start());
    }
    await("/overview", overview -> overview.path("slots-total").asInt() == SLOTS);
  }

  private String configuration(FlinkHome home) throws IOException {
    String prefix =
        home.isLine2()
            ? "execution.checkpointing.dir: %s\nexecution.checkpointing.savepoint-dir: %s\n"
            : "state.checkpoints.dir: %s\nstate.savepoints.dir: %s\n";
    String opens =
        Files.readAllLines(home.path().resolve("conf/config.yaml")).stream()
            .map(String::trim)
            .filter(line -> line.startsWith("all: "))
            .findFirst()
            .orElse("all: ")
            .substring(5);
    return """
    jobmanager.rpc.address: 127.0.0.1
    jobmanager.bind-host: 127.0.0.1
    jobmanager.rpc.port: %d
    rest.address: 127.0.0.1
    rest.bind-address: 127.0.0.1
    rest.port: %d
    rest.bind-port: "%d"
    taskmanager.bind-host: 127.0.0.1
    taskmanager.host: 127.0.0.1
    taskmanager.resource-id: taskmanager-0
    taskmanager.numberOfTaskSlots: %d
    jobmanager.memory.process.size: 900m
    taskmanager.memory.process.size: 1200m
    io.tmp.dirs: %s
    env.java.opts.all: "%s"
    """
            .formatted(
                freePort(),
                port,
                port,
                SLOTS,
                Files.createDirectories(folder.resolve("tmp")),
                opens)
        + prefix.formatted(checkpoints().toUri(), savepoints().toUri());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  Path checkpoints() {
    return folder.resolve("checkpoints");
  }

  Path savepoints() {
    return folder.resolve("savepoints");
  }

  String address() {
    return "http://127.0.0.1:" + port;
  }

  JsonNode get(String path) throws Exception {
    return send(HttpRequest.newBuilder(URI.create(address() + path)).GET());
  }

  JsonNode post(String path, String body) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(address() + path))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  void cancel(String jobId) throws Exception {
    send(
        HttpRequest.newBuilder(URI.create(address() + "/jobs/" + jobId))
            .method("PATCH", HttpRequest.BodyPublishers.noBody()));
    awaitJob(jobId, "CANCELED");
  }

  private JsonNode send(HttpRequest.Builder request) throws Exception {
    HttpResponse<String> response =
        http.send(
            request.timeout(Duration.ofSeconds(10)).build(), HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() >= 300) {
      throw new IOException(response.statusCode() + " " + response.body());
    }
    return Json.parse(response.body().isEmpty() ? "{}" : response.body());
  }

  /** Asks until the answer is as wanted; a cluster that does not answer yet is asked again. */
  JsonNode await(String path, Predicate<JsonNode> wanted) throws Exception {
    long end = System.nanoTime() + DEADLINE.toNanos();
    Object last = null;
    while (System.nanoTime() < end) {
      if (processes.stream().anyMatch(process -> !process.isAlive())) {
        throw new AssertionError("The cluster died, see " + folder);
      }
      try {
        JsonNode answer = get(path);
        if (wanted.test(answer)) {
          return answer;
        }
        last = answer;
      } catch (IOException notYet) {
        last = notYet;
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    throw new AssertionError(
        "No such answer of " + path + " in " + DEADLINE + ", the last was " + last);
  }

  /** RUNNING means all tasks. */
  void awaitJob(String jobId, String state) throws Exception {
    await(
        "/jobs/overview",
        overview -> {
          for (JsonNode job : overview.get("jobs")) {
            boolean all =
                !state.equals("RUNNING")
                    || job.get("tasks").get("running").asInt()
                        == job.get("tasks").get("total").asInt();
            if (job.get("jid").asText().equals(jobId)
                && job.get("state").asText().equals(state)
                && all) {
              return true;
            }
          }
          return false;
        });
  }

  /** Its path. */
  String stopWithSavepoint(String jobId) throws Exception {
    String trigger =
        post("/jobs/" + jobId + "/stop", "{\"targetDirectory\":\"" + savepoints().toUri() + "\"}")
            .get("request-id")
            .asText();
    JsonNode done =
        await(
            "/jobs/" + jobId + "/savepoints/" + trigger,
            answer -> answer.get("status").get("id").asText().equals("COMPLETED"));
    return done.get("operation").get("location").asText();
  }

  @Override
  public void close() throws Exception {
    for (Process process : processes) {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
    for (Process process : processes) {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
      }
    }
  }
}
