// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.sql;

import java.util.Arrays;

/**
 * Offsets of a text to lines and columns and back. Both are 1-based, columns count UTF-16 units,
 * and {@code \n}, {@code \r\n} and {@code \r} end a line, which is how the planner's lexer and the
 * editor count as well.
 */
public final class LineMap {
  private final int length;
  private int[] starts = new int[64];
  private int lines = 1;

  public LineMap(String text) {
    length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c == '\n' || (c == '\r' && !(i + 1 < length && text.charAt(i + 1) == '\n'))) {
        if (lines == starts.length) {
          starts = Arrays.copyOf(starts, lines * 2);
        }
        starts[lines++] = i + 1;
      }
    }
  }

  public int line(int offset) {
    int at = Arrays.binarySearch(starts, 0, lines, offset);
    return at >= 0 ? at + 1 : -at - 1;
  }

  public int column(int offset) {
    return offset - starts[line(offset) - 1] + 1;
  }

  /** The offset of a place; one outside the text is moved to its nearest end. */
  public int offset(int line, int column) {
    if (line < 1) {
      return 0;
    }
    if (line > lines) {
      return length;
    }
    return Math.max(0, Math.min(length, starts[line - 1] + column - 1));
  }

  public Range range(int start, int end) {
    return new Range(line(start), column(start), line(end), column(end));
  }
}
