// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatementTest {
  private static Statement one(String text) {
    return Script.split(text).statements().get(0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          SET 'a' = 'b'                                             | SET
          RESET                                                     | RESET
          use catalog c                                             | USE
          USE MODULES core                                          | USE_MODULES
          CREATE TABLE a (b INT)                                    | CREATE_TABLE
          CREATE TEMPORARY TABLE a (b AS c, d INT) WITH ('e' = 'f') | CREATE_TABLE
          CREATE TABLE a LIKE b                                     | CREATE_TABLE
          CREATE TABLE a WITH ('e' = 'f') AS SELECT 1               | CREATE_TABLE_AS
          CREATE TABLE a AS SELECT 1                                | CREATE_TABLE_AS
          CREATE OR REPLACE TABLE a AS SELECT 1                     | REPLACE_TABLE_AS
          REPLACE TABLE a AS SELECT 1                               | REPLACE_TABLE_AS
          CREATE OR REPLACE TEMPORARY VIEW a AS SELECT 1            | CREATE_VIEW
          CREATE TEMPORARY SYSTEM FUNCTION a AS 'b'                 | CREATE_FUNCTION
          CREATE CATALOG a WITH ('type' = 'b')                      | CREATE_CATALOG
          CREATE DATABASE a                                         | CREATE_DATABASE
          CREATE MODEL a                                            | CREATE_OTHER
          INSERT OVERWRITE a SELECT 1                               | INSERT
          EXECUTE INSERT INTO a SELECT 1                            | INSERT
          BEGIN STATEMENT SET                                       | BEGIN_SET
          END                                                       | END_SET
          WITH a AS (SELECT 1) SELECT * FROM a                      | QUERY
          (SELECT 1)                                                | QUERY
          ADD JAR 'a.jar'                                           | ADD_JAR
          COMPILE PLAN 'a' FOR INSERT INTO b SELECT 1               | COMPILE_PLAN
          EXECUTE PLAN 'a'                                          | EXECUTE_PLAN
          `SELECT` 1                                                | OTHER
          nonsense                                                  | OTHER
          """)
  void tellsTheKindFromItsWords(String text, StatementKind kind) {
    assertEquals(kind, one(text).kind());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          CREATE TABLE IF NOT EXISTS a.`b;c`.d (e INT) | d
          CREATE TEMPORARY VIEW v AS SELECT 1          | v
          INSERT INTO `my ``table` SELECT 1            | my `table
          INSERT INTO TABLE x SELECT 1                 | x
          INSERT OVERWRITE c.d.x (a) SELECT 1          | x
          DROP TABLE IF EXISTS y                       | y
          CREATE FUNCTION f AS 'g'                     | f
          ALTER TABLE z SET ('a' = 'b')                | z
          """)
  void findsTheNameItIsAbout(String text, String name) {
    assertEquals(Optional.of(name), one(text).targetName());
  }

  @Test
  void summaryShowsNoLiterals() {
    assertEquals("CREATE TABLE a.b", one("CREATE TABLE a.b WITH ('password' = 'x')").summary());
    assertEquals("INSERT INTO snk", one("INSERT INTO snk SELECT 'secret'").summary());
    assertEquals("SET 'a.password'", one("SET 'a.password' = 'secret'").summary());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          SET 'a.b' = 'c d'    | a.b | c d
          SET 'a' = 'it''s'    | a   | it's
          SET a.b-c = 10 s     | a.b-c | 10 s
          set a=b              | a   | b
          """)
  void readsSettings(String text, String key, String value) {
    Settings.Setting setting = Settings.read(one(text)).orElseThrow();
    assertEquals(key, setting.key());
    assertEquals(value, setting.value());
  }

  @Test
  void brokenSettingsAreNone() {
    assertEquals(Optional.empty(), Settings.read(one("SET")));
    assertEquals(Optional.empty(), Settings.read(one("SET 'a'")));
    assertEquals(Optional.empty(), Settings.read(one("SET = 'a'")));
    assertEquals(Optional.empty(), Settings.resetKey(one("RESET")));
    assertEquals(Optional.of("a.b"), Settings.resetKey(one("RESET 'a.b'")));
  }
}
