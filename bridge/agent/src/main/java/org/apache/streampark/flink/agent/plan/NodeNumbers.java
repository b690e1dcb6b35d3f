// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.plan;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Numbers the nodes of a compiled plan. Flink counts them up for the life of the JVM and builds an
 * operator's uid from the number, so the same script would get other uids, and lose its state, each
 * time that it is compiled. Here numbers depend on the plan alone, and on those before it:
 *
 * <ol>
 *   <li>a node that is equal to one of the closest plan before, with all that feeds it, keeps that
 *       one's number;
 *   <li>then a node that does the same to the same columns, whatever filters let through: another
 *       expression before an aggregate is another aggregate, and must not take over its state;
 *   <li>then a source or sink of the same table;
 *   <li>then the same three in the plans further back, for a node that was taken out comes back to
 *       the state of then; a number that a closer plan has is not given by them;
 *   <li>all others get numbers that no node of the job ever had, for a snapshot of any age may hold
 *       state under an old one.
 * </ol>
 *
 * Without a plan before, nodes count from 1 in the planner's order.
 */
final class NodeNumbers {
  private final List<ObjectNode> nodes = new ArrayList<>();
  private final Map<Integer, ObjectNode> byId = new HashMap<>();
  private final Map<Integer, List<Integer>> inputs = new HashMap<>();
  private final Map<Integer, String> signatures = new HashMap<>();
  private final Map<Integer, String> unfiltered = new HashMap<>();

  private NodeNumbers(ObjectNode plan) {
    plan.get("nodes").forEach(node -> nodes.add((ObjectNode) node));
    nodes.sort(Comparator.comparingInt(NodeNumbers::id));
    nodes.forEach(node -> byId.put(id(node), node));
    for (JsonNode edge : plan.get("edges")) {
      inputs
          .computeIfAbsent(edge.get("target").asInt(), none -> new ArrayList<>())
          .add(edge.get("source").asInt());
    }
  }

  /**
   * {@code before}: the closest plan first; {@code highest}: the highest number that a node of the
   * job ever had. Returns what that is now.
   */
  static int assign(ObjectNode plan, List<ObjectNode> before, int highest) {
    NodeNumbers now = new NodeNumbers(plan);
    Map<Integer, Integer> numbers =
        now.keeping(before.stream().map(NodeNumbers::new).toList(), highest);
    for (ObjectNode node : now.nodes) {
      node.put("id", numbers.get(id(node)));
    }
    for (JsonNode edge : plan.get("edges")) {
      ObjectNode at = (ObjectNode) edge;
      at.put("source", numbers.get(at.get("source").asInt()));
      at.put("target", numbers.get(at.get("target").asInt()));
    }
    int own = now.nodes.stream().mapToInt(NodeNumbers::id).max().orElse(0);
    return Math.max(highestOf(before, highest), own);
  }

  private static int highestOf(List<ObjectNode> plans, int highest) {
    for (ObjectNode plan : plans) {
      for (JsonNode node : plan.get("nodes")) {
        highest = Math.max(highest, node.get("id").asInt());
      }
    }
    return highest;
  }

  private Map<Integer, Integer> keeping(List<NodeNumbers> before, int highest) {
    Map<Integer, Integer> numbers = new HashMap<>();
    Set<Integer> taken = new HashSet<>();
    for (NodeNumbers earlier : before) {
      match(earlier, numbers, taken, NodeNumbers::withInputs);
      match(earlier, numbers, taken, NodeNumbers::withInputsUnfiltered);
      match(earlier, numbers, taken, (plan, node) -> table(node));
      earlier.nodes.forEach(node -> taken.add(id(node)));
    }
    int next = Math.max(highest, taken.stream().mapToInt(Integer::intValue).max().orElse(0)) + 1;
    for (ObjectNode node : nodes) {
      if (!numbers.containsKey(id(node))) {
        numbers.put(id(node), next++);
      }
    }
    return numbers;
  }

  private interface Key {
    /** Null for a node that this rule does not speak of. */
    String of(NodeNumbers plan, ObjectNode node);
  }

  private void match(
      NodeNumbers before, Map<Integer, Integer> numbers, Set<Integer> taken, Key key) {
    Map<String, Deque<Integer>> free = new HashMap<>();
    for (ObjectNode node : before.nodes) {
      String name = key.of(before, node);
      if (name != null && !taken.contains(id(node))) {
        free.computeIfAbsent(name, none -> new ArrayDeque<>()).add(id(node));
      }
    }
    for (ObjectNode node : nodes) {
      String name = numbers.containsKey(id(node)) ? null : key.of(this, node);
      Deque<Integer> candidates = name == null ? null : free.get(name);
      if (candidates != null && !candidates.isEmpty()) {
        int number = candidates.poll();
        numbers.put(id(node), number);
        taken.add(number);
      }
    }
  }

  private String withInputs(ObjectNode node) {
    int id = id(node);
    String known = signatures.get(id);
    if (known != null) {
      return known;
    }
    StringBuilder text = new StringBuilder(without(node, "id"));
    for (int input : inputs.getOrDefault(id, Collections.emptyList())) {
      text.append('<').append(withInputs(byId.get(input)));
    }
    String digest = StoredPlan.digest(text.toString());
    signatures.put(id, digest);
    return digest;
  }

  /** A source counts as its table and what it gives; a filter may have been pushed into it. */
  private String withInputsUnfiltered(ObjectNode node) {
    int id = id(node);
    String known = unfiltered.get(id);
    if (known != null) {
      return known;
    }
    StringBuilder text =
        new StringBuilder(
            node.has("scanTableSource")
                ? table(node) + node.path("outputType")
                : without(
                    node,
                    "id",
                    "description",
                    "inputProperties",
                    "configuration",
                    "dynamicFilteringDataListenerID",
                    "condition"));
    for (int input : inputs.getOrDefault(id, Collections.emptyList())) {
      text.append('<').append(withInputsUnfiltered(byId.get(input)));
    }
    String digest = StoredPlan.digest(text.toString());
    unfiltered.put(id, digest);
    return digest;
  }

  private static String table(ObjectNode node) {
    Function<String, String> name =
        spec -> node.path(spec).path("table").path("identifier").asText("");
    String source = name.apply("scanTableSource");
    String sink = name.apply("dynamicTableSink");
    return source.isEmpty() && sink.isEmpty() ? null : "source " + source + " sink " + sink;
  }

  private static String without(ObjectNode node, String... members) {
    return node.deepCopy().without(List.of(members)).toString();
  }

  private static int id(ObjectNode node) {
    return node.get("id").asInt();
  }
}
