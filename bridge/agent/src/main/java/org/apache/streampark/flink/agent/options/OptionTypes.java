// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.options;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.description.HtmlFormatter;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ArrayNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.flink.util.TimeUtils;
import org.apache.streampark.flink.agent.flink.FlinkLine;
import org.apache.streampark.flink.agent.protocol.Json;

/** A ConfigOption in the protocol's words. */
public final class OptionTypes {
  private OptionTypes() {}

  public static String of(ConfigOption<?> option) {
    if (FlinkLine.isList(option)) {
      return "LIST";
    }
    Class<?> type = FlinkLine.type(option);
    if (type.isEnum()) {
      return "ENUM";
    }
    if (Map.class.isAssignableFrom(type)) {
      return "MAP";
    }
    return switch (type.getSimpleName()) {
      case "Integer" -> "INT";
      case "Long" -> "LONG";
      case "Boolean" -> "BOOLEAN";
      case "Double" -> "DOUBLE";
      case "Float" -> "FLOAT";
      case "Duration" -> "DURATION";
      case "MemorySize" -> "MEMORY";
      default -> "STRING";
    };
  }

  /** Empty for an option of another type. */
  static List<String> enumValues(ConfigOption<?> option) {
    Object[] constants = FlinkLine.type(option).getEnumConstants();
    return constants == null ? List.of() : Arrays.stream(constants).map(Object::toString).toList();
  }

  public static ObjectNode describe(ConfigOption<?> option) {
    ObjectNode out = Json.object().put("key", option.key()).put("type", of(option));
    Object value = option.defaultValue();
    if (value != null) {
      out.put("default", text(value));
    }
    List<String> values = enumValues(option);
    if (!values.isEmpty()) {
      out.set("enumValues", Json.strings(values));
    }
    out.put("description", plain(new HtmlFormatter().format(option.description())));
    ArrayNode older = Json.array();
    option.fallbackKeys().forEach(key -> older.add(key.getKey()));
    if (!older.isEmpty()) {
      out.set("deprecatedKeys", older);
    }
    return out;
  }

  private static String text(Object value) {
    if (value instanceof Duration duration) {
      return TimeUtils.formatWithHighestUnit(duration);
    }
    return value instanceof MemorySize size ? size.toHumanReadableString() : value.toString();
  }

  private static String plain(String html) {
    return html.replaceAll("<br\\s*/?>|</li>", "\n")
        .replaceAll("<[^>]+>", "")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
        .strip();
  }
}
