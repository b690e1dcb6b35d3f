// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.sql;

import java.util.List;
import java.util.Optional;

/**
 * One statement of a script. {@code start} and {@code end} are offsets in the script from the first
 * lexeme to the end of the last one, the semicolon not included; {@code text} is what lies between,
 * comments and all, which is what the planner is given.
 */
public record Statement(
    int index, StatementKind kind, int start, int end, String text, List<Token> tokens) {
  private static final int SUMMARY_LENGTH = 80;

  /**
   * The first lexemes on one line: {@code CREATE TABLE src}, {@code INSERT INTO snk}; string
   * literals are left out, they may be secrets.
   */
  public String summary() {
    StringBuilder out = new StringBuilder();
    Token before = null;
    for (Token token : tokens) {
      boolean stop =
          token.isSymbol('(')
              || token.kind() == Token.Kind.STRING
                  && kind != StatementKind.SET
                  && kind != StatementKind.RESET;
      if (stop
          || out.length() > SUMMARY_LENGTH
          || token.is("WITH")
          || token.is("AS")
          || (before != null && token.is("SELECT"))) {
        break;
      }
      if (kind == StatementKind.SET && token.isSymbol('=')) {
        break;
      }
      boolean tight = before == null || token.isSymbol('.') || before.isSymbol('.');
      out.append(tight ? "" : " ").append(token.raw());
      before = token;
    }
    return out.length() <= SUMMARY_LENGTH
        ? out.toString()
        : out.substring(0, SUMMARY_LENGTH - 1) + "…";
  }

  /**
   * The name that a CREATE, INSERT, ALTER or DROP is about, as its tokens (parts and dots); empty
   * where it has none.
   */
  public List<Token> target() {
    int at = 0;
    while (at < tokens.size() && !startsTarget(at)) {
      at++;
    }
    while (at < tokens.size()
        && (tokens.get(at).is("IF") || tokens.get(at).is("NOT") || tokens.get(at).is("EXISTS"))) {
      at++;
    }
    int end = at;
    while (end < tokens.size()) {
      boolean wantName = (end - at) % 2 == 0;
      Token token = tokens.get(end);
      if (wantName ? !token.isName() : !token.isSymbol('.')) {
        break;
      }
      end++;
    }
    return tokens.subList(at, end);
  }

  /** The last part of {@link #target()}. */
  public Optional<String> targetName() {
    List<Token> target = target();
    return target.isEmpty() ? Optional.empty() : Optional.of(target.get(target.size() - 1).value());
  }

  private boolean startsTarget(int at) {
    if (at == 0) {
      return false;
    }
    Token before = tokens.get(at - 1);
    if (kind == StatementKind.INSERT) {
      boolean table = tokens.get(at).is("TABLE");
      return (before.is("INTO") || before.is("OVERWRITE") || before.is("TABLE")) && !table;
    }
    return before.is("TABLE")
        || before.is("VIEW")
        || before.is("FUNCTION")
        || before.is("CATALOG")
        || before.is("DATABASE")
        || before.is("MODEL")
        || before.is("MODULE");
  }
}
