// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.script;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.flink.table.catalog.ObjectIdentifier;
import org.apache.flink.table.catalog.UnresolvedIdentifier;
import org.apache.streampark.flink.agent.sql.Statement;
import org.apache.streampark.flink.agent.sql.Token;

/**
 * The tables that a statement gives other options by a hint: {@code FROM orders /*+ OPTIONS('k' =
 * 'v') *}{@code /}.
 */
final class OptionHints {
  private OptionHints() {}

  /** The names as written, part by part. */
  static List<List<String>> of(Statement statement) {
    List<List<String>> out = new ArrayList<>();
    List<Token> tokens = statement.tokens();
    for (int i = 1; i + 1 < tokens.size(); i++) {
      if (tokens.get(i).raw().equals("/*+") && tokens.get(i + 1).is("OPTIONS")) {
        List<String> parts = new ArrayList<>();
        for (int at = i - 1; at >= 0 && tokens.get(at).isName(); at -= 2) {
          parts.add(tokens.get(at).value());
          if (at == 0 || !tokens.get(at - 1).isSymbol('.')) {
            break;
          }
        }
        Collections.reverse(parts);
        if (!parts.isEmpty()) {
          out.add(parts);
        }
      }
    }
    return out;
  }

  /** Does a hint of this statement concern a temporary table of the checked script? */
  static boolean onTemporaryTable(ScriptCheck check, Statement statement) {
    for (List<String> parts : of(statement)) {
      ObjectIdentifier table =
          check.session().catalogs().qualifyIdentifier(UnresolvedIdentifier.of(parts));
      if (check
          .session()
          .catalogs()
          .getTable(table)
          .filter(found -> found.isTemporary())
          .isPresent()) {
        return true;
      }
    }
    return false;
  }
}
