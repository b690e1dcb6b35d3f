// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.sql;

import java.util.Optional;

/** Reads {@code SET 'key' = 'value'}, the bare form {@code SET key = value}, and RESET. */
public final class Settings {
  private Settings() {}

  /**
   * {@code keyEnd} and {@code valueStart} are token indexes, so that a diagnostic can point at
   * either.
   */
  public record Setting(String key, String value, int keyEnd, int valueStart) {}

  /** Empty when the statement is no assignment (a lone SET, or broken). */
  public static Optional<Setting> read(Statement statement) {
    var tokens = statement.tokens();
    int equals = -1;
    for (int i = 1; i < tokens.size(); i++) {
      if (tokens.get(i).isSymbol('=')) {
        equals = i;
        break;
      }
    }
    if (equals < 2 || equals + 1 >= tokens.size()) {
      return Optional.empty();
    }
    return Optional.of(
        new Setting(
            text(statement, 1, equals),
            text(statement, equals + 1, tokens.size()),
            equals,
            equals + 1));
  }

  /** The key of a RESET; empty for one that resets everything. */
  public static Optional<String> resetKey(Statement statement) {
    int size = statement.tokens().size();
    return size < 2 ? Optional.empty() : Optional.of(text(statement, 1, size));
  }

  private static String text(Statement statement, int from, int to) {
    var tokens = statement.tokens();
    if (to - from == 1) {
      return tokens.get(from).value();
    }
    int start = tokens.get(from).start() - statement.start();
    int end = tokens.get(to - 1).end() - statement.start();
    return statement.text().substring(start, end).trim();
  }
}
