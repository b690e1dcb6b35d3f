// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.protocol;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Lines of UTF-8 with an upper bound; one that is longer is skipped to its end and reported as
 * such.
 */
final class LineReader {
  private final InputStream in;
  private final int limit;
  private final byte[] buffer = new byte[1 << 16];
  private int at;
  private int filled;

  LineReader(InputStream in, int limit) {
    this.in = in;
    this.limit = limit;
  }

  /** A line without its end, {@code text} null when it was too long. */
  record Line(String text) {}

  /** Null at the end of the stream; an unfinished last line is dropped, its writer died. */
  Line next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    boolean tooLong = false;
    while (true) {
      if (at == filled) {
        filled = in.read(buffer);
        at = 0;
        if (filled < 0) {
          return null;
        }
      }
      int end = at;
      while (end < filled && buffer[end] != '\n') {
        end++;
      }
      if (!tooLong) {
        line.write(buffer, at, end - at);
        tooLong = line.size() > limit;
        if (tooLong) {
          line = new ByteArrayOutputStream();
        }
      }
      boolean done = end < filled;
      at = done ? end + 1 : end;
      if (done) {
        return new Line(tooLong ? null : line.toString(StandardCharsets.UTF_8));
      }
    }
  }
}
