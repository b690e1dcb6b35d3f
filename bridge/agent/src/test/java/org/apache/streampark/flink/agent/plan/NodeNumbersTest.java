// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import org.apache.streampark.flink.agent.protocol.Json;
import org.junit.jupiter.api.Test;

class NodeNumbersTest {
  private static String source(int id, String table) {
    return "{\"id\":"
        + id
        + ",\"type\":\"source_1\",\"scanTableSource\":{\"table\":{\"identifier\":\""
        + table
        + "\"}},\"outputType\":\"ROW<a>\"}";
  }

  private static String node(int id, String type, String what) {
    return "{\"id\":" + id + ",\"type\":\"" + type + "\",\"what\":\"" + what + "\"}";
  }

  private static StoredPlan plan(String nodes, String... edges) throws Exception {
    StringBuilder all = new StringBuilder();
    for (String edge : edges) {
      String[] ends = edge.split(">");
      all.append(all.length() > 0 ? "," : "")
          .append("{\"source\":" + ends[0] + ",\"target\":" + ends[1] + "}");
    }
    return StoredPlan.parse(
        "{\"flinkVersion\":\"1.20\",\"nodes\":[" + nodes + "],\"edges\":[" + all + "]}");
  }

  private static int id(StoredPlan plan, int index) throws Exception {
    return Json.parse(plan.text()).get("nodes").get(index).get("id").asInt();
  }

  @Test
  void countsFromOneWhateverTheJvmCounted() throws Exception {
    StoredPlan one = plan(source(7, "s") + "," + node(9, "agg_1", "x"), "7>9");
    StoredPlan other = plan(source(107, "s") + "," + node(118, "agg_1", "x"), "107>118");
    one.renumber(List.of(), 0);
    other.renumber(List.of(), 0);
    assertEquals(one.text(), other.text());
    assertEquals(1, id(one, 0));
    assertEquals(2, Json.parse(one.text()).get("edges").get(0).get("target").asInt());
  }

  @Test
  void anotherInsertBeforeDoesNotMoveTheOld() throws Exception {
    StoredPlan before = plan(source(1, "s") + "," + node(2, "agg_1", "x"), "1>2");
    StoredPlan now =
        plan(
            source(11, "new")
                + ","
                + node(12, "agg_1", "y")
                + ","
                + source(13, "s")
                + ","
                + node(14, "agg_1", "x"),
            "11>12",
            "13>14");
    now.renumber(List.of(before), 0);
    assertEquals(1, id(now, 2));
    assertEquals(2, id(now, 3));
    assertEquals(3, id(now, 0));
    assertEquals(4, id(now, 1));
  }

  private static String calc(int id, String projection, String condition) {
    return "{\"id\":"
        + id
        + ",\"type\":\"calc_1\",\"projection\":\""
        + projection
        + "\",\"condition\":\""
        + condition
        + "\"}";
  }

  private static StoredPlan counted(int first, String projection, String condition)
      throws Exception {
    int calc = first + 1;
    int aggregate = first + 2;
    return plan(
        source(first, "s")
            + ","
            + calc(calc, projection, condition)
            + ","
            + node(aggregate, "agg_1", "x"),
        first + ">" + calc,
        calc + ">" + aggregate);
  }

  @Test
  void aChangedFilterKeepsWhatComesAfter() throws Exception {
    StoredPlan now = counted(5, "a", "a > 2");
    now.renumber(List.of(counted(1, "a", "a > 1")), 0);
    assertEquals(1, id(now, 0));
    assertEquals(3, id(now, 2));
  }

  @Test
  void anotherKeyBeforeAnAggregateIsAnotherAggregate() throws Exception {
    StoredPlan now = counted(5, "MOD(a, 7)", "");
    now.renumber(List.of(counted(1, "MOD(a, 5)", "")), 0);
    assertEquals(1, id(now, 0));
    assertEquals(5, id(now, 2));
  }

  @Test
  void anotherAggregateIsAnother() throws Exception {
    StoredPlan before = plan(source(1, "s") + "," + node(2, "agg_1", "x"), "1>2");
    StoredPlan now = plan(source(1, "s") + "," + node(2, "agg_1", "y"), "1>2");
    now.renumber(List.of(before), 0);
    assertNotEquals(2, id(now, 1));
  }

  @Test
  void aNumberIsNeverGivenToAnother() throws Exception {
    StoredPlan before = plan(source(1, "s") + "," + node(2, "agg_1", "x"), "1>2");
    StoredPlan now = plan(source(1, "s") + "," + node(2, "agg_1", "y"), "1>2");
    assertEquals(8, now.renumber(List.of(before), 7));
    assertEquals(8, id(now, 1));
  }

  @Test
  void twoBranchesFromOnePlanDoNotShareNewNumbers() throws Exception {
    StoredPlan base = plan(source(1, "s"));
    StoredPlan one = plan(source(1, "s") + "," + node(2, "agg_1", "x"), "1>2");
    StoredPlan other = plan(source(1, "s") + "," + node(2, "agg_1", "y"), "1>2");
    int highest = one.renumber(List.of(base), 1);
    other.renumber(List.of(base, one), highest);
    assertEquals(2, id(one, 1));
    assertEquals(3, id(other, 1));
  }

  @Test
  void aNodeThatComesBackHasItsOldNumber() throws Exception {
    StoredPlan old = plan(source(1, "s") + "," + node(2, "agg_1", "x"), "1>2");
    StoredPlan without = plan(source(1, "s") + "," + node(3, "agg_1", "y"), "1>3");
    StoredPlan back = plan(source(1, "s") + "," + node(2, "agg_1", "x"), "1>2");
    back.renumber(List.of(without, old), 3);
    assertEquals(2, id(back, 1));
  }

  @Test
  void anOlderPlanDoesNotGiveAwayANumberThatIsAnothersNow() throws Exception {
    StoredPlan old = plan(node(1, "agg_1", "x") + "," + node(2, "agg_1", "y"));
    StoredPlan closer = plan(node(1, "agg_1", "x changed"));
    StoredPlan now = plan(node(5, "agg_1", "x"));
    now.renumber(List.of(closer, old), 2);
    assertEquals(3, id(now, 0));
  }

  @Test
  void literalsKeepTheirDigits() throws Exception {
    StoredPlan plan =
        StoredPlan.parse(
            "{\"nodes\":[{\"id\":1,\"value\":1.10000000000000000000000001}],\"edges\":[]}");
    assertEquals(true, plan.text().contains("1.10000000000000000000000001"));
  }
}
