// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.streampark.flink.agent.protocol.Json;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the agent answers without a cluster: itself, plans, the class path's factories, options. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServicesIT {
  private static final String SCRIPT =
      """
      CREATE TABLE src (name STRING) WITH ('connector' = 'datagen');
      CREATE TABLE snk (name STRING, n BIGINT) WITH ('connector' = 'blackhole');
      INSERT INTO snk SELECT name, COUNT(*) FROM src GROUP BY name;
      """;

  private final Map<FlinkHome, AgentProcess> agents = new HashMap<>();
  private Path work;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    work = folder;
    for (FlinkHome home : FlinkHome.all()) {
      agents.put(home, new AgentProcess(home, work));
    }
  }

  @AfterAll
  void stop() throws IOException {
    for (AgentProcess agent : agents.values()) {
      agent.close();
    }
  }

  static List<FlinkHome> homes() {
    return FlinkHome.all();
  }

  private static ObjectNode options(String... keysAndValues) {
    ObjectNode options = Json.object();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      options.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    ObjectNode params = Json.object();
    params.set("options", options);
    return params;
  }

  @ParameterizedTest
  @MethodSource("homes")
  void saysWhoItIsAndEndsWithItsParent(FlinkHome home) throws Exception {
    AgentProcess agent = new AgentProcess(home, work);
    JsonNode hello = agent.call("hello", Json.object());
    assertEquals(home.version(), hello.get("flinkVersion").asText());
    assertEquals(home.line(), hello.get("line").asText());
    assertEquals(1, hello.get("protocol").asInt());
    agent.send("warm", Json.object());
    assertEquals(0, agent.endInput(), "also while it works");
  }

  @ParameterizedTest
  @MethodSource("homes")
  void warmsUpAndCancels(FlinkHome home) {
    AgentProcess agent = agents.get(home);
    assertTrue(agent.call("warm", Json.object()).get("millis").asLong() > 0);
    assertFalse(agent.call("cancel", Json.object().put("id", 1234567)).get("found").asBoolean());
    long explain = agent.send("explain", AgentProcess.script(SCRIPT));
    agent.call("cancel", Json.object().put("id", explain));
    JsonNode answer = agent.reply(explain);
    assertTrue(
        answer.has("result") || answer.get("error").get("code").asText().equals("CANCELLED"),
        answer.toString());
    assertTrue(
        agent.call("validate", AgentProcess.script(SCRIPT)).get("valid").asBoolean(),
        "a cancel harms nobody else");
  }

  @ParameterizedTest
  @MethodSource("homes")
  void explains(FlinkHome home) {
    JsonNode plan = agents.get(home).call("explain", AgentProcess.script(SCRIPT));
    assertTrue(plan.get("ast").asText().contains("LogicalSink"), plan.toString());
    assertTrue(plan.get("optimized").asText().contains("GroupAggregate"));
    assertTrue(plan.get("executionPlan").asText().contains("GroupAggregate"));
    assertTrue(plan.get("graph").get("nodes").size() > 2);
    assertEquals(
        "SCRIPT_INVALID",
        agents.get(home).fail("explain", AgentProcess.script("SELECT 1")).get("code").asText());
  }

  @ParameterizedTest
  @MethodSource("homes")
  void plansHoldNoSecrets(FlinkHome home) {
    String sql =
        """
SET 's3.secret-key' = 'scanTableSource';
CREATE TABLE src (name STRING) WITH ('connector' = 'filesystem', 'path' = '/nowhere', 'format' = 'csv', 'csv.password' = 'hunter22');
CREATE TABLE snk (name STRING) WITH ('connector' = 'blackhole');
INSERT INTO snk SELECT name FROM src /*+ OPTIONS('source.monitor-interval' = '1 s') */;
""";
    JsonNode compiled = agents.get(home).call("compile", AgentProcess.script(sql));
    String plan = compiled.get("plan").asText();
    assertTrue(plan.contains("csv.password") && plan.contains("******"), plan);
    assertFalse(plan.contains("hunter22"));
    assertTrue(plan.contains("scanTableSource"), "a secret may be a word of the plan");
  }

  @ParameterizedTest
  @MethodSource("homes")
  void listsConnectorsAndWords(FlinkHome home) {
    AgentProcess agent = agents.get(home);
    JsonNode connectors = agent.call("connectors", Json.object());
    assertEquals(0, connectors.get("broken").size(), connectors.get("broken").toString());
    Set<String> names = new HashSet<>();
    JsonNode filesystem = null;
    for (JsonNode factory : connectors.get("factories")) {
      names.add(factory.get("identifier").asText());
      filesystem = factory.get("identifier").asText().equals("filesystem") ? factory : filesystem;
    }
    assertTrue(
        names.containsAll(
            Set.of(
                "datagen",
                "blackhole",
                "print",
                "filesystem",
                "csv",
                "json",
                "raw",
                "generic_in_memory")),
        names.toString());
    assertEquals("[\"SINK\",\"SOURCE\"]", filesystem.get("kinds").toString());
    assertEquals("path", filesystem.get("requiredOptions").get(1).get("key").asText());
    assertTrue(agent.call("functions", Json.object()).get("functions").size() > 150);
    JsonNode words = agent.call("keywords", Json.object());
    assertTrue(
        words.get("reserved").toString().contains("\"SELECT\"")
            && words.get("keywords").size() > words.get("reserved").size());
  }

  @ParameterizedTest
  @MethodSource("homes")
  void checksClusterOptionsByFlinksRules(FlinkHome home) {
    AgentProcess agent = agents.get(home);
    JsonNode good =
        agent.call(
            "checkClusterOptions",
            options(
                "jobmanager.memory.process.size",
                "900m",
                "taskmanager.memory.process.size",
                "1400m",
                "taskmanager.numberOfTaskSlots",
                "4",
                "metrics.reporter.prom.factory.class",
                "x"));
    assertEquals(0, good.get("errors").size() + good.get("warnings").size(), good.toString());
    assertEquals(1400L << 20, good.get("taskManagerMemory").get("processBytes").asLong());
    assertEquals(900L << 20, good.get("jobManagerMemory").get("processBytes").asLong());
    assertEquals(4, good.get("numberOfSlots").asInt());

    JsonNode tooSmall =
        agent.call(
            "checkClusterOptions",
            options(
                "jobmanager.memory.process.size",
                "100m",
                "taskmanager.memory.process.size",
                "1400m"));
    assertEquals(
        "jobmanager.memory.process.size", tooSmall.get("errors").get(0).get("key").asText());
    assertFalse(tooSmall.has("jobManagerMemory"));

    JsonNode typo =
        agent
            .call(
                "checkClusterOptions",
                options(
                    "jobmanager.memory.proces.size",
                    "900m",
                    "rest.port",
                    "x",
                    "something.else",
                    "1"))
            .get("errors");
    assertEquals("jobmanager.memory.process.size", typo.get(0).get("suggestion").asText());
    assertEquals("rest.port", typo.get(1).get("key").asText());
  }

  @ParameterizedTest
  @MethodSource("homes")
  void checksJobOptions(FlinkHome home) {
    JsonNode result =
        agents
            .get(home)
            .call(
                "checkJobOptions",
                options(
                    "execution.checkpointing.interval",
                    "10 s",
                    "execution.checkpointing.mode",
                    "TWICE",
                    "rest.port",
                    "1",
                    "parallelism.defalt",
                    "2",
                    "table.exec.state.ttl",
                    "1 d",
                    "my.plugin",
                    "x"));
    Set<String> errors = new HashSet<>();
    result.get("errors").forEach(error -> errors.add(error.get("key").asText()));
    assertEquals(Set.of("execution.checkpointing.mode", "rest.port", "parallelism.defalt"), errors);
    assertEquals("my.plugin", result.get("warnings").get(0).get("key").asText());
  }
}
