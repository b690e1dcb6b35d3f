// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.options;

import java.util.Map;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ArrayNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.streampark.flink.agent.flink.FlinkLine;
import org.apache.streampark.flink.agent.protocol.Json;
import org.apache.streampark.flink.agent.protocol.Secrets;

/**
 * Findings about keys and values: a key that is nearly one that Flink knows is an error, one that
 * is like none is a warning, for a plugin may read it.
 */
final class OptionCheck {
  private final ArrayNode errors = Json.array();
  private final ArrayNode warnings = Json.array();

  void keysAndValues(Map<String, String> options) {
    KnownOptions known = KnownOptions.ofClassPath();
    options.forEach(
        (key, value) -> {
          if (known.find(key).isEmpty() && !known.isFree(key)) {
            known
                .suggest(key)
                .ifPresentOrElse(
                    near ->
                        error(key, "Flink " + FlinkLine.version() + " has no such option.", near),
                    () ->
                        warning(
                            key,
                            "Flink "
                                + FlinkLine.version()
                                + " has no such option; only a plugin could read it.",
                            null));
            return;
          }
          known.newerKey(key).ifPresent(newer -> warning(key, "This is an older name.", newer));
          known
              .problem(key, value)
              .ifPresent(
                  problem ->
                      error(
                          key,
                          Secrets.isSensitive(key) ? "The value cannot be read." : problem,
                          null));
        });
  }

  void error(String key, String message, String suggestion) {
    errors.add(finding(key, message, suggestion));
  }

  void warning(String key, String message, String suggestion) {
    warnings.add(finding(key, message, suggestion));
  }

  private static ObjectNode finding(String key, String message, String suggestion) {
    ObjectNode out = Json.object().put("key", key).put("message", message);
    return suggestion == null ? out : out.put("suggestion", suggestion);
  }

  ObjectNode toJson() {
    ObjectNode out = Json.object();
    out.set("errors", errors);
    out.set("warnings", warnings);
    return out;
  }
}
