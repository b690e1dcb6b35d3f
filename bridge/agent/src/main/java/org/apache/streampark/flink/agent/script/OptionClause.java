// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.script;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.streampark.flink.agent.sql.Statement;
import org.apache.streampark.flink.agent.sql.StatementKind;
import org.apache.streampark.flink.agent.sql.Token;

/**
 * The {@code 'key' = 'value'} pairs of a statement's WITH clause and OPTIONS hints, as tokens with
 * their places.
 */
record OptionClause(Token key, Token value) {
  static List<OptionClause> of(Statement statement) {
    List<OptionClause> out = new ArrayList<>();
    List<Token> tokens = statement.tokens();
    boolean open = false;
    for (int i = 0; i + 2 < tokens.size(); i++) {
      if (tokens.get(i).isSymbol('(') && i > 0 && opens(statement, tokens, i - 1)) {
        open = true;
      } else if (tokens.get(i).isSymbol(')')) {
        open = false;
      } else if (open && isPair(tokens, i)) {
        out.add(new OptionClause(tokens.get(i), tokens.get(i + 2)));
        i += 2;
      }
    }
    return out;
  }

  /** The word WITH of a DDL statement's options. */
  static Optional<Token> with(Statement statement) {
    List<Token> tokens = statement.tokens();
    for (int i = 0; i + 1 < tokens.size(); i++) {
      if (tokens.get(i + 1).isSymbol('(') && tokens.get(i).is("WITH") && isDdl(statement)) {
        return Optional.of(tokens.get(i));
      }
    }
    return Optional.empty();
  }

  private static boolean opens(Statement statement, List<Token> tokens, int before) {
    Token word = tokens.get(before);
    return word.is("OPTIONS") || (isDdl(statement) && (word.is("WITH") || word.is("SET")));
  }

  private static boolean isDdl(Statement statement) {
    StatementKind kind = statement.kind();
    return kind.isPreamble()
        || kind == StatementKind.CREATE_TABLE_AS
        || kind == StatementKind.REPLACE_TABLE_AS;
  }

  private static boolean isPair(List<Token> tokens, int i) {
    return tokens.get(i).kind() == Token.Kind.STRING
        && tokens.get(i + 1).isSymbol('=')
        && tokens.get(i + 2).kind() == Token.Kind.STRING;
  }
}
