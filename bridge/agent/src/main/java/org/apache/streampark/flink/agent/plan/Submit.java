// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.plan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.dag.Pipeline;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.PipelineOptionsInternal;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ArrayNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.flink.table.api.PlanReference;
import org.apache.streampark.flink.agent.flink.Session;
import org.apache.streampark.flink.agent.protocol.AgentException;
import org.apache.streampark.flink.agent.protocol.AgentException.Code;
import org.apache.streampark.flink.agent.protocol.Json;
import org.apache.streampark.flink.agent.protocol.Method;
import org.apache.streampark.flink.agent.protocol.Params;
import org.apache.streampark.flink.agent.protocol.Secrets;
import org.apache.streampark.flink.agent.script.ScriptRequest;
import org.apache.streampark.flink.agent.script.ScriptRun;

/**
 * The method {@code submit}: one job, detached, to a session cluster, under an id of the caller's
 * choosing.
 */
public final class Submit implements Method {
  private static final int DEFAULT_TIMEOUT_MILLIS = 60_000;

  private final Secrets secrets;
  private final String downloadFolder;

  public Submit(Secrets secrets, String downloadFolder) {
    this.secrets = secrets;
    this.downloadFolder = downloadFolder;
  }

  @Override
  public ObjectNode call(Params params, Progress progress) throws Exception {
    Steps steps = new Steps(progress);
    JobID jobId = jobId(params.text("jobId"));
    int timeout =
        Math.toIntExact(
            params.optionalNumber("timeoutMillis").orElse((long) DEFAULT_TIMEOUT_MILLIS));
    List<String> addresses = params.list("restAddresses");
    ScriptRequest request = ScriptRequest.read(params, secrets, downloadFolder);
    Configuration configuration = request.configuration();
    configure(configuration, params, jobId);

    steps.begin("CONNECT");
    Endpoint endpoint = Endpoint.firstThatAnswers(addresses);
    endpoint.configure(configuration, timeout);

    steps.begin("PREPARE");
    Optional<String> plan = params.optionalText("plan");
    Session session = Session.open(configuration);
    ScriptRun run =
        plan.isPresent()
            ? ScriptRun.preamble(request.script(), session)
            : ScriptRun.whole(request.script(), session);

    steps.begin("PLAN");
    List<Transformation<?>> transformations =
        plan.isPresent() ? load(session, plan.get()) : run.translate();

    steps.begin("SUBMIT");
    JobClient client = send(session, transformations);
    ObjectNode out =
        Json.object()
            .put("jobId", client.getJobID().toHexString())
            .put("address", endpoint.address())
            .put("by", plan.isPresent() ? "PLAN" : "SQL");
    return steps.into(out);
  }

  private static JobClient send(Session session, List<Transformation<?>> transformations)
      throws AgentException {
    try {
      Pipeline pipeline =
          session
              .executor()
              .createPipeline(
                  transformations, session.environment().getConfig().getConfiguration(), "sql");
      return session.executor().executeAsync(pipeline);
    } catch (Exception | LinkageError failure) {
      throw SubmitFailure.classify(failure);
    }
  }

  /** Submits a script to an address without asking first whether anything listens there. */
  public void toEndpoint(String script, String address) throws AgentException {
    Params params = new Params(Json.object().put("sql", script));
    ScriptRequest request = ScriptRequest.read(params, secrets, downloadFolder);
    configure(request.configuration(), params, new JobID());
    Endpoint.parse(address).configure(request.configuration(), DEFAULT_TIMEOUT_MILLIS);
    Session session = Session.open(request.configuration());
    send(session, ScriptRun.whole(request.script(), session).translate());
  }

  private static JobID jobId(String text) throws AgentException {
    try {
      return JobID.fromHexString(text);
    } catch (IllegalArgumentException notHex) {
      throw new AgentException(Code.BAD_REQUEST, "Parameter jobId must be 32 hex digits.");
    }
  }

  private static void configure(Configuration configuration, Params params, JobID jobId)
      throws AgentException {
    configuration.set(DeploymentOptions.TARGET, "remote");
    configuration.set(DeploymentOptions.ATTACHED, false);
    configuration.set(PipelineOptionsInternal.PIPELINE_FIXED_JOB_ID, jobId.toHexString());
    params.optionalText("name").ifPresent(name -> configuration.set(PipelineOptions.NAME, name));
    params
        .optionalNumber("parallelism")
        .ifPresent(
            parallelism ->
                configuration.set(CoreOptions.DEFAULT_PARALLELISM, Math.toIntExact(parallelism)));
    Map<String, String> global = params.strings("globalParameters");
    if (!global.isEmpty()) {
      configuration.set(PipelineOptions.GLOBAL_JOB_PARAMETERS, global);
    }
    List<String> jars = new ArrayList<>();
    for (String jar : params.list("jars")) {
      if (!Files.isReadable(Path.of(jar))) {
        throw new AgentException(Code.BAD_REQUEST, "The jar " + jar + " cannot be read.");
      }
      jars.add(Path.of(jar).toUri().toString());
    }
    if (!jars.isEmpty()) {
      configuration.set(PipelineOptions.JARS, jars);
    }
    Optional<Params> restore = params.object("restore");
    if (restore.isPresent()) {
      restore(configuration, restore.get());
    }
  }

  /**
   * By key, for 1.20 knows these three under an older class and 2.x only under these names; both
   * read them.
   */
  private static void restore(Configuration configuration, Params restore) throws AgentException {
    String claim = restore.optionalText("claimMode").orElse("NO_CLAIM");
    if (!claim.equals("NO_CLAIM") && !claim.equals("CLAIM")) {
      throw new AgentException(
          Code.BAD_REQUEST, "Parameter restore.claimMode must be NO_CLAIM or CLAIM.");
    }
    configuration.setString("execution.state-recovery.path", restore.text("path"));
    configuration.setString("execution.state-recovery.claim-mode", claim);
    configuration.setString(
        "execution.state-recovery.ignore-unclaimed-state",
        String.valueOf(restore.flag("allowNonRestoredState")));
  }

  private static List<Transformation<?>> load(Session session, String plan) throws AgentException {
    try {
      StoredPlan stored = StoredPlan.parse(plan);
      stored.fillSecrets(session);
      return session
          .planner()
          .translatePlan(session.planner().loadPlan(PlanReference.fromJsonString(stored.text())));
    } catch (IOException | RuntimeException unusable) {
      Throwable root = unusable;
      while (root.getCause() != null) {
        root = root.getCause();
      }
      throw new AgentException(
          Code.PLAN_INVALID, "The stored plan cannot be loaded: " + root.getMessage(), unusable);
    }
  }

  /** How long each part took, told as progress when it begins. */
  private static final class Steps {
    private final Progress progress;
    private final ArrayNode done = Json.array();
    private final long begin = System.nanoTime();
    private String name;
    private long since;

    Steps(Progress progress) {
      this.progress = progress;
    }

    void begin(String next) {
      end();
      name = next;
      since = System.nanoTime();
      progress.stage(next);
    }

    private void end() {
      if (name != null) {
        done.addObject().put("name", name).put("millis", (System.nanoTime() - since) / 1_000_000);
      }
    }

    ObjectNode into(ObjectNode out) {
      end();
      out.set("steps", done);
      return out.put("millis", (System.nanoTime() - begin) / 1_000_000);
    }
  }
}
