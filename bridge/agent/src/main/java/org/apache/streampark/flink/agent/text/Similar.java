// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.text;

import java.util.Collection;
import java.util.Optional;

/** "Did you mean": the nearest known word, when it is near enough to have been meant. */
public final class Similar {
  private Similar() {}

  public static Optional<String> suggest(String word, Collection<String> known) {
    String best = null;
    int bestDistance = Math.max(2, word.length() / 4) + 1;
    for (String candidate : known) {
      if (Math.abs(candidate.length() - word.length()) >= bestDistance) {
        continue;
      }
      int distance = distance(word, candidate, bestDistance);
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return Optional.ofNullable(best);
  }

  /**
   * Edits (insert, delete, replace, swap of neighbours) from one to the other, or {@code limit}
   * when there are that many or more.
   */
  static int distance(String from, String to, int limit) {
    int[] beforeLast = new int[to.length() + 1];
    int[] last = new int[to.length() + 1];
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      row[0] = i;
      int smallest = i;
      for (int j = 1; j <= to.length(); j++) {
        int replace = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
        int value = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + replace);
        boolean swapped =
            i > 1
                && j > 1
                && from.charAt(i - 1) == to.charAt(j - 2)
                && from.charAt(i - 2) == to.charAt(j - 1);
        if (swapped) {
          value = Math.min(value, beforeLast[j - 2] + 1);
        }
        row[j] = value;
        smallest = Math.min(smallest, value);
      }
      if (smallest >= limit) {
        return limit;
      }
      int[] spare = beforeLast;
      beforeLast = last;
      last = row;
      row = spare;
    }
    return Math.min(last[to.length()], limit);
  }
}
