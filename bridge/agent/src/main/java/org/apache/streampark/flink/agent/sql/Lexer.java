// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.sql;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a script into lexemes, comments left out, the way Flink's parser does.
 *
 * <pre>
 * state         enters at        leaves at                       may hold
 * ------------  ---------------  ------------------------------  ------------------------------
 * TEXT          start            end of script                   words, numbers, symbols
 * STRING        '                ' not doubled                   anything, also line ends and ;
 * ESCAPED       E' or e'         ' not doubled, not after \      the same
 * DOUBLE        "                " not doubled                   the same (an error for Flink)
 * NAME          `                ` not doubled                   the same
 * LINE_COMMENT  -- or //         end of the line                 anything
 * COMMENT       /* unless /*+    star slash                      anything, does not nest
 * HINT          /*+ (a symbol)   star slash (a symbol)           lexemes as in TEXT
 * </pre>
 *
 * A quote or comment that is still open at the end is kept as the last lexeme and reported in
 * {@link Result#open()}.
 */
final class Lexer {
  enum Open {
    NOTHING,
    QUOTE,
    COMMENT
  }

  /** {@code openAt} is the offset where what is open begins. */
  record Result(List<Token> tokens, Open open, int openAt) {}

  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private boolean inHint;
  private Open open = Open.NOTHING;
  private int openAt = -1;

  private Lexer(String text) {
    this.text = text;
  }

  static Result lex(String text) {
    Lexer lexer = new Lexer(text);
    lexer.run();
    return new Result(lexer.tokens, lexer.open, lexer.openAt);
  }

  private void run() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (Character.isWhitespace(c) || c == '\uFEFF') {
        at++;
      } else if (starts("--") || starts("//")) {
        lineComment();
      } else if (starts("/*+")) {
        inHint = true;
        symbol(3);
      } else if (starts("/*")) {
        comment();
      } else if (inHint && starts("*/")) {
        inHint = false;
        symbol(2);
      } else if (c == '\'') {
        quoted(Token.Kind.STRING, c, afterEscapePrefix());
      } else if (c == '"') {
        quoted(Token.Kind.STRING, c, false);
      } else if (c == '`') {
        quoted(Token.Kind.QUOTED_NAME, c, false);
      } else if (Character.isDigit(c)) {
        number();
      } else if (isWordPart(c)) {
        word();
      } else {
        symbol(1);
      }
    }
  }

  private boolean starts(String what) {
    return text.startsWith(what, at);
  }

  private void add(Token.Kind kind, int start, int end) {
    tokens.add(new Token(kind, start, end, text.substring(start, end)));
    at = end;
  }

  private void symbol(int length) {
    add(Token.Kind.SYMBOL, at, at + length);
  }

  private void lineComment() {
    while (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') {
      at++;
    }
  }

  private void comment() {
    int end = text.indexOf("*/", at + 2);
    if (end < 0) {
      open = Open.COMMENT;
      openAt = at;
      at = text.length();
    } else {
      at = end + 2;
    }
  }

  /** Is the quote at hand preceded, without a gap, by a lone E? */
  private boolean afterEscapePrefix() {
    if (tokens.isEmpty()) {
      return false;
    }
    Token last = tokens.get(tokens.size() - 1);
    return last.end() == at && last.is("E");
  }

  private void quoted(Token.Kind kind, char quote, boolean backslashEscapes) {
    int start = at;
    int i = at + 1;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (backslashEscapes && c == '\\') {
        i += 2;
      } else if (c != quote) {
        i++;
      } else if (i + 1 < text.length() && text.charAt(i + 1) == quote) {
        i += 2;
      } else {
        add(kind, start, i + 1);
        return;
      }
    }
    open = Open.QUOTE;
    openAt = start;
    add(kind, start, text.length());
  }

  private static boolean isWordPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '$' || Character.isSurrogate(c);
  }

  private void word() {
    int end = at;
    while (end < text.length() && isWordPart(text.charAt(end))) {
      end++;
    }
    add(Token.Kind.WORD, at, end);
  }

  private void number() {
    int end = at;
    while (end < text.length() && (isWordPart(text.charAt(end)) || isFraction(end))) {
      end++;
    }
    add(Token.Kind.NUMBER, at, end);
  }

  private boolean isFraction(int i) {
    return text.charAt(i) == '.' && i + 1 < text.length() && Character.isDigit(text.charAt(i + 1));
  }
}
