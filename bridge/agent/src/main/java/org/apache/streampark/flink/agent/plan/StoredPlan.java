// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.plan;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonProcessingException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.DeserializationFeature;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.SerializationFeature;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.JsonNodeFactory;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.flink.table.catalog.ObjectIdentifier;
import org.apache.flink.table.catalog.UnresolvedIdentifier;
import org.apache.streampark.flink.agent.flink.Session;
import org.apache.streampark.flink.agent.protocol.Secrets;

/**
 * Flink's compiled plan as the console keeps it: the planner's JSON with stable node numbers
 * ({@link NodeNumbers}) and without secrets, which are filled in again from the script's own tables
 * when it is loaded.
 */
final class StoredPlan {
  /** Numbers keep every digit: a plan holds literals. */
  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .setNodeFactory(JsonNodeFactory.withExactBigDecimals(true))
          .enable(SerializationFeature.INDENT_OUTPUT);

  private final ObjectNode root;

  private StoredPlan(ObjectNode root) {
    this.root = root;
  }

  static StoredPlan parse(String json) throws JsonProcessingException {
    JsonNode node = MAPPER.readTree(json);
    if (!(node instanceof ObjectNode object)
        || !object.path("nodes").isArray()
        || !object.path("edges").isArray()) {
      throw new IllegalArgumentException("it has no nodes and edges");
    }
    return new StoredPlan(object);
  }

  /**
   * Nodes that are the same as in a plan before, the closest first, keep their numbers, and with
   * them their state. Returns the highest number that a node of the job ever had.
   */
  int renumber(List<StoredPlan> before, int highest) {
    return NodeNumbers.assign(root, before.stream().map(plan -> plan.root).toList(), highest);
  }

  void hideSecrets() {
    forEachOptions(
        root,
        (table, options) ->
            options
                .fields()
                .forEachRemaining(
                    option -> {
                      if (Secrets.isSensitive(option.getKey())) {
                        options.put(option.getKey(), Secrets.MASK);
                      }
                    }));
  }

  /**
   * From the tables of the session, whose DDL has run; a secret given in a hint alone cannot be
   * found again.
   */
  void fillSecrets(Session session) {
    forEachOptions(
        root,
        (table, options) ->
            options
                .fields()
                .forEachRemaining(
                    option -> {
                      if (option.getValue().asText().equals(Secrets.MASK)) {
                        current(session, table, option.getKey())
                            .ifPresent(value -> options.put(option.getKey(), value));
                      }
                    }));
  }

  private static Optional<String> current(Session session, String table, String key) {
    UnresolvedIdentifier unresolved = session.environment().getParser().parseIdentifier(table);
    ObjectIdentifier identifier = session.catalogs().qualifyIdentifier(unresolved);
    return session
        .catalogs()
        .getTable(identifier)
        .map(found -> found.getResolvedTable().getOptions().get(key));
  }

  private interface OptionsVisitor {
    void visit(String table, ObjectNode options);
  }

  private static void forEachOptions(JsonNode node, OptionsVisitor visitor) {
    if (node.path("resolvedTable").path("options") instanceof ObjectNode options
        && node.path("identifier").isTextual()) {
      visitor.visit(node.get("identifier").asText(), options);
    }
    node.forEach(child -> forEachOptions(child, visitor));
  }

  String text() {
    try {
      return MAPPER.writeValueAsString(root);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  static String digest(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
