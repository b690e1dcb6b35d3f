// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.protocol;

import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.apache.flink.configuration.GlobalConfiguration;

/**
 * The secret values seen since the agent's start, masked in every reply and log line. They are kept
 * for the JVM's life because a library may log one long after the request that carried it. Safe for
 * use by several threads.
 */
public final class Secrets {
  public static final String MASK = GlobalConfiguration.HIDDEN_CONTENT;

  /** Shorter values would mask ordinary text, and are no secrets worth the name. */
  private static final int SHORTEST = 4;

  /** Longest first, so that a secret which contains another is masked whole. */
  private final Set<String> values =
      new ConcurrentSkipListSet<>(
          Comparator.comparingInt(String::length)
              .reversed()
              .thenComparing(Comparator.naturalOrder()));

  public static boolean isSensitive(String key) {
    return GlobalConfiguration.isSensitive(key);
  }

  public void learn(String key, String value) {
    if (isSensitive(key) && value.length() >= SHORTEST) {
      values.add(value);
    }
  }

  public void learn(Map<String, String> options) {
    options.forEach(this::learn);
  }

  public String mask(String text) {
    String out = text;
    for (String value : values) {
      if (out.contains(value)) {
        out = out.replace(value, MASK);
      }
    }
    return out;
  }

  public static String shown(String key, String value) {
    return isSensitive(key) ? MASK : value;
  }
}
