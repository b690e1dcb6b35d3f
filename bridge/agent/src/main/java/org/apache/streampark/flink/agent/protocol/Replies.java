// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.protocol;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.streampark.flink.agent.protocol.AgentException.Code;

/** Writes the protocol's lines, whole and one at a time. Safe for use by several threads. */
final class Replies {
  /**
   * Members that programs read, where a mask would do harm: a password may be any word, and a plan
   * in which that word is replaced is no plan. None of them holds an option's value.
   */
  private static final Set<String> MACHINE_READ =
      Set.of(
          "plan",
          "planDigest",
          "id",
          "jobId",
          "uid",
          "code",
          "severity",
          "kind",
          "kinds",
          "type",
          "stage",
          "path",
          "address",
          "by",
          "runtimeMode",
          "flinkVersion",
          "line",
          "format",
          "identifier",
          "key",
          "name",
          "catalog",
          "database",
          "className",
          "suggestion",
          "enumValues",
          "keywords",
          "reserved",
          "missing",
          "files");

  private static final int TRACE_LINES = 40;
  private static final int LONGEST_LINE = 64 << 20;

  private final OutputStream out;
  private final Secrets secrets;

  Replies(OutputStream out, Secrets secrets) {
    this.out = out;
    this.secrets = secrets;
  }

  void ready(int protocol) {
    ObjectNode line = Json.object().put("id", 0);
    line.putObject("ready").put("protocol", protocol);
    write(line);
  }

  void progress(long id, String stage) {
    ObjectNode line = Json.object().put("id", id);
    line.putObject("progress").put("stage", stage);
    write(line);
  }

  void result(long id, ObjectNode result) {
    ObjectNode line = Json.object().put("id", id);
    line.set("result", result);
    write(line);
  }

  void error(long id, Throwable failure) {
    ObjectNode line = Json.object().put("id", id);
    ObjectNode error = line.putObject("error");
    Code code =
        failure instanceof AgentException known
            ? known.code()
            : failure instanceof OutOfMemoryError ? Code.OUT_OF_MEMORY : Code.INTERNAL;
    error.put("code", code.name());
    error.put("message", message(failure, code));
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    if (root != failure) {
      error.put("rootCause", String.valueOf(root.getMessage()));
    }
    if (code == Code.INTERNAL || failure.getCause() != null) {
      error.put("trace", trace(failure));
    }
    if (failure instanceof AgentException known) {
      if (known.statement() >= 0) {
        error.put("statement", known.statement());
      }
      if (known.position() != null) {
        Json.position(error.putObject("position"), known.position());
      }
      if (known.diagnostics() != null) {
        error.set("diagnostics", known.diagnostics());
      }
    }
    error.put("mayHaveHappened", code == Code.SUBMIT_UNKNOWN);
    write(line);
  }

  private static String message(Throwable failure, Code code) {
    if (code == Code.OUT_OF_MEMORY) {
      return "The agent's heap is too small for this.";
    }
    return code == Code.INTERNAL ? failure.toString() : failure.getMessage();
  }

  private static String trace(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString().lines().limit(TRACE_LINES).collect(Collectors.joining("\n"));
  }

  private void write(ObjectNode line) {
    try {
      byte[] bytes = Json.bytes(Json.mapTexts(line, MACHINE_READ, secrets::mask));
      if (bytes.length > LONGEST_LINE) {
        long id = line.get("id").asLong();
        error(
            id,
            new AgentException(
                Code.INTERNAL, "The answer is longer than " + LONGEST_LINE + " bytes."));
        return;
      }
      synchronized (out) {
        out.write(bytes);
        out.write('\n');
        out.flush();
      }
    } catch (IOException gone) {
      // Nobody reads any more: the parent died, and the end of standard input ends this process as
      // well.
      System.err.println("cannot answer: " + gone.getMessage());
    }
  }
}
