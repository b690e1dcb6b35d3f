// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.script;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.streampark.flink.agent.flink.ForbiddenOptions;
import org.apache.streampark.flink.agent.flink.Session;
import org.apache.streampark.flink.agent.options.KnownOptions;
import org.apache.streampark.flink.agent.protocol.AgentException;
import org.apache.streampark.flink.agent.protocol.AgentException.Code;
import org.apache.streampark.flink.agent.sql.Script;
import org.apache.streampark.flink.agent.sql.Settings;
import org.apache.streampark.flink.agent.sql.Statement;
import org.apache.streampark.flink.agent.sql.StatementKind;

/**
 * The configuration of a job: the request's options, then what the script sets. Keys under {@code
 * table.} and {@code sql-client.} take effect where their SET stands, so they are left to the
 * session; all others configure the job as a whole, and the last SET wins.
 */
public final class JobOptions {
  private static final String RUNTIME_MODE = "execution.runtime-mode";

  private JobOptions() {}

  /** A setting that acts on the statements after it. */
  static boolean isPositional(String key) {
    return key.startsWith("table.") || key.startsWith("sql-client.");
  }

  /**
   * Forbidden keys in {@code options} are refused; those in the script are left out, ScriptRules
   * names them.
   */
  public static Configuration of(
      Script script, Map<String, String> options, String runtimeMode, String downloadFolder)
      throws AgentException {
    Map<String, String> all = new LinkedHashMap<>();
    all.put(RUNTIME_MODE, runtimeMode);
    for (var option : options.entrySet()) {
      var reason = ForbiddenOptions.reason(option.getKey());
      if (reason.isPresent()) {
        throw new AgentException(
            Code.OPTION_INVALID,
            "The option '" + option.getKey() + "' may not be set: " + reason.get() + ".");
      }
      var problem = KnownOptions.ofClassPath().problem(option.getKey(), option.getValue());
      if (problem.isPresent()) {
        throw new AgentException(Code.OPTION_INVALID, problem.get());
      }
      all.put(option.getKey(), option.getValue());
    }
    Map<String, String> base = Map.copyOf(all);
    for (Statement statement : script.statements()) {
      if (statement.kind() == StatementKind.SET) {
        Settings.read(statement)
            .filter(JobOptions::applies)
            .ifPresent(setting -> all.put(setting.key(), setting.value()));
      } else if (statement.kind() == StatementKind.RESET) {
        Settings.resetKey(statement)
            .ifPresentOrElse(
                key -> reset(all, base, key),
                () -> all.keySet().removeIf(key -> !base.containsKey(key)));
      }
    }
    all.put(RUNTIME_MODE, all.get(RUNTIME_MODE).toUpperCase(Locale.ROOT));
    Configuration configuration = Configuration.fromMap(all);
    configuration.setString("table.resources.download-dir", downloadFolder);
    configuration.setString("table.dml-sync", "false");
    return configuration;
  }

  /** One whose value cannot be read is left out as well: SettingCheck names it. */
  private static boolean applies(Settings.Setting setting) {
    return !isPositional(setting.key()) && mayApply(setting);
  }

  private static boolean mayApply(Settings.Setting setting) {
    return ForbiddenOptions.reason(setting.key()).isEmpty()
        && KnownOptions.ofClassPath().problem(setting.key(), setting.value()).isEmpty();
  }

  private static void reset(Map<String, String> all, Map<String, String> base, String key) {
    if (base.containsKey(key)) {
      all.put(key, base.get(key));
    } else {
      all.remove(key);
    }
  }

  /**
   * Carries out a SET or RESET whose place matters; the others have been folded into the
   * configuration.
   */
  static void apply(Session session, Statement statement) {
    if (statement.kind() == StatementKind.SET) {
      Settings.read(statement)
          .filter(setting -> isPositional(setting.key()) && mayApply(setting))
          .ifPresent(
              setting -> session.environment().getConfig().set(setting.key(), setting.value()));
      return;
    }
    Configuration own = session.environment().getConfig().getConfiguration();
    Settings.resetKey(statement)
        .ifPresentOrElse(
            own::removeKey,
            () ->
                own.keySet().stream()
                    .filter(JobOptions::isPositional)
                    .toList()
                    .forEach(own::removeKey));
  }
}
