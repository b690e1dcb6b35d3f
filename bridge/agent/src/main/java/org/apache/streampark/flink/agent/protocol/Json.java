// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.protocol;

import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonProcessingException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ArrayNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.TextNode;
import org.apache.streampark.flink.agent.sql.Range;

/**
 * JSON by the Jackson that Flink carries relocated, the same name on every line, so that no job jar
 * can clash with it.
 */
public final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  public static ArrayNode array() {
    return MAPPER.createArrayNode();
  }

  public static JsonNode parse(String text) throws JsonProcessingException {
    return MAPPER.readTree(text);
  }

  public static byte[] bytes(JsonNode node) throws JsonProcessingException {
    return MAPPER.writeValueAsBytes(node);
  }

  public static ObjectNode strings(Map<String, String> map) {
    ObjectNode out = object();
    map.forEach(out::put);
    return out;
  }

  public static ArrayNode strings(Iterable<String> values) {
    ArrayNode out = array();
    values.forEach(out::add);
    return out;
  }

  public static ObjectNode position(ObjectNode into, Range range) {
    return into.put("line", range.line())
        .put("column", range.column())
        .put("endLine", range.endLine())
        .put("endColumn", range.endColumn());
  }

  /** Every text value rewritten in place but those of the members named; names are left alone. */
  public static JsonNode mapTexts(
      JsonNode node, Set<String> except, UnaryOperator<String> rewrite) {
    if (node instanceof TextNode text) {
      String was = text.asText();
      String now = rewrite.apply(was);
      return now.equals(was) ? node : TextNode.valueOf(now);
    }
    if (node instanceof ObjectNode object) {
      for (var fields = object.fields(); fields.hasNext(); ) {
        var field = fields.next();
        boolean skip = except.contains(field.getKey()) && !field.getValue().isObject();
        if (!skip) {
          field.setValue(mapTexts(field.getValue(), except, rewrite));
        }
      }
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, mapTexts(array.get(i), except, rewrite));
      }
    }
    return node;
  }
}
