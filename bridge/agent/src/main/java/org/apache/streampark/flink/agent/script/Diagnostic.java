// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.script;

import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.streampark.flink.agent.protocol.Json;
import org.apache.streampark.flink.agent.sql.Range;

/**
 * One thing to say about a script, at its place. {@code statement} is -1 for the script as a whole;
 * {@code hint} may be null.
 */
public record Diagnostic(
    Severity severity, Code code, String message, String hint, int statement, Range place) {
  public enum Severity {
    ERROR,
    WARNING,
    INFO
  }

  public enum Code {
    SYNTAX,
    UNKNOWN_TABLE,
    UNKNOWN_COLUMN,
    UNKNOWN_FUNCTION,
    TYPE_MISMATCH,
    SINK_SCHEMA,
    CONNECTOR_NOT_FOUND,
    FORMAT_NOT_FOUND,
    OPTION_UNKNOWN,
    OPTION_MISSING,
    OPTION_INVALID,
    ALREADY_EXISTS,
    CLASS_NOT_FOUND,
    FORBIDDEN_OPTION,
    BAD_OPTION,
    ADD_JAR,
    TOP_LEVEL_QUERY,
    MULTIPLE_JOBS,
    UNCLOSED_SET,
    UNCLOSED_QUOTE,
    UNCLOSED_COMMENT,
    NOT_ALLOWED,
    NO_JOB,
    SEMANTIC
  }

  public static Diagnostic error(
      Code code, String message, String hint, int statement, Range place) {
    return new Diagnostic(Severity.ERROR, code, message, hint, statement, place);
  }

  public static Diagnostic warning(
      Code code, String message, String hint, int statement, Range place) {
    return new Diagnostic(Severity.WARNING, code, message, hint, statement, place);
  }

  public boolean isError() {
    return severity == Severity.ERROR;
  }

  ObjectNode toJson() {
    ObjectNode out =
        Json.object()
            .put("severity", severity.name())
            .put("code", code.name())
            .put("message", message);
    if (hint != null) {
      out.put("hint", hint);
    }
    return Json.position(out.put("statementIndex", statement), place);
  }
}
