// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.factories;

import java.util.Arrays;
import java.util.Locale;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ArrayNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.streampark.flink.agent.flink.FlinkLine;
import org.apache.streampark.flink.agent.flink.Session;
import org.apache.streampark.flink.agent.protocol.Json;

/** The methods {@code functions} and {@code keywords}: the words of this version's SQL. */
public final class Vocabulary {
  private Vocabulary() {}

  public static ObjectNode functions() {
    ObjectNode out = Json.object();
    ArrayNode functions = out.putArray("functions");
    String[] names = Session.open(new Configuration()).environment().listFunctions();
    Arrays.stream(names)
        .map(name -> name.toUpperCase(Locale.ROOT))
        .sorted()
        .distinct()
        .forEach(name -> functions.addObject().put("name", name).put("kind", "SYSTEM"));
    return out;
  }

  public static ObjectNode keywords() {
    ObjectNode out = Json.object();
    ArrayNode keywords = out.putArray("keywords");
    ArrayNode reserved = out.putArray("reserved");
    FlinkLine.keywords(Session.open(new Configuration()).planner())
        .forEach(
            (word, isReserved) -> {
              keywords.add(word);
              if (isReserved) {
                reserved.add(word);
              }
            });
    return out;
  }
}
