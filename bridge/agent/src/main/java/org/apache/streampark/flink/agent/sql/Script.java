// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A script cut into statements, each with its exact place. Never fails: what is wrong stays in its
 * statement for the planner to name, and a quote or comment that is never closed is reported
 * beside.
 *
 * <p>A statement ends at a semicolon outside quotes and comments, at the end of the script, or
 * after the BEGIN of {@code EXECUTE STATEMENT SET BEGIN}, which has no semicolon of its own.
 */
public final class Script {
  public enum Unclosed {
    QUOTE,
    COMMENT
  }

  private final String text;
  private final LineMap lines;
  private final List<Statement> statements = new ArrayList<>();
  private Unclosed unclosed;
  private int unclosedAt;

  private Script(String text) {
    this.text = text;
    this.lines = new LineMap(text);
  }

  public static Script split(String text) {
    Script script = new Script(text);
    Lexer.Result lexed = Lexer.lex(text);
    if (lexed.open() != Lexer.Open.NOTHING) {
      script.unclosed = lexed.open() == Lexer.Open.QUOTE ? Unclosed.QUOTE : Unclosed.COMMENT;
      script.unclosedAt = lexed.openAt();
    }
    List<Token> pending = new ArrayList<>();
    for (Token token : lexed.tokens()) {
      if (token.isSymbol(';')) {
        script.add(pending);
        pending = new ArrayList<>();
        continue;
      }
      pending.add(token);
      if (pending.size() == 4 && isSetOpening(pending)) {
        script.add(pending);
        pending = new ArrayList<>();
      }
    }
    script.add(pending);
    return script;
  }

  private static boolean isSetOpening(List<Token> tokens) {
    return tokens.get(0).is("EXECUTE")
        && tokens.get(1).is("STATEMENT")
        && tokens.get(2).is("SET")
        && tokens.get(3).is("BEGIN");
  }

  private void add(List<Token> tokens) {
    if (tokens.isEmpty()) {
      return;
    }
    int start = tokens.get(0).start();
    int end = tokens.get(tokens.size() - 1).end();
    List<Token> frozen = List.copyOf(tokens);
    statements.add(
        new Statement(
            statements.size(),
            StatementKind.of(frozen),
            start,
            end,
            text.substring(start, end),
            frozen));
  }

  public String text() {
    return text;
  }

  public LineMap lines() {
    return lines;
  }

  public List<Statement> statements() {
    return statements;
  }

  public Optional<Unclosed> unclosed() {
    return Optional.ofNullable(unclosed);
  }

  /** Where the quote or comment that is never closed begins. */
  public int unclosedAt() {
    return unclosedAt;
  }

  public Range range(Statement statement) {
    return lines.range(statement.start(), statement.end());
  }

  public Range range(Token token) {
    return lines.range(token.start(), token.end());
  }

  public Range range(Token first, Token last) {
    return lines.range(first.start(), last.end());
  }
}
