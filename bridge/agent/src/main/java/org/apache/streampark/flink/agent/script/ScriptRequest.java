// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.script;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ArrayNode;
import org.apache.streampark.flink.agent.protocol.AgentException;
import org.apache.streampark.flink.agent.protocol.AgentException.Code;
import org.apache.streampark.flink.agent.protocol.Json;
import org.apache.streampark.flink.agent.protocol.Params;
import org.apache.streampark.flink.agent.protocol.Secrets;
import org.apache.streampark.flink.agent.sql.Script;
import org.apache.streampark.flink.agent.sql.Settings;
import org.apache.streampark.flink.agent.sql.Statement;
import org.apache.streampark.flink.agent.sql.StatementKind;

/**
 * A script with its options, as validate, explain, compile and submit are given it. Reading it
 * teaches {@link Secrets} what to mask.
 */
public record ScriptRequest(
    Script script, Map<String, String> options, Configuration configuration) {
  public static ScriptRequest read(Params params, Secrets secrets, String downloadFolder)
      throws AgentException {
    Script script = Script.split(params.text("sql"));
    Map<String, String> options = params.strings("options");
    learn(script, options, secrets);
    String mode = params.optionalText("runtimeMode").orElse("STREAMING");
    if (!mode.equals("STREAMING") && !mode.equals("BATCH")) {
      throw new AgentException(
          Code.BAD_REQUEST, "Parameter runtimeMode must be STREAMING or BATCH.");
    }
    return new ScriptRequest(script, options, JobOptions.of(script, options, mode, downloadFolder));
  }

  private static void learn(Script script, Map<String, String> options, Secrets secrets) {
    secrets.learn(options);
    for (Statement statement : script.statements()) {
      if (statement.kind() == StatementKind.SET) {
        Settings.read(statement)
            .ifPresent(setting -> secrets.learn(setting.key(), setting.value()));
      }
      OptionClause.of(statement)
          .forEach(option -> secrets.learn(option.key().value(), option.value().value()));
    }
  }

  /** Does any statement give a table other options by a hint? */
  public boolean hasOptionHints() {
    return script.statements().stream().anyMatch(statement -> !OptionHints.of(statement).isEmpty());
  }

  /**
   * A whole configuration for a session that only looks: this request's, with nothing in it that
   * would reach out.
   */
  public ScriptCheck check() {
    return ScriptCheck.run(script, new Configuration(configuration));
  }

  /** The check of a script that has to be right. */
  public ScriptCheck checkValid() throws AgentException {
    ScriptCheck check = check();
    if (!check.isValid()) {
      throw invalid(check);
    }
    if (check.sinks().isEmpty()) {
      throw invalid(check, "The script has no INSERT, so there is nothing to run.");
    }
    return check;
  }

  public static AgentException invalid(ScriptCheck check) {
    Diagnostic first =
        check.diagnostics().stream().filter(Diagnostic::isError).findFirst().orElseThrow();
    return invalid(check, first.message()).at(first.statement(), first.place());
  }

  private static AgentException invalid(ScriptCheck check, String message) {
    return new AgentException(Code.SCRIPT_INVALID, message).with(json(check.diagnostics()));
  }

  static ArrayNode json(Iterable<Diagnostic> diagnostics) {
    ArrayNode out = Json.array();
    diagnostics.forEach(each -> out.add(each.toJson()));
    return out;
  }

  public String runtimeMode() {
    return new HashMap<>(configuration.toMap()).getOrDefault("execution.runtime-mode", "STREAMING");
  }
}
