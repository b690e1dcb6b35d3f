// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.script;

import java.util.ArrayList;
import java.util.List;
import org.apache.streampark.flink.agent.flink.ForbiddenOptions;
import org.apache.streampark.flink.agent.script.Diagnostic.Code;
import org.apache.streampark.flink.agent.sql.Range;
import org.apache.streampark.flink.agent.sql.Script;
import org.apache.streampark.flink.agent.sql.Settings;
import org.apache.streampark.flink.agent.sql.Statement;
import org.apache.streampark.flink.agent.sql.Token;

/**
 * What a script has to look like to be one job, told from the words alone: no planner is asked.
 *
 * <pre>
 * state     on                      goes to   error when
 * --------  ----------------------  --------  -------------------------------------------------
 * TOP       INSERT, CTAS            TOP       a set was seen before
 *           BEGIN                   IN_SET    a set or an INSERT was seen before
 *           END                     TOP       always
 * IN_SET    INSERT, CTAS            IN_SET
 *           END                     TOP
 *           end of script           -         always (unclosed)
 *           BEGIN, anything else    IN_SET    always
 * </pre>
 */
final class ScriptRules {
  private static final String DEPENDENCIES =
      "Add the jar to the job's dependencies instead; it is then found without a statement.";

  private final Script script;
  private final List<Diagnostic> found = new ArrayList<>();
  private Statement openSet;
  private boolean sawSet;
  private boolean sawInsert;

  private ScriptRules(Script script) {
    this.script = script;
  }

  static List<Diagnostic> check(Script script) {
    ScriptRules rules = new ScriptRules(script);
    rules.unclosed();
    for (Statement statement : script.statements()) {
      rules.order(statement);
      rules.kind(statement);
    }
    rules.end();
    return rules.found;
  }

  private void unclosed() {
    script
        .unclosed()
        .ifPresent(
            what -> {
              int at = script.unclosedAt();
              Range place = script.lines().range(at, Math.min(at + 2, script.text().length()));
              boolean quote = what == Script.Unclosed.QUOTE;
              String message =
                  quote ? "This quote is never closed." : "This comment is never closed.";
              int last = quote ? script.statements().size() - 1 : -1;
              found.add(
                  Diagnostic.error(
                      quote ? Code.UNCLOSED_QUOTE : Code.UNCLOSED_COMMENT,
                      message,
                      null,
                      last,
                      place));
            });
  }

  private void order(Statement statement) {
    switch (statement.kind()) {
      case BEGIN_SET -> begin(statement);
      case END_SET -> {
        if (openSet == null) {
          error(statement, Code.SYNTAX, "END without BEGIN STATEMENT SET.", null);
        }
        openSet = null;
      }
      case INSERT, CREATE_TABLE_AS -> {
        if (openSet == null && sawSet) {
          error(
              statement,
              Code.MULTIPLE_JOBS,
              "A script is one job: this INSERT stands beside a statement set.",
              "Move it into the set.");
        }
        sawInsert = true;
      }
      default -> {
        if (openSet != null) {
          error(
              statement,
              Code.NOT_ALLOWED,
              "Only INSERT may stand in a statement set.",
              "Move this before BEGIN STATEMENT SET, or close the set with END;.");
        }
      }
    }
  }

  private void begin(Statement statement) {
    if (openSet != null) {
      error(
          statement,
          Code.SYNTAX,
          "A statement set inside a statement set.",
          "Close the first one with END;.");
    } else if (sawSet) {
      error(
          statement,
          Code.MULTIPLE_JOBS,
          "A script is one job: this is its second statement set.",
          "Move its INSERTs into the first set.");
    } else if (sawInsert) {
      error(
          statement,
          Code.MULTIPLE_JOBS,
          "A script is one job: an INSERT stands before this statement set.",
          "Move that INSERT into the set.");
    }
    openSet = statement;
    sawSet = true;
  }

  private void end() {
    if (openSet != null) {
      error(
          openSet,
          Code.UNCLOSED_SET,
          "This statement set is never closed.",
          "Write END; after its last INSERT.");
    }
    if (!sawInsert && found.stream().noneMatch(Diagnostic::isError)) {
      Range place =
          script.statements().isEmpty()
              ? script.lines().range(0, script.text().length())
              : script.range(script.statements().get(script.statements().size() - 1));
      found.add(
          Diagnostic.warning(
              Code.NO_JOB,
              "The script has no INSERT, so there is nothing to start.",
              null,
              -1,
              place));
    }
  }

  private void kind(Statement statement) {
    switch (statement.kind()) {
      case ADD_JAR, REMOVE_JAR ->
          error(statement, Code.ADD_JAR, "A script cannot add or remove jars.", DEPENDENCIES);
      case QUERY ->
          error(
              statement,
              Code.TOP_LEVEL_QUERY,
              "A query at top level has nowhere to put its rows.",
              "Write INSERT INTO a table before it.");
      case UPDATE, DELETE, TRUNCATE, CALL, ANALYZE ->
          error(
              statement,
              Code.NOT_ALLOWED,
              statement.kind() + " acts at once and is no part of a job.",
              null);
      case REPLACE_TABLE_AS ->
          error(
              statement,
              Code.NOT_ALLOWED,
              "REPLACE TABLE would drop the table again at every start.",
              "Create the table, then INSERT.");
      case EXPLAIN, SHOW, DESCRIBE, COMPILE_PLAN, EXECUTE_PLAN ->
          error(
              statement,
              Code.NOT_ALLOWED,
              "This statement is for a console and is no part of a job.",
              null);
      case CREATE_FUNCTION -> usingJar(statement);
      case SET -> setting(statement);
      case RESET ->
          Settings.resetKey(statement)
              .ifPresent(
                  key ->
                      ForbiddenOptions.reason(key)
                          .ifPresent(
                              why ->
                                  error(
                                      statement,
                                      Code.FORBIDDEN_OPTION,
                                      "A script may not reset '" + key + "': " + why + ".",
                                      null)));
      default -> {}
    }
  }

  private void usingJar(Statement statement) {
    List<Token> tokens = statement.tokens();
    for (int i = 1; i + 1 < tokens.size(); i++) {
      if (tokens.get(i).is("USING")
          && (tokens.get(i + 1).is("JAR") || tokens.get(i + 1).is("ARTIFACT"))) {
        Range place = script.range(tokens.get(i), tokens.get(tokens.size() - 1));
        found.add(
            Diagnostic.error(
                Code.ADD_JAR,
                "A function cannot bring its own jar.",
                DEPENDENCIES,
                statement.index(),
                place));
        return;
      }
    }
  }

  private void setting(Statement statement) {
    var read = Settings.read(statement);
    if (read.isEmpty()) {
      error(statement, Code.SYNTAX, "SET needs a key and a value.", "SET 'key' = 'value';");
      return;
    }
    Settings.Setting setting = read.get();
    ForbiddenOptions.reason(setting.key())
        .ifPresent(
            why -> {
              Range place =
                  script.range(
                      statement.tokens().get(1), statement.tokens().get(setting.keyEnd() - 1));
              found.add(
                  Diagnostic.error(
                      Code.FORBIDDEN_OPTION,
                      "A script may not set '" + setting.key() + "': " + why + ".",
                      null,
                      statement.index(),
                      place));
            });
  }

  private void error(Statement statement, Code code, String message, String hint) {
    found.add(
        Diagnostic.error(
            code, message, hint, statement.index(), Places.firstLine(script, statement)));
  }
}
