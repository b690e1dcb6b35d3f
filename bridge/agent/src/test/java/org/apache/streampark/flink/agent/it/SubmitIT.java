// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.streampark.flink.agent.protocol.Json;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Jobs on a real session cluster of each installation, from the script to the snapshot and back.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SubmitIT {
  private static final String TABLES =
      """
SET 'execution.checkpointing.interval' = '300 ms';
CREATE TEMPORARY FUNCTION rev AS 'org.apache.streampark.flink.agent.it.Reverse';
CREATE TABLE src (id BIGINT NOT NULL, name STRING) WITH ('connector' = 'datagen', 'rows-per-second' = '200', 'fields.name.length' = '1');
CREATE TEMPORARY TABLE snk (name STRING, n BIGINT) WITH ('connector' = 'blackhole');
CREATE TABLE ids (id BIGINT) WITH ('connector' = 'blackhole');
""";
  private static final String SCRIPT =
      TABLES
          + """
          BEGIN STATEMENT SET;
          INSERT INTO snk SELECT rev(name), COUNT(*) FROM src GROUP BY rev(name);
          INSERT INTO ids SELECT id FROM src WHERE id > 5;
          END;
          """;

  private record Site(AgentProcess agent, SessionCluster cluster, Path jar) {}

  private final Map<FlinkHome, Site> sites = new LinkedHashMap<>();

  @BeforeAll
  void start(@TempDir Path work) throws Exception {
    Path jar = JobJar.of(Reverse.class, work);
    for (FlinkHome home : FlinkHome.all()) {
      sites.put(
          home,
          new Site(
              new AgentProcess(home, work, jar),
              new SessionCluster(home, Files.createDirectories(work.resolve(home.version()))),
              jar));
    }
  }

  @AfterAll
  void stop() throws Exception {
    for (Site site : sites.values()) {
      site.agent().close();
      site.cluster().close();
    }
  }

  static List<FlinkHome> homes() {
    return FlinkHome.all();
  }

  private static String newJobId() {
    return UUID.randomUUID().toString().replace("-", "");
  }

  private static ObjectNode submit(Site site, String jobId, String sql) {
    ObjectNode params =
        AgentProcess.script(sql).put("jobId", jobId).put("name", "a job").put("parallelism", 1);
    // The first address answers nobody.
    params.set(
        "restAddresses", Json.strings(List.of("http://127.0.0.1:1", site.cluster().address())));
    params.set("jars", Json.strings(List.of(site.jar().toString())));
    return params;
  }

  private static ObjectNode path(String path) {
    return Json.object().put("path", path);
  }

  private static Set<String> ids(JsonNode operators) {
    Set<String> out = new HashSet<>();
    operators.forEach(operator -> out.add(operator.get("id").asText()));
    return out;
  }

  @ParameterizedTest
  @MethodSource("homes")
  void aStoredPlanGoesOnFromASavepoint(FlinkHome home) throws Exception {
    Site site = sites.get(home);
    JsonNode compiled = site.agent().call("compile", AgentProcess.script(SCRIPT));
    assertTrue(compiled.get("compilable").asBoolean(), compiled.toString());
    String plan = compiled.get("plan").asText();

    String first = newJobId();
    ObjectNode globals = Json.object().put("streampark.job", "j 1");
    JsonNode submitted =
        site.agent()
            .call(
                "submit",
                submit(site, first, SCRIPT)
                    .put("plan", plan)
                    .<ObjectNode>set("globalParameters", globals));
    assertEquals(first, submitted.get("jobId").asText());
    assertEquals("PLAN", submitted.get("by").asText());
    assertEquals(site.cluster().address(), submitted.get("address").asText());
    site.cluster().awaitJob(first, "RUNNING");
    assertEquals("a job", site.cluster().get("/jobs/" + first).get("name").asText());
    assertEquals(
        "j 1",
        site.cluster()
            .get("/jobs/" + first + "/config")
            .get("execution-config")
            .get("user-config")
            .get("streampark.job")
            .asText());

    JsonNode twice = site.agent().fail("submit", submit(site, first, SCRIPT).put("plan", plan));
    assertEquals("DUPLICATE_JOB", twice.get("code").asText());

    site.cluster()
        .await(
            "/jobs/" + first + "/checkpoints",
            checkpoints -> checkpoints.get("counts").get("completed").asInt() > 0);
    String savepoint = site.cluster().stopWithSavepoint(first);
    JsonNode inspected = site.agent().call("snapshot.inspect", path(savepoint));
    assertTrue(inspected.get("complete").asBoolean(), inspected.toString());
    assertEquals("SAVEPOINT", inspected.get("kind").asText());
    assertEquals("CANONICAL", inspected.get("format").asText());
    assertTrue(inspected.get("bytes").asLong() > 0);
    // What the plan names is what the snapshot holds: the proof that a restore will fit.
    assertTrue(
        ids(compiled.get("operators")).containsAll(ids(inspected.get("operators"))),
        compiled.get("operators") + " " + inspected.get("operators"));

    String second = newJobId();
    ObjectNode restore = path(savepoint).put("claimMode", "NO_CLAIM");
    site.agent()
        .call(
            "submit",
            submit(site, second, SCRIPT)
                .put("plan", plan)
                .put("parallelism", 2)
                .<ObjectNode>set("restore", restore));
    site.cluster().awaitJob(second, "RUNNING");
    JsonNode restored =
        site.cluster().get("/jobs/" + second + "/checkpoints").get("latest").get("restored");
    assertEquals(
        Path.of(java.net.URI.create(savepoint)),
        Path.of(java.net.URI.create(restored.get("external_path").asText())));
    site.cluster().cancel(second);
    assertEquals(
        "DUPLICATE_JOB",
        site.agent().fail("submit", submit(site, second, SCRIPT)).get("code").asText(),
        "also after its end");
  }

  @ParameterizedTest
  @MethodSource("homes")
  void anUnrelatedEditKeepsTheState(FlinkHome home) throws Exception {
    Site site = sites.get(home);
    JsonNode before = site.agent().call("compile", AgentProcess.script(SCRIPT));
    JsonNode again = site.agent().call("compile", AgentProcess.script(SCRIPT));
    assertEquals(
        before.get("planDigest"), again.get("planDigest"), "the same script is the same plan");

    String edited =
        TABLES
            + """
            -- an INSERT before the others
            CREATE TABLE more (id BIGINT) WITH ('connector' = 'blackhole');
            BEGIN STATEMENT SET;
            INSERT INTO more SELECT id FROM src WHERE name = 'a';
            INSERT INTO snk SELECT rev(name), COUNT(*) FROM src GROUP BY rev(name);
            INSERT INTO ids SELECT id FROM src WHERE id > 6;
            END;
            """;
    String job = newJobId();
    site.agent().call("submit", submit(site, job, SCRIPT).put("plan", before.get("plan").asText()));
    site.cluster().awaitJob(job, "RUNNING");
    String savepoint = site.cluster().stopWithSavepoint(job);

    JsonNode after =
        site.agent()
            .call(
                "compile",
                AgentProcess.script(edited)
                    .<ObjectNode>set(
                        "previousPlans", Json.array().add(before.get("plan").asText())));
    assertNotEquals(before.get("planDigest"), after.get("planDigest"));
    String next = newJobId();
    ObjectNode restore = path(savepoint);
    // Not allowed to leave any state behind: the aggregate must find its own.
    site.agent()
        .call(
            "submit",
            submit(site, next, edited)
                .put("plan", after.get("plan").asText())
                .<ObjectNode>set("restore", restore));
    site.cluster().awaitJob(next, "RUNNING");
    site.cluster().cancel(next);
  }

  @ParameterizedTest
  @MethodSource("homes")
  void withoutAPlanTheScriptItselfRuns(FlinkHome home) throws Exception {
    Site site = sites.get(home);
    String job = newJobId();
    JsonNode submitted = site.agent().call("submit", submit(site, job, SCRIPT));
    assertEquals("SQL", submitted.get("by").asText());
    site.cluster().awaitJob(job, "RUNNING");
    site.cluster()
        .await(
            "/jobs/" + job + "/checkpoints",
            checkpoints -> checkpoints.get("counts").get("completed").asInt() > 0);

    JsonNode listed =
        site.agent()
            .call(
                "snapshot.list", Json.object().put("dir", site.cluster().checkpoints().toString()))
            .get("snapshots");
    JsonNode checkpoint = null;
    for (JsonNode each : listed) {
      checkpoint =
          each.get("jobId").asText().equals(job)
                  && each.get("complete").asBoolean()
                  && checkpoint == null
              ? each
              : checkpoint;
    }
    assertEquals("CHECKPOINT", checkpoint.get("kind").asText());
    site.cluster().cancel(job);
  }

  @ParameterizedTest
  @MethodSource("homes")
  void checkpointsAreInspectedAndDeletedWhole(FlinkHome home) throws Exception {
    Site site = sites.get(home);
    String job = newJobId();
    ObjectNode params = submit(site, job, SCRIPT);
    params.set(
        "options",
        Json.object()
            .put(
                "execution.checkpointing.externalized-checkpoint-retention",
                "RETAIN_ON_CANCELLATION")
            .put("state.storage.fs.memory-threshold", "0"));
    site.agent().call("submit", params);
    site.cluster().awaitJob(job, "RUNNING");
    site.cluster()
        .await(
            "/jobs/" + job + "/checkpoints",
            checkpoints -> checkpoints.get("counts").get("completed").asInt() > 1);
    site.cluster().cancel(job);

    ObjectNode folder =
        Json.object().put("dir", site.cluster().checkpoints().resolve(job).toString());
    JsonNode newest = site.agent().call("snapshot.list", folder).get("snapshots").get(0);
    Path checkpoint =
        Path.of(
            java.net.URI.create(
                newest.get("path").asText().replaceFirst("^(?:file:)?/+", "file:/")));
    JsonNode inspected =
        site.agent().call("snapshot.inspect", path(checkpoint.toString()).put("files", true));
    assertEquals("CHECKPOINT", inspected.get("kind").asText());
    assertEquals(newest.get("checkpointId"), inspected.get("checkpointId"));
    assertTrue(
        inspected.get("complete").asBoolean() && inspected.get("files").size() > 0,
        inspected.toString());

    Path foreign = Files.writeString(checkpoint.resolve("notes.txt"), "mine");
    assertEquals(
        "SNAPSHOT_REFUSED",
        site.agent().fail("snapshot.delete", path(checkpoint.toString())).get("code").asText());
    Files.delete(foreign);

    Path state =
        Path.of(
            java.net.URI.create(
                inspected.get("files").get(0).asText().replaceFirst("^file:/+", "file:/")));
    Path aside = Files.move(state, state.resolveSibling("aside"));
    JsonNode broken = site.agent().call("snapshot.inspect", path(checkpoint.toString()));
    assertFalse(broken.get("complete").asBoolean());
    assertEquals(1, broken.get("missing").size());
    Files.move(aside, state);

    assertTrue(
        site.agent()
            .call("snapshot.delete", path(checkpoint.toString()))
            .get("deleted")
            .asBoolean());
    assertFalse(Files.exists(checkpoint));
    assertFalse(
        site.agent()
            .call("snapshot.delete", path(checkpoint.toString()))
            .get("deleted")
            .asBoolean());
    assertFalse(
        site.agent()
            .call("snapshot.inspect", path(checkpoint.toString()))
            .get("exists")
            .asBoolean());
  }

  @ParameterizedTest
  @MethodSource("homes")
  void refusesToDeleteWhatIsNoSnapshot(FlinkHome home, @TempDir Path folder) throws Exception {
    AgentProcess agent = sites.get(home).agent();
    Path lookalike = Files.createDirectories(folder.resolve("savepoint-abc"));
    Files.writeString(lookalike.resolve("_metadata"), "no metadata at all");
    for (String path : List.of("/", "/tmp", folder.toString(), lookalike.toString())) {
      assertEquals(
          "SNAPSHOT_REFUSED", agent.fail("snapshot.delete", path(path)).get("code").asText(), path);
    }
    assertTrue(Files.exists(lookalike.resolve("_metadata")));
    JsonNode corrupt = agent.call("snapshot.inspect", path(lookalike.toString()));
    assertTrue(corrupt.get("exists").asBoolean());
    assertFalse(corrupt.get("complete").asBoolean());
  }

  @ParameterizedTest
  @MethodSource("homes")
  void hintsHoldInAStoredPlan(FlinkHome home) throws Exception {
    Site site = sites.get(home);
    String sql =
        """
        CREATE TABLE src (id BIGINT) WITH ('connector' = 'datagen');
        CREATE TABLE snk (id BIGINT) WITH ('connector' = 'blackhole');
        INSERT INTO snk SELECT id FROM src /*+ OPTIONS('number-of-rows' = '10') */;
        """;
    JsonNode compiled = site.agent().call("compile", AgentProcess.script(sql));
    String job = newJobId();
    site.agent().call("submit", submit(site, job, sql).put("plan", compiled.get("plan").asText()));
    site.cluster().awaitJob(job, "FINISHED");

    JsonNode lost =
        site.agent()
            .call(
                "compile",
                AgentProcess.script(sql.replace("CREATE TABLE src", "CREATE TEMPORARY TABLE src")));
    assertFalse(lost.get("compilable").asBoolean());
    assertEquals(2, lost.get("notCompilable").get(0).get("statementIndex").asInt());
  }

  @ParameterizedTest
  @MethodSource("homes")
  void createTableAsRunsBothWays(FlinkHome home) throws Exception {
    Site site = sites.get(home);
    String sql =
        """
        CREATE TABLE src (id BIGINT) WITH ('connector' = 'datagen', 'number-of-rows' = '10');
        CREATE TABLE snk WITH ('connector' = 'blackhole') AS SELECT id FROM src;
        """;
    String plan = site.agent().call("compile", AgentProcess.script(sql)).get("plan").asText();
    for (ObjectNode params :
        List.of(submit(site, newJobId(), sql).put("plan", plan), submit(site, newJobId(), sql))) {
      site.agent().call("submit", params);
      site.cluster().awaitJob(params.get("jobId").asText(), "FINISHED");
    }
  }

  @ParameterizedTest
  @MethodSource("homes")
  void batchRunsByPlanWhereTheLineHasIt(FlinkHome home, @TempDir Path folder) throws Exception {
    Site site = sites.get(home);
    String sql =
        """
SET 'execution.runtime-mode' = 'BATCH';
CREATE TABLE src (id BIGINT) WITH ('connector' = 'datagen', 'number-of-rows' = '10');
CREATE TABLE snk (n BIGINT) WITH ('connector' = 'filesystem', 'path' = '%s', 'format' = 'csv');
INSERT INTO snk SELECT COUNT(*) FROM src;
"""
            .formatted(folder.toUri());
    JsonNode compiled = site.agent().call("compile", AgentProcess.script(sql));
    assertEquals(
        home.isLine2(),
        compiled.get("compilable").asBoolean(),
        compiled.get("notCompilable").toString());
    ObjectNode params = submit(site, newJobId(), sql);
    if (compiled.has("plan")) {
      params.put("plan", compiled.get("plan").asText());
    }
    site.agent().call("submit", params);
    site.cluster().awaitJob(params.get("jobId").asText(), "FINISHED");
    try (Stream<Path> files = Files.walk(folder)) {
      Path result = files.filter(Files::isRegularFile).findFirst().orElseThrow();
      assertEquals("10", Files.readString(result).trim());
    }
  }

  @ParameterizedTest
  @MethodSource("homes")
  void failuresSayWhatTheyMean(FlinkHome home) throws Exception {
    Site site = sites.get(home);
    ObjectNode nowhere = submit(site, newJobId(), SCRIPT);
    nowhere.set("restAddresses", Json.strings(List.of("http://127.0.0.1:1")));
    assertEquals("CLUSTER_UNREACHABLE", site.agent().fail("submit", nowhere).get("code").asText());

    ObjectNode lost = submit(site, newJobId(), SCRIPT);
    lost.set("restore", path("file:///nowhere/savepoint-1"));
    JsonNode rejected = site.agent().fail("submit", lost);
    assertEquals("SUBMIT_REJECTED", rejected.get("code").asText());
    assertTrue(
        rejected.get("message").asText().contains("/nowhere/savepoint-1"), rejected.toString());

    assertEquals(
        "PLAN_INVALID",
        site.agent()
            .fail("submit", submit(site, newJobId(), SCRIPT).put("plan", "{}"))
            .get("code")
            .asText());
    JsonNode wrong =
        site.agent()
            .fail(
                "submit",
                submit(site, newJobId(), SCRIPT.replace("FROM src WHERE", "FROM nosuch WHERE")));
    assertEquals("SCRIPT_INVALID", wrong.get("code").asText());
    assertEquals(8, wrong.get("position").get("line").asInt());

    ObjectNode forbidden = submit(site, newJobId(), SCRIPT);
    forbidden.set("options", Json.object().put("rest.port", "1"));
    assertEquals("OPTION_INVALID", site.agent().fail("submit", forbidden).get("code").asText());
    assertEquals(
        "BAD_REQUEST", site.agent().fail("submit", submit(site, "x", SCRIPT)).get("code").asText());
  }
}
