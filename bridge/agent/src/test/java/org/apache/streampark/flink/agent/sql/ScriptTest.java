// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ScriptTest {
  static Stream<Arguments> cuts() {
    return Stream.of(
        Arguments.of("nothing", "", List.of()),
        Arguments.of("only blanks and semicolons", " ;\n;;\t ", List.of()),
        Arguments.of("only comments", "-- a; b\n/* c; d */ // e; f", List.of()),
        Arguments.of("no semicolon at the end", "USE a; USE b", List.of("USE a", "USE b")),
        Arguments.of(
            "semicolon in a string",
            "SET 'a' = 'b;c'; USE d;",
            List.of("SET 'a' = 'b;c'", "USE d")),
        Arguments.of(
            "doubled quote",
            "SET 'a' = 'it''s; so'; USE d",
            List.of("SET 'a' = 'it''s; so'", "USE d")),
        Arguments.of(
            "semicolon in a name",
            "DROP TABLE `a;``b`; USE d",
            List.of("DROP TABLE `a;``b`", "USE d")),
        Arguments.of(
            "semicolon in double quotes",
            "SET \"a;\"\"b\" = c; USE d",
            List.of("SET \"a;\"\"b\" = c", "USE d")),
        Arguments.of(
            "backslash is a plain character",
            "SET 'a' = 'b\\'; USE d",
            List.of("SET 'a' = 'b\\'", "USE d")),
        Arguments.of(
            "escaped string",
            "SET 'a' = E'b\\'; c'; USE d",
            List.of("SET 'a' = E'b\\'; c'", "USE d")),
        Arguments.of(
            "a word that ends in E is no prefix",
            "SELECT the'a\\'; USE d",
            List.of("SELECT the'a\\'", "USE d")),
        Arguments.of(
            "quote in a comment", "-- it's\nUSE a; /* don't; */ USE b", List.of("USE a", "USE b")),
        Arguments.of(
            "comment signs in a string",
            "SET 'a' = '--b /* c'; USE d",
            List.of("SET 'a' = '--b /* c'", "USE d")),
        Arguments.of(
            "comment inside a statement",
            "USE /* ; */ a -- ;\n;USE b",
            List.of("USE /* ; */ a", "USE b")),
        Arguments.of("comments do not nest", "/* a /* b */ USE c", List.of("USE c")),
        Arguments.of("empty comment", "/**/USE a;/***/USE b", List.of("USE a", "USE b")),
        Arguments.of(
            "hint is no comment",
            "INSERT INTO a SELECT * FROM b /*+ OPTIONS('k;'='v') */; USE c",
            List.of("INSERT INTO a SELECT * FROM b /*+ OPTIONS('k;'='v') */", "USE c")),
        Arguments.of(
            "minus and division", "SELECT 1 - 2 / 3; USE a", List.of("SELECT 1 - 2 / 3", "USE a")),
        Arguments.of(
            "begin has its own semicolon",
            "BEGIN STATEMENT SET; INSERT INTO a SELECT 1; END;",
            List.of("BEGIN STATEMENT SET", "INSERT INTO a SELECT 1", "END")),
        Arguments.of(
            "execute statement set has none",
            "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; END;",
            List.of("EXECUTE STATEMENT SET BEGIN", "INSERT INTO a SELECT 1", "END")),
        Arguments.of(
            "the same with comments and lines",
            "execute /* x */ statement\r\nset -- y\r\nbegin\r\ninsert into a select 1;end",
            List.of(
                "execute /* x */ statement\r\nset -- y\r\nbegin", "insert into a select 1", "end")),
        Arguments.of(
            "case end is no end",
            "INSERT INTO a SELECT CASE WHEN b THEN 1 ELSE 2 END; USE c",
            List.of("INSERT INTO a SELECT CASE WHEN b THEN 1 ELSE 2 END", "USE c")),
        Arguments.of(
            "begin as a name",
            "INSERT INTO begin_ SELECT begin FROM x; USE c",
            List.of("INSERT INTO begin_ SELECT begin FROM x", "USE c")),
        Arguments.of(
            "unicode",
            "INSERT INTO 表 SELECT '；;', 名 FROM `数据;`; USE 库",
            List.of("INSERT INTO 表 SELECT '；;', 名 FROM `数据;`", "USE 库")),
        Arguments.of("byte order mark", "\uFEFFUSE a;", List.of("USE a")),
        Arguments.of(
            "open string takes the rest",
            "USE a; SET 'b' = 'c; USE d",
            List.of("USE a", "SET 'b' = 'c; USE d")),
        Arguments.of(
            "open comment takes the rest", "USE a; USE b /* c; USE d", List.of("USE a", "USE b")),
        Arguments.of(
            "lone carriage returns end comments",
            "-- a\rUSE b;\rUSE c",
            List.of("USE b", "USE c")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cuts")
  void cutsIntoStatements(String name, String text, List<String> expected) {
    assertEquals(expected, Script.split(text).statements().stream().map(Statement::text).toList());
  }

  static Stream<Arguments> places() {
    return Stream.of(
        Arguments.of("USE a", 0, new Range(1, 1, 1, 6)),
        Arguments.of("\n\n  USE a;USE bb ;", 1, new Range(3, 9, 3, 15)),
        Arguments.of("USE a;\r\n-- x\r\nUSE\r\n b;", 1, new Range(3, 1, 4, 3)),
        Arguments.of("USE a;\rUSE b", 1, new Range(2, 1, 2, 6)),
        Arguments.of("\tUSE a", 0, new Range(1, 2, 1, 7)),
        Arguments.of("/* 😀 */ USE `😀`;", 0, new Range(1, 10, 1, 18)),
        Arguments.of("SET 'a' = 'b\nc' ; USE x", 0, new Range(1, 1, 2, 3)));
  }

  @ParameterizedTest
  @MethodSource("places")
  void knowsWhereAStatementIs(String text, int index, Range expected) {
    Script script = Script.split(text);
    assertEquals(expected, script.range(script.statements().get(index)));
  }

  @Test
  void offsetsAndPlacesAreInverse() {
    String text = "a\r\nbc\n\n\rd\ne";
    LineMap lines = new LineMap(text);
    for (int offset = 0; offset <= text.length(); offset++) {
      assertEquals(
          offset, lines.offset(lines.line(offset), lines.column(offset)), "offset " + offset);
    }
    assertEquals(0, lines.offset(0, 5));
    assertEquals(text.length(), lines.offset(99, 1));
  }

  @Test
  void namesWhatIsNeverClosed() {
    Script quote = Script.split("USE a; SET 'b' = 'c");
    assertEquals(Script.Unclosed.QUOTE, quote.unclosed().orElseThrow());
    assertEquals(17, quote.unclosedAt());
    Script comment = Script.split("USE a; /* b");
    assertEquals(Script.Unclosed.COMMENT, comment.unclosed().orElseThrow());
    assertEquals(7, comment.unclosedAt());
    assertTrue(Script.split("USE a").unclosed().isEmpty());
  }

  /**
   * Whatever is thrown at it: no exception, statements in order, apart, and equal to the text at
   * their place.
   */
  @Test
  void survivesAnyText() {
    String[] bits = {
      "'",
      "\"",
      "`",
      ";",
      "--",
      "/*",
      "*/",
      "/*+",
      "\n",
      "\r",
      " ",
      "a",
      "E",
      "END",
      "BEGIN",
      "EXECUTE STATEMENT SET BEGIN",
      "(",
      ")",
      "1.5",
      "\\",
      "é",
      "😀"
    };
    Random random = new Random(7);
    for (int round = 0; round < 20_000; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(24); i > 0; i--) {
        text.append(bits[random.nextInt(bits.length)]);
      }
      Script script = Script.split(text.toString());
      int last = 0;
      for (Statement statement : script.statements()) {
        assertTrue(
            statement.start() >= last && statement.end() > statement.start(), () -> "in " + text);
        assertEquals(text.substring(statement.start(), statement.end()), statement.text());
        statement.summary();
        statement.target();
        Settings.read(statement);
        last = statement.end();
      }
    }
  }
}
