// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.script;

import java.util.List;
import org.apache.streampark.flink.agent.flink.FlinkLine;
import org.apache.streampark.flink.agent.flink.ForbiddenOptions;
import org.apache.streampark.flink.agent.options.KnownOptions;
import org.apache.streampark.flink.agent.protocol.Secrets;
import org.apache.streampark.flink.agent.script.Diagnostic.Code;
import org.apache.streampark.flink.agent.sql.Range;
import org.apache.streampark.flink.agent.sql.Script;
import org.apache.streampark.flink.agent.sql.Settings;
import org.apache.streampark.flink.agent.sql.Statement;
import org.apache.streampark.flink.agent.sql.StatementKind;

/**
 * A SET's key and value against Flink's own options. A key that Flink does not know is only a
 * warning: a connector may read it.
 */
final class SettingCheck {
  private SettingCheck() {}

  /** At most one; nothing for what ScriptRules refuses. */
  static List<Diagnostic> of(Script script, Statement statement) {
    Settings.Setting setting =
        statement.kind() == StatementKind.SET ? Settings.read(statement).orElse(null) : null;
    if (setting == null
        || ForbiddenOptions.reason(setting.key()).isPresent()
        || setting.key().startsWith("sql-client.")) {
      return List.of();
    }
    KnownOptions known = KnownOptions.ofClassPath();
    var tokens = statement.tokens();
    if (known.find(setting.key()).isEmpty()) {
      if (known.isFree(setting.key())) {
        return List.of();
      }
      Range place = script.range(tokens.get(1), tokens.get(setting.keyEnd() - 1));
      String hint =
          known.suggest(setting.key()).map(near -> "Did you mean '" + near + "'?").orElse(null);
      return List.of(
          Diagnostic.warning(
              Code.BAD_OPTION,
              "Flink " + FlinkLine.version() + " has no option '" + setting.key() + "'.",
              hint,
              statement.index(),
              place));
    }
    Range place = script.range(tokens.get(setting.valueStart()), tokens.get(tokens.size() - 1));
    return known
        .problem(setting.key(), setting.value())
        .map(
            problem ->
                Secrets.isSensitive(setting.key())
                    ? "The value of '" + setting.key() + "' cannot be read."
                    : problem)
        .map(
            problem ->
                List.of(Diagnostic.error(Code.BAD_OPTION, problem, null, statement.index(), place)))
        .orElse(List.of());
  }
}
