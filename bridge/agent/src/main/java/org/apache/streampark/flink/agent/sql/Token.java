// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.sql;

import java.util.Locale;

/** A lexeme with its offsets in the whole script; {@code raw} includes quotes. */
public record Token(Kind kind, int start, int end, String raw) {
  public enum Kind {
    WORD,
    NUMBER,
    /** {@code 'text'}, and the double-quoted form that Flink refuses but people type. */
    STRING,
    /** {@code `name`} */
    QUOTED_NAME,
    SYMBOL
  }

  /** Is it this keyword? Quoted names never are. */
  public boolean is(String keyword) {
    return kind == Kind.WORD && raw.equalsIgnoreCase(keyword);
  }

  public boolean isSymbol(char c) {
    return kind == Kind.SYMBOL && raw.length() == 1 && raw.charAt(0) == c;
  }

  public boolean isName() {
    return kind == Kind.WORD || kind == Kind.QUOTED_NAME;
  }

  /** The text without quotes, doubled quotes undone. */
  public String value() {
    if (kind == Kind.QUOTED_NAME || kind == Kind.STRING) {
      char quote = raw.charAt(0);
      int end =
          raw.length() > 1 && raw.charAt(raw.length() - 1) == quote
              ? raw.length() - 1
              : raw.length();
      String twice = String.valueOf(quote) + quote;
      return raw.substring(1, Math.max(1, end)).replace(twice, String.valueOf(quote));
    }
    return raw;
  }

  public String upper() {
    return raw.toUpperCase(Locale.ROOT);
  }
}
