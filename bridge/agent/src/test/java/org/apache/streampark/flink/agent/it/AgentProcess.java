// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.it;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.streampark.flink.agent.protocol.Json;

/** The built jar as a real process, started as the console starts it. */
final class AgentProcess implements AutoCloseable {
  private static final List<String> OPENS =
      List.of(
          "java.lang",
          "java.util",
          "java.util.concurrent",
          "java.net",
          "java.io",
          "java.nio",
          "java.time",
          "sun.net.util",
          "java.lang.reflect",
          "java.text",
          "java.util.concurrent.atomic",
          "java.util.concurrent.locks");
  private static final long SECONDS = 120;

  private final Process process;
  private final BufferedWriter requests;
  private final Path log;
  private final Map<Long, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private long lastId;

  AgentProcess(FlinkHome home, Path work, Path... jobJars) throws IOException {
    List<String> classPath = new ArrayList<>(List.of(System.getProperty("agent.jar")));
    for (Path jar : jobJars) {
      classPath.add(jar.toString());
    }
    classPath.add(home.path().resolve("lib") + "/*");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC"));
    OPENS.forEach(name -> command.add("--add-opens=java.base/" + name + "=ALL-UNNAMED"));
    command.addAll(
        List.of(
            "-cp",
            String.join(File.pathSeparator, classPath),
            "org.apache.streampark.flink.agent.Main"));
    log = work.resolve("agent-" + home.version() + "-" + System.nanoTime() + ".log");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
    builder.environment().put("FLINK_HOME", home.path().toString());
    builder.environment().put("FLINK_PLUGINS_DIR", home.path().resolve("plugins").toString());
    process = builder.start();
    requests =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    Thread reader = new Thread(this::read, "agent-replies");
    reader.setDaemon(true);
    reader.start();
    ready.orTimeout(SECONDS, TimeUnit.SECONDS).join();
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        // Whatever is not the protocol's makes this fail, and with it the test.
        JsonNode node = Json.parse(line);
        if (node.has("ready")) {
          ready.complete(null);
        } else if (!node.has("progress")) {
          waiting
              .computeIfAbsent(node.get("id").asLong(), none -> new CompletableFuture<>())
              .complete(node);
        }
      }
    } catch (IOException broken) {
      waiting.values().forEach(future -> future.completeExceptionally(broken));
    }
  }

  long send(String method, ObjectNode params) {
    long id;
    synchronized (requests) {
      id = ++lastId;
      waiting.computeIfAbsent(id, none -> new CompletableFuture<>());
      ObjectNode request = Json.object().put("id", id).put("method", method);
      request.set("params", params);
      try {
        requests.write(request + "\n");
        requests.flush();
      } catch (IOException gone) {
        throw new UncheckedIOException(gone);
      }
    }
    return id;
  }

  JsonNode reply(long id) {
    return waiting.get(id).orTimeout(SECONDS, TimeUnit.SECONDS).join();
  }

  /** The result; an error fails the test. */
  JsonNode call(String method, ObjectNode params) {
    JsonNode reply = reply(send(method, params));
    if (!reply.has("result")) {
      throw new AssertionError(method + " failed: " + reply);
    }
    return reply.get("result");
  }

  /** The error; a result fails the test. */
  JsonNode fail(String method, ObjectNode params) {
    JsonNode reply = reply(send(method, params));
    if (!reply.has("error")) {
      throw new AssertionError(method + " should have failed: " + reply);
    }
    return reply.get("error");
  }

  static ObjectNode script(String sql) {
    return Json.object().put("sql", sql);
  }

  String logText() throws IOException {
    return Files.readString(log);
  }

  /** Ends its input, as the death of its parent would, and returns its exit status. */
  int endInput() throws IOException, InterruptedException {
    requests.close();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      throw new AssertionError("The agent outlives its parent.");
    }
    return process.exitValue();
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
  }
}
