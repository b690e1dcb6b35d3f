// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.script;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.streampark.flink.agent.flink.FlinkLine;

/**
 * A place as the planner gives it: 1-based within the statement, its end being the last character
 * itself.
 */
record PlannerPosition(int line, int column, int endLine, int endColumn) {
  private static final Pattern TEXT_POSITION =
      Pattern.compile("(?i)\\bat line (\\d+), column (\\d+)");

  /** Null when this failure carries no place. */
  static PlannerPosition of(Throwable at) {
    PlannerPosition fields =
        switch (at.getClass().getSimpleName()) {
          case "CalciteContextException" ->
              position(at, "getPosLine", "getPosColumn", "getEndPosLine", "getEndPosColumn");
          case "SqlParseException" ->
              FlinkLine.get(at, "getPos").map(PlannerPosition::parserPosition).orElse(null);
          case "SqlValidateException" ->
              FlinkLine.get(at, "getErrorPosition")
                  .map(PlannerPosition::parserPosition)
                  .orElse(null);
          default -> null;
        };
    if (fields != null && fields.line() > 0) {
      return fields;
    }
    Matcher matcher = TEXT_POSITION.matcher(String.valueOf(at.getMessage()));
    if (matcher.find()) {
      int line = Integer.parseInt(matcher.group(1));
      int column = Integer.parseInt(matcher.group(2));
      // The parser's 0:0 is the end of the text.
      return line == 0
          ? new PlannerPosition(Integer.MAX_VALUE, 1, Integer.MAX_VALUE, 1)
          : new PlannerPosition(line, column, line, column);
    }
    return null;
  }

  private static PlannerPosition parserPosition(Object position) {
    return position(position, "getLineNum", "getColumnNum", "getEndLineNum", "getEndColumnNum");
  }

  private static PlannerPosition position(
      Object from, String line, String column, String endLine, String endColumn) {
    int l = number(from, line);
    int c = number(from, column);
    int el = number(from, endLine);
    int ec = number(from, endColumn);
    return l <= 0 ? null : new PlannerPosition(l, c, el <= 0 ? l : el, el <= 0 ? c : ec);
  }

  private static int number(Object from, String getter) {
    return FlinkLine.get(from, getter).map(value -> ((Number) value).intValue()).orElse(0);
  }
}
