// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonProcessingException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.streampark.flink.agent.protocol.AgentException.Code;

/** Reads requests, runs them on a few threads, answers each once. PROTOCOL.md is the contract. */
public final class Server {
  public static final int PROTOCOL = 1;
  private static final int LONGEST_LINE = 64 << 20;
  private static final int WORKERS = 4;
  private static final int EXIT_OUT_OF_MEMORY = 3;

  private final InputStream in;
  private final Replies replies;
  private final Map<String, Method> methods;
  private final Map<Long, Running> running = new ConcurrentHashMap<>();
  private final ExecutorService workers;

  /**
   * A request from its arrival to its answer. The lock makes an interrupt reach the request it is
   * meant for and no later one.
   */
  private static final class Running {
    private boolean cancelled;
    private Thread thread;

    synchronized boolean begin() {
      thread = Thread.currentThread();
      return !cancelled;
    }

    synchronized boolean end() {
      thread = null;
      Thread.interrupted();
      return cancelled;
    }

    synchronized void cancel() {
      cancelled = true;
      if (thread != null) {
        thread.interrupt();
      }
    }
  }

  public Server(InputStream in, OutputStream out, Map<String, Method> methods, Secrets secrets) {
    this.in = in;
    this.replies = new Replies(out, secrets);
    this.methods = methods;
    this.workers = Executors.newFixedThreadPool(WORKERS, Server::worker);
  }

  private static Thread worker(Runnable body) {
    Thread thread = new Thread(body, "agent-worker");
    thread.setDaemon(true);
    return thread;
  }

  /** Returns when the input ends, whatever is still running. */
  public void run() throws IOException {
    replies.ready(PROTOCOL);
    LineReader lines = new LineReader(in, LONGEST_LINE);
    for (LineReader.Line line = lines.next(); line != null; line = lines.next()) {
      if (line.text() == null) {
        replies.error(
            0,
            new AgentException(
                Code.BAD_REQUEST, "A line may have at most " + LONGEST_LINE + " bytes."));
      } else if (!line.text().isBlank()) {
        accept(line.text());
      }
    }
  }

  private void accept(String line) {
    JsonNode request;
    try {
      request = Json.parse(line);
    } catch (JsonProcessingException notJson) {
      // The parser's message quotes the line, which may hold secrets.
      replies.error(0, new AgentException(Code.BAD_REQUEST, "Not a JSON object."));
      return;
    }
    JsonNode idNode = request.get("id");
    long id =
        idNode != null && idNode.canConvertToLong() && idNode.isIntegralNumber()
            ? idNode.asLong()
            : 0;
    JsonNode name = request.get("method");
    JsonNode params = request.has("params") ? request.get("params") : Json.object();
    if (id <= 0 || name == null || !name.isTextual() || !params.isObject()) {
      replies.error(
          id,
          new AgentException(
              Code.BAD_REQUEST, "A request has a positive id, a method and an object of params."));
      return;
    }
    if (name.asText().equals("cancel")) {
      cancel(id, params);
      return;
    }
    Method method = methods.get(name.asText());
    if (method == null) {
      replies.error(
          id, new AgentException(Code.UNKNOWN_METHOD, "There is no method " + name.asText() + "."));
      return;
    }
    Running entry = new Running();
    if (running.putIfAbsent(id, entry) != null) {
      replies.error(
          id, new AgentException(Code.BAD_REQUEST, "Request " + id + " is in flight already."));
      return;
    }
    workers.execute(() -> work(id, entry, method, new Params(params)));
  }

  private void cancel(long id, JsonNode params) {
    Running target = running.get(params.path("id").asLong());
    if (target != null) {
      target.cancel();
    }
    replies.result(id, Json.object().put("found", target != null));
  }

  private void work(long id, Running entry, Method method, Params params) {
    ObjectNode result = null;
    Throwable failure = null;
    boolean wanted = entry.begin();
    if (wanted) {
      try {
        result = method.call(params, stage -> replies.progress(id, stage));
      } catch (Throwable any) {
        failure = any;
      }
    }
    boolean cancelled = entry.end();
    running.remove(id);
    if (result != null) {
      replies.result(id, result);
    } else if (cancelled && !isSubmitUnknown(failure)) {
      replies.error(id, new AgentException(Code.CANCELLED, "Cancelled."));
    } else {
      replies.error(id, failure);
    }
    if (failure instanceof OutOfMemoryError) {
      Runtime.getRuntime().halt(EXIT_OUT_OF_MEMORY);
    }
  }

  /** A cancelled submit that may have reached the cluster has to say so. */
  private static boolean isSubmitUnknown(Throwable failure) {
    return failure instanceof AgentException known && known.code() == Code.SUBMIT_UNKNOWN;
  }
}
