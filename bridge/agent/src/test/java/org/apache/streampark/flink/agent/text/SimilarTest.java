// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SimilarTest {
  private static final List<String> KNOWN =
      List.of("rows-per-second", "number-of-rows", "path", "format");

  @Test
  void suggestsWhatWasMeant() {
    assertEquals(Optional.of("rows-per-second"), Similar.suggest("rows-per-secon", KNOWN));
    assertEquals(Optional.of("path"), Similar.suggest("paht", KNOWN));
    assertEquals(Optional.of("format"), Similar.suggest("fromat", KNOWN));
  }

  @Test
  void suggestsNothingFarOff() {
    assertEquals(Optional.empty(), Similar.suggest("password", KNOWN));
    assertEquals(Optional.empty(), Similar.suggest("", KNOWN));
  }

  @Test
  void countsEdits() {
    assertEquals(0, Similar.distance("abc", "abc", 9));
    assertEquals(1, Similar.distance("abc", "acb", 9));
    assertEquals(3, Similar.distance("kitten", "sitting", 9));
    assertEquals(2, Similar.distance("kitten", "sitting", 2));
  }
}
