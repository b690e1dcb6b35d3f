// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonProcessingException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ArrayNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.flink.table.api.PlanReference;
import org.apache.flink.table.delegation.InternalPlan;
import org.apache.streampark.flink.agent.flink.FlinkLine;
import org.apache.streampark.flink.agent.protocol.AgentException;
import org.apache.streampark.flink.agent.protocol.Json;
import org.apache.streampark.flink.agent.protocol.Method;
import org.apache.streampark.flink.agent.protocol.Params;
import org.apache.streampark.flink.agent.protocol.Secrets;
import org.apache.streampark.flink.agent.script.ScriptCheck;
import org.apache.streampark.flink.agent.script.ScriptRequest;
import org.apache.streampark.flink.agent.sql.Statement;

/**
 * The method {@code compile}: Flink's own compiled plan of a script's INSERTs as one statement set.
 */
public final class Compile implements Method {
  private static final String CATALOG_OBJECTS = "table.plan.compile.catalog-objects";

  private final Secrets secrets;
  private final String downloadFolder;

  public Compile(Secrets secrets, String downloadFolder) {
    this.secrets = secrets;
    this.downloadFolder = downloadFolder;
  }

  @Override
  public ObjectNode call(Params params, Progress progress) throws Exception {
    long begin = System.nanoTime();
    ScriptRequest request = ScriptRequest.read(params, secrets, downloadFolder);
    List<StoredPlan> before = previous(params);
    int highest = Math.toIntExact(params.optionalNumber("highestNumber").orElse(0L));
    if (!request.configuration().containsKey(CATALOG_OBJECTS)) {
      // Tables are found again by name when the plan is loaded, for the script's DDL runs before.
      // Only a hint's options would be lost that way.
      request
          .configuration()
          .setString(CATALOG_OBJECTS, request.hasOptionHints() ? "ALL" : "IDENTIFIER");
    }
    progress.stage("PARSE");
    ScriptCheck check = request.checkValid();
    progress.stage("PLAN");
    ObjectNode out =
        Json.object()
            .put("flinkVersion", FlinkLine.version())
            .put("runtimeMode", request.runtimeMode());
    ArrayNode notCompilable = Json.array();
    for (Statement statement : check.hintsLostInPlans()) {
      notCompilable
          .addObject()
          .put("statementIndex", statement.index())
          .put("reason", "A compiled plan would lose the OPTIONS hint on a temporary table.");
    }
    Optional<StoredPlan> plan =
        notCompilable.isEmpty() ? compile(check, notCompilable) : Optional.empty();
    out.put("compilable", plan.isPresent());
    if (plan.isPresent()) {
      highest = plan.get().renumber(before, highest);
      plan.get().hideSecrets();
      String text = plan.get().text();
      out.put("plan", text).put("planDigest", StoredPlan.digest(text));
      plan.get().fillSecrets(check.session());
      InternalPlan loaded =
          check.session().planner().loadPlan(PlanReference.fromJsonString(plan.get().text()));
      out.set(
          "operators",
          Operators.of(check.session(), check.session().planner().translatePlan(loaded)));
    } else {
      // Still has to be a job that can run: what only the optimiser refuses is the user's to mend.
      out.set("operators", Operators.of(check.session(), translate(check)));
    }
    out.put("highestNumber", highest).set("notCompilable", notCompilable);
    return out.put("millis", (System.nanoTime() - begin) / 1_000_000);
  }

  private static List<StoredPlan> previous(Params params) throws AgentException {
    List<StoredPlan> plans = new ArrayList<>();
    for (String text : params.list("previousPlans")) {
      try {
        plans.add(StoredPlan.parse(text));
      } catch (JsonProcessingException | IllegalArgumentException broken) {
        throw new AgentException(
            AgentException.Code.BAD_REQUEST,
            "Parameter previousPlans holds something that is not a compiled plan.",
            broken);
      }
    }
    return plans;
  }

  /** Empty, with the reasons, when the planner cannot write this script down. */
  private static Optional<StoredPlan> compile(ScriptCheck check, ArrayNode reasons)
      throws JsonProcessingException {
    String json;
    try {
      json =
          check
              .session()
              .planner()
              .compilePlan(check.sinks().stream().map(ScriptCheck.Sink::operation).toList())
              .asJsonString();
    } catch (RuntimeException failure) {
      explainFailure(check, failure, reasons);
      return Optional.empty();
    }
    return Optional.of(StoredPlan.parse(json));
  }

  /** The optimiser's own complaints become diagnostics of the statement that they are about. */
  private static List<Transformation<?>> translate(ScriptCheck check) throws AgentException {
    try {
      return check
          .session()
          .planner()
          .translate(check.sinks().stream().map(ScriptCheck.Sink::operation).toList());
    } catch (RuntimeException wrong) {
      for (ScriptCheck.Sink sink : check.sinks()) {
        try {
          check.session().planner().translate(List.of(sink.operation()));
        } catch (RuntimeException itsOwn) {
          check.failed(sink.statement(), itsOwn);
        }
      }
      if (check.isValid()) {
        check.failed(check.sinks().get(0).statement(), wrong);
      }
      throw ScriptRequest.invalid(check);
    }
  }

  private static void explainFailure(ScriptCheck check, RuntimeException failure, ArrayNode out) {
    for (ScriptCheck.Sink sink : check.sinks()) {
      try {
        check.session().planner().compilePlan(List.of(sink.operation())).asJsonString();
      } catch (RuntimeException itsOwn) {
        out.addObject()
            .put("statementIndex", sink.statement().index())
            .put("reason", reason(itsOwn));
      }
    }
    if (out.isEmpty()) {
      out.addObject()
          .put("statementIndex", check.sinks().get(0).statement().index())
          .put("reason", reason(failure));
    }
  }

  private static String reason(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.toString() : root.getMessage();
  }
}
