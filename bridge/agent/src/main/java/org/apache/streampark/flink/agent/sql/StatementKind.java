// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.sql;

import java.util.List;

/**
 * What a statement is, told from its first words alone, so that a broken statement has a kind as
 * well.
 */
public enum StatementKind {
  SET,
  RESET,
  USE,
  USE_MODULES,
  CREATE_TABLE,
  CREATE_TABLE_AS,
  REPLACE_TABLE_AS,
  CREATE_VIEW,
  CREATE_FUNCTION,
  CREATE_CATALOG,
  CREATE_DATABASE,
  CREATE_OTHER,
  ALTER,
  DROP,
  LOAD_MODULE,
  UNLOAD_MODULE,
  INSERT,
  BEGIN_SET,
  END_SET,
  QUERY,
  EXPLAIN,
  SHOW,
  DESCRIBE,
  ADD_JAR,
  REMOVE_JAR,
  ANALYZE,
  CALL,
  UPDATE,
  DELETE,
  TRUNCATE,
  COMPILE_PLAN,
  EXECUTE_PLAN,
  OTHER;

  /** Does it move rows, so that it is part of the job's graph? */
  public boolean isSink() {
    return this == INSERT || this == CREATE_TABLE_AS || this == REPLACE_TABLE_AS;
  }

  /** Does it change what later statements see and nothing else? */
  public boolean isPreamble() {
    return switch (this) {
      case SET,
          RESET,
          USE,
          USE_MODULES,
          CREATE_TABLE,
          CREATE_VIEW,
          CREATE_FUNCTION,
          CREATE_CATALOG,
          CREATE_DATABASE,
          CREATE_OTHER,
          ALTER,
          DROP,
          LOAD_MODULE,
          UNLOAD_MODULE ->
          true;
      default -> false;
    };
  }

  static StatementKind of(List<Token> tokens) {
    String first = word(tokens, 0);
    String second = word(tokens, 1);
    return switch (first) {
      case "SET" -> SET;
      case "RESET" -> RESET;
      case "USE" -> second.equals("MODULES") ? USE_MODULES : USE;
      case "CREATE" -> create(tokens);
      case "REPLACE" -> REPLACE_TABLE_AS;
      case "ALTER" -> ALTER;
      case "DROP" -> DROP;
      case "LOAD" -> LOAD_MODULE;
      case "UNLOAD" -> UNLOAD_MODULE;
      case "INSERT", "UPSERT" -> INSERT;
      case "BEGIN" -> BEGIN_SET;
      case "END" -> END_SET;
      case "SELECT", "WITH", "VALUES", "FROM", "(" -> QUERY;
      case "EXPLAIN" -> EXPLAIN;
      case "SHOW" -> SHOW;
      case "DESC", "DESCRIBE" -> DESCRIBE;
      case "ADD" -> ADD_JAR;
      case "REMOVE" -> REMOVE_JAR;
      case "ANALYZE" -> ANALYZE;
      case "CALL" -> CALL;
      case "UPDATE" -> UPDATE;
      case "DELETE" -> DELETE;
      case "TRUNCATE" -> TRUNCATE;
      case "COMPILE" -> COMPILE_PLAN;
      case "EXECUTE" ->
          switch (second) {
            case "STATEMENT" -> BEGIN_SET;
            case "PLAN" -> EXECUTE_PLAN;
            case "INSERT" -> INSERT;
            default -> OTHER;
          };
      default -> OTHER;
    };
  }

  private static StatementKind create(List<Token> tokens) {
    int at = 1;
    boolean replace = false;
    while (true) {
      String word = word(tokens, at);
      if (word.equals("OR") || word.equals("TEMPORARY") || word.equals("SYSTEM")) {
        at++;
      } else if (word.equals("REPLACE")) {
        replace = true;
        at++;
      } else {
        break;
      }
    }
    return switch (word(tokens, at)) {
      case "TABLE" ->
          !hasTopLevelAs(tokens) ? CREATE_TABLE : replace ? REPLACE_TABLE_AS : CREATE_TABLE_AS;
      case "VIEW" -> CREATE_VIEW;
      case "FUNCTION" -> CREATE_FUNCTION;
      case "CATALOG" -> CREATE_CATALOG;
      case "DATABASE" -> CREATE_DATABASE;
      default -> CREATE_OTHER;
    };
  }

  private static boolean hasTopLevelAs(List<Token> tokens) {
    int depth = 0;
    for (Token token : tokens) {
      if (token.isSymbol('(')) {
        depth++;
      } else if (token.isSymbol(')')) {
        depth--;
      } else if (depth == 0 && token.is("AS")) {
        return true;
      }
    }
    return false;
  }

  private static String word(List<Token> tokens, int index) {
    return index < tokens.size() && tokens.get(index).kind() != Token.Kind.QUOTED_NAME
        ? tokens.get(index).upper()
        : "";
  }
}
