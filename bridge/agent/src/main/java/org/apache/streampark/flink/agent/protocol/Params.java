// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.protocol;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;

/**
 * A request's parameters, read with their types checked; a wrong or missing one is {@code
 * BAD_REQUEST}.
 */
public final class Params {
  private final JsonNode node;
  private final String path;

  public Params(JsonNode node) {
    this(node, "");
  }

  private Params(JsonNode node, String path) {
    this.node = node;
    this.path = path;
  }

  public String text(String name) throws AgentException {
    return optionalText(name).orElseThrow(() -> bad(name, "is missing"));
  }

  public Optional<String> optionalText(String name) throws AgentException {
    JsonNode value = value(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw bad(name, "must be a string");
    }
    return Optional.of(value.asText());
  }

  public Optional<Long> optionalNumber(String name) throws AgentException {
    JsonNode value = value(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw bad(name, "must be a whole number");
    }
    return Optional.of(value.asLong());
  }

  /** False when absent. */
  public boolean flag(String name) throws AgentException {
    JsonNode value = value(name);
    if (value != null && !value.isBoolean()) {
      throw bad(name, "must be true or false");
    }
    return value != null && value.asBoolean();
  }

  /**
   * A map of strings, in the order given; empty when absent. Numbers and booleans are taken as
   * their text.
   */
  public Map<String, String> strings(String name) throws AgentException {
    Map<String, String> out = new LinkedHashMap<>();
    JsonNode value = value(name);
    if (value == null) {
      return out;
    }
    if (!value.isObject()) {
      throw bad(name, "must be an object of strings");
    }
    for (var fields = value.fields(); fields.hasNext(); ) {
      var field = fields.next();
      if (!field.getValue().isValueNode() || field.getValue().isNull()) {
        throw bad(name + "." + field.getKey(), "must be a string");
      }
      out.put(field.getKey(), field.getValue().asText());
    }
    return out;
  }

  /** Empty when absent. */
  public List<String> list(String name) throws AgentException {
    List<String> out = new ArrayList<>();
    JsonNode value = value(name);
    if (value == null) {
      return out;
    }
    if (!value.isArray()) {
      throw bad(name, "must be an array of strings");
    }
    for (JsonNode item : value) {
      if (!item.isTextual()) {
        throw bad(name, "must be an array of strings");
      }
      out.add(item.asText());
    }
    return out;
  }

  public Optional<Params> object(String name) throws AgentException {
    JsonNode value = value(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isObject()) {
      throw bad(name, "must be an object");
    }
    return Optional.of(new Params(value, path + name + "."));
  }

  private JsonNode value(String name) {
    JsonNode value = node.get(name);
    return value == null || value.isNull() ? null : value;
  }

  private AgentException bad(String name, String what) {
    return new AgentException(
        AgentException.Code.BAD_REQUEST, "Parameter " + path + name + " " + what + ".");
  }
}
