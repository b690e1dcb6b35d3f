// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Scripts in, diagnostics out, by the real planner of each installation. {@code goldens/NAME.sql}
 * is compared with {@code NAME.LINE.txt} where a line has its own, else with {@code NAME.txt}.
 * {@code -Dgoldens.write=true} writes what is missing or differs.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ValidateIT {
  private static final Path GOLDENS = Path.of("src/test/goldens");

  private final Map<FlinkHome, AgentProcess> agents = new HashMap<>();

  @BeforeAll
  void start(@TempDir Path work) throws IOException {
    for (FlinkHome home : FlinkHome.all()) {
      agents.put(
          home,
          new AgentProcess(home, Files.createDirectories(work), JobJar.of(Reverse.class, work)));
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

  static Stream<Arguments> goldens() throws IOException {
    try (Stream<Path> files = Files.list(GOLDENS)) {
      List<String> names =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(".sql"))
              .map(name -> name.substring(0, name.length() - 4))
              .sorted()
              .toList();
      return FlinkHome.all().stream()
          .flatMap(home -> names.stream().map(name -> Arguments.of(home, name)));
    }
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("goldens")
  void diagnosticsAreAsWritten(FlinkHome home, String name) throws IOException {
    // As bytes say, for one of them has Windows line ends.
    String sql = Files.readString(GOLDENS.resolve(name + ".sql"));
    String actual = text(agents.get(home).call("validate", AgentProcess.script(sql)));
    Path own = GOLDENS.resolve(name + "." + home.line() + ".txt");
    Path shared = GOLDENS.resolve(name + ".txt");
    Path golden = Files.exists(own) ? own : shared;
    if (Boolean.getBoolean("goldens.write")
        && !(Files.exists(golden) && Files.readString(golden).equals(actual))) {
      Files.writeString(Files.exists(shared) ? own : shared, actual);
      return;
    }
    assertEquals(Files.readString(golden), actual);
  }

  private static String text(JsonNode result) {
    StringBuilder out = new StringBuilder();
    for (JsonNode each : result.get("diagnostics")) {
      out.append(
          "%d:%d-%d:%d [%d] %s %s %s%n"
              .formatted(
                  each.get("line").asInt(),
                  each.get("column").asInt(),
                  each.get("endLine").asInt(),
                  each.get("endColumn").asInt(),
                  each.get("statementIndex").asInt(),
                  each.get("severity").asText(),
                  each.get("code").asText(),
                  each.get("message").asText().replace("\n", "\n    ")));
      if (each.has("hint")) {
        out.append("    hint: ").append(each.get("hint").asText()).append('\n');
      }
    }
    for (JsonNode table : result.get("tables")) {
      out.append(table.get("kind").asText()).append(' ').append(table.get("name").asText());
      for (JsonNode column : table.get("columns")) {
        out.append("\n    ")
            .append(column.get("name").asText())
            .append(' ')
            .append(column.get("type").asText())
            .append(column.get("nullable").asBoolean() ? "" : " NOT NULL");
        out.append(
            column.get("kind").asText().equals("PHYSICAL")
                ? ""
                : " " + column.get("kind").asText());
      }
      out.append('\n');
    }
    return out.append(result.get("valid").asBoolean() ? "valid\n" : "not valid\n").toString();
  }

  @ParameterizedTest
  @MethodSource("homes")
  void secretsAreNeverShown(FlinkHome home) throws IOException {
    String sql =
        """
SET 's3.secret-key' = 'opensesame';
CREATE TABLE a (id INT) WITH ('connector' = 'datagen', 'password' = 'hunter22', 'rows-per-second' = 'hunter22');
CREATE TABLE b (id INT) WITH ('connector' = 'blackhole');
INSERT INTO b SELECT id FROM a WHERE hunter22 = 1 AND opensesame;
""";
    AgentProcess agent = agents.get(home);
    String answers =
        agent.call("validate", AgentProcess.script(sql)).toString()
            + agent.fail("compile", AgentProcess.script(sql))
            + agent.logText();
    assertFalse(answers.contains("hunter22"), answers);
    assertFalse(answers.contains("opensesame"), answers);
    assertTrue(answers.contains("******"));
  }

  /** What a check does must leave no trace: not in the next call, not on disk. */
  @ParameterizedTest
  @MethodSource("homes")
  void runsNothing(FlinkHome home, @TempDir Path folder) throws IOException {
    String sql =
        """
CREATE TABLE a (id INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1');
CREATE TABLE b WITH ('connector' = 'filesystem', 'path' = '%s', 'format' = 'csv') AS SELECT * FROM a;
"""
            .formatted(folder.resolve("out").toUri());
    AgentProcess agent = agents.get(home);
    assertTrue(agent.call("validate", AgentProcess.script(sql)).get("valid").asBoolean());
    assertFalse(Files.exists(folder.resolve("out")));
    assertFalse(
        agent
            .call(
                "validate",
                AgentProcess.script(
                    "CREATE TABLE c (id INT) WITH ('connector' = 'blackhole'); INSERT INTO c SELECT"
                        + " id FROM a;"))
            .get("valid")
            .asBoolean());
  }

  @ParameterizedTest
  @MethodSource("homes")
  void knowsEveryStatement(FlinkHome home) {
    String sql =
        """
        CREATE DATABASE d; USE d;
        CREATE CATALOG m WITH ('type' = 'generic_in_memory');
        USE CATALOG m; USE CATALOG default_catalog;
        CREATE TEMPORARY FUNCTION rev AS 'org.apache.streampark.flink.agent.it.Reverse';
        CREATE TABLE a (id INT, name STRING) WITH ('connector' = 'datagen');
        CREATE TABLE b LIKE a (EXCLUDING OPTIONS);
        DROP TABLE b;
        ALTER TABLE a SET ('rows-per-second' = '5');
        CREATE TEMPORARY VIEW v AS SELECT rev(name) AS n FROM default_catalog.d.a;
        USE MODULES core;
        RESET 'parallelism.default';
        CREATE TABLE s (n STRING) WITH ('connector' = 'blackhole');
        EXECUTE STATEMENT SET BEGIN
          INSERT INTO s SELECT n FROM default_catalog.`default`.v;
          INSERT INTO s SELECT n FROM default_catalog.d.v;
        END;
        """
            .replace("default_catalog.`default`.v", "default_catalog.`d`.v")
            .replace("USE CATALOG default_catalog;", "USE CATALOG default_catalog; USE d;");
    JsonNode result = agents.get(home).call("validate", AgentProcess.script(sql));
    // A table without connector, as LIKE ... EXCLUDING OPTIONS makes, is the one thing wrong here.
    assertEquals(1, result.get("diagnostics").size(), result.get("diagnostics").toString());
    assertEquals("OPTION_MISSING", result.get("diagnostics").get(0).get("code").asText());
    assertEquals("rev", result.get("functions").get(0).asText());
  }
}
