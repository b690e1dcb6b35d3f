// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.script;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.apache.flink.table.api.ValidationException;
import org.junit.jupiter.api.Test;

class FaultTest {
  @Test
  void everyUnsupportedOptionIsItsOwnFault() {
    String text =
        "Unsupported options found for 'datagen'.\n\n"
            + "Unsupported options:\n\n"
            + "foo\n"
            + "rows\n\n"
            + "Supported options:\n\n"
            + "connector\n"
            + "rows-per-second";
    List<Fault> faults =
        Fault.of(
            new ValidationException(
                "Unable to create a source for reading table 'a.b.c'.\n\n"
                    + "Table options are:\n\n"
                    + "'x'='y'",
                new ValidationException(text)));
    assertEquals(List.of("foo", "rows"), faults.stream().map(Fault::name).toList());
    assertEquals("a.b.c", faults.get(0).table());
    assertEquals(Diagnostic.Code.OPTION_UNKNOWN, faults.get(0).code());
  }

  @Test
  void anUnknownSentenceComesThroughWithoutTheOptionsDump() {
    List<Fault> faults =
        Fault.of(
            new ValidationException(
                "Unable to create a sink for writing table 'a.b.c'.\n\n"
                    + "Table options are:\n\n"
                    + "'p'='q'",
                new IllegalArgumentException("Either 'topic' or 'topic-pattern' must be set.")));
    assertEquals("Either 'topic' or 'topic-pattern' must be set.", faults.get(0).message());
    assertEquals("topic", faults.get(0).name());
  }

  @Test
  void positionsInTextAreFound() {
    Fault fault =
        Fault.of(
                new ValidationException(
                    "The rowtime attribute field 'tt' is not defined in the table schema, at line"
                        + " 2, column 41\n"
                        + "Available fields: ['id']"))
            .get(0);
    assertEquals(new PlannerPosition(2, 41, 2, 41), fault.position());
    assertEquals(Diagnostic.Code.UNKNOWN_COLUMN, fault.code());
  }

  @Test
  void aFailureWithoutWordsStillSaysSomething() {
    assertEquals(
        "java.lang.NullPointerException", Fault.of(new NullPointerException()).get(0).message());
  }
}
