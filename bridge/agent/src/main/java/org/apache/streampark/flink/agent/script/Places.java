// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.script;

import java.util.List;
import java.util.Optional;
import org.apache.streampark.flink.agent.sql.LineMap;
import org.apache.streampark.flink.agent.sql.Range;
import org.apache.streampark.flink.agent.sql.Script;
import org.apache.streampark.flink.agent.sql.Statement;
import org.apache.streampark.flink.agent.sql.Token;

/**
 * Where a diagnostic points: the rules 1 to 5 of PROTOCOL.md, each a function that has no answer
 * when its rule does not apply.
 */
final class Places {
  private Places() {}

  /** Rule 1: the planner's place in the statement it was given, moved to the script. */
  static Range planner(Script script, Statement statement, PlannerPosition at) {
    LineMap inStatement = new LineMap(statement.text());
    int start = statement.start() + inStatement.offset(at.line(), at.column());
    int end = statement.start() + inStatement.offset(at.endLine(), at.endColumn()) + 1;
    int last = statement.end();
    start = Math.min(start, Math.max(statement.start(), last - 1));
    end = Math.max(start + 1, Math.min(end, last));
    if (end == start + 1) {
      // The parser names where a lexeme begins, people want to see it whole.
      for (Token token : statement.tokens()) {
        if (token.start() == start) {
          end = token.end();
        }
      }
    }
    return script.lines().range(start, end);
  }

  /** Rule 2: an option's key in a WITH clause or OPTIONS hint of the statement. */
  static Optional<Range> optionKey(Script script, Statement statement, String key) {
    return OptionClause.of(statement).stream()
        .filter(option -> option.key().value().equals(key))
        .findFirst()
        .map(option -> script.range(option.key()));
  }

  /** Rule 2: an option's value. */
  static Optional<Range> optionValue(Script script, Statement statement, String key) {
    return OptionClause.of(statement).stream()
        .filter(option -> option.key().value().equals(key))
        .findFirst()
        .map(option -> script.range(option.value()));
  }

  /** Rule 2: the word WITH, for an option that is missing. */
  static Optional<Range> withWord(Script script, Statement statement) {
    return OptionClause.with(statement).map(script::range);
  }

  /** Rule 3: the identifier after CREATE TABLE, INSERT INTO and so on. */
  static Optional<Range> target(Script script, Statement statement) {
    List<Token> target = statement.target();
    return target.isEmpty()
        ? Optional.empty()
        : Optional.of(script.range(target.get(0), target.get(target.size() - 1)));
  }

  /**
   * Rule 4: the first name or literal that reads like this; a dotted name counts by its last part.
   */
  static Optional<Range> name(Script script, Statement statement, String name) {
    String last = name.substring(name.lastIndexOf('.') + 1);
    for (String wanted : List.of(name, last)) {
      for (Token token : statement.tokens()) {
        if (token.kind() != Token.Kind.SYMBOL && token.value().equalsIgnoreCase(wanted)) {
          return Optional.of(script.range(token));
        }
      }
    }
    return Optional.empty();
  }

  /** Rule 5: from the statement's first word to the end of that line. */
  static Range firstLine(Script script, Statement statement) {
    int end = statement.start();
    int line = script.lines().line(end);
    while (end < statement.end()
        && script.lines().line(end) == line
        && script.text().charAt(end) != '\n'
        && script.text().charAt(end) != '\r') {
      end++;
    }
    return script.lines().range(statement.start(), end);
  }
}
