// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.plan;

import java.util.List;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.flink.table.api.ExplainDetail;
import org.apache.flink.table.api.ExplainFormat;
import org.apache.flink.table.operations.Operation;
import org.apache.streampark.flink.agent.protocol.Json;
import org.apache.streampark.flink.agent.protocol.Method;
import org.apache.streampark.flink.agent.protocol.Params;
import org.apache.streampark.flink.agent.protocol.Secrets;
import org.apache.streampark.flink.agent.script.ScriptCheck;
import org.apache.streampark.flink.agent.script.ScriptRequest;

/**
 * The method {@code explain}: the plans that Flink prints, cut into their sections, and the graph
 * as JSON.
 */
public final class Explain implements Method {
  private static final String AST = "== Abstract Syntax Tree ==";
  private static final String OPTIMIZED = "== Optimized Physical Plan ==";
  private static final String EXECUTION = "== Optimized Execution Plan ==";
  private static final String GRAPH = "== Physical Execution Plan ==";

  private final Secrets secrets;
  private final String downloadFolder;

  public Explain(Secrets secrets, String downloadFolder) {
    this.secrets = secrets;
    this.downloadFolder = downloadFolder;
  }

  @Override
  public ObjectNode call(Params params, Progress progress) throws Exception {
    long begin = System.nanoTime();
    ScriptRequest request = ScriptRequest.read(params, secrets, downloadFolder);
    progress.stage("PARSE");
    ScriptCheck check = request.checkValid();
    progress.stage("PLAN");
    List<Operation> operations =
        check.sinks().stream().map(ScriptCheck.Sink::operation).map(Operation.class::cast).toList();
    String text;
    try {
      text =
          check
              .session()
              .planner()
              .explain(operations, ExplainFormat.TEXT, ExplainDetail.JSON_EXECUTION_PLAN);
    } catch (RuntimeException wrong) {
      check.failed(check.sinks().get(0).statement(), wrong);
      throw ScriptRequest.invalid(check);
    }
    ObjectNode out =
        Json.object()
            .put("ast", section(text, AST, OPTIMIZED))
            .put("optimized", section(text, OPTIMIZED, EXECUTION))
            .put("executionPlan", section(text, EXECUTION, GRAPH));
    String graph = section(text, GRAPH, null);
    if (!graph.isEmpty()) {
      out.set("graph", Json.parse(graph));
    }
    return out.put("millis", (System.nanoTime() - begin) / 1_000_000);
  }

  private static String section(String text, String from, String to) {
    int start = text.indexOf(from);
    if (start < 0) {
      return "";
    }
    int end = to == null ? -1 : text.indexOf(to, start);
    return text.substring(start + from.length(), end < 0 ? text.length() : end).trim();
  }
}
