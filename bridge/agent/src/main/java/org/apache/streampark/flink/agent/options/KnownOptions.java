// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.options;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.jar.JarFile;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.FallbackKey;
import org.apache.streampark.flink.agent.text.Similar;

/**
 * Every option that this Flink declares, found in the {@code …Options} classes of its own jars.
 * Made once, at the first question (about half a second); safe for use by several threads.
 */
public final class KnownOptions {
  /** Keys below these are free: reporters, file systems, environment variables, plugins. */
  private static final List<String> FREE_PREFIXES =
      List.of(
          "metrics.reporter.",
          "metrics.scope.",
          "traces.reporter.",
          "events.reporter.",
          "env.",
          "fs.",
          "s3.",
          "s3a.",
          "s3n.",
          "presto.",
          "hive.",
          "gs.",
          "azure.",
          "dfs.",
          "hadoop.",
          "flink.",
          "containerized.",
          "security.delegation.token.provider.",
          "security.kerberos.",
          "external-resource.",
          "streampark.",
          "python.",
          "zookeeper.");

  private static volatile KnownOptions instance;

  private final Map<String, ConfigOption<?>> byKey = new TreeMap<>();
  private final Map<String, ConfigOption<?>> byOlderKey = new TreeMap<>();

  private KnownOptions() {}

  /** Of the installation on the class path, which does not change. */
  public static KnownOptions ofClassPath() {
    KnownOptions known = instance;
    if (known == null) {
      synchronized (KnownOptions.class) {
        known = instance;
        if (known == null) {
          known = scan();
          instance = known;
        }
      }
    }
    return known;
  }

  public Optional<ConfigOption<?>> find(String key) {
    return Optional.ofNullable(byKey.getOrDefault(key, byOlderKey.get(key)));
  }

  /** The key that replaces this one, when it is an older name. */
  public Optional<String> newerKey(String key) {
    return byKey.containsKey(key)
        ? Optional.empty()
        : Optional.ofNullable(byOlderKey.get(key)).map(ConfigOption::key);
  }

  /** Is any key below this prefix allowed, or below a map-typed option? */
  public boolean isFree(String key) {
    if (FREE_PREFIXES.stream().anyMatch(key::startsWith)) {
      return true;
    }
    for (int dot = key.lastIndexOf('.'); dot > 0; dot = key.lastIndexOf('.', dot - 1)) {
      ConfigOption<?> above = byKey.get(key.substring(0, dot));
      if (above != null && OptionTypes.of(above).equals("MAP")) {
        return true;
      }
    }
    return false;
  }

  public Optional<String> suggest(String key) {
    return Similar.suggest(key, byKey.keySet());
  }

  /** What is wrong with a value; empty when nothing is, or the key is not known. */
  public Optional<String> problem(String key, String value) {
    ConfigOption<?> option = find(key).orElse(null);
    if (option == null) {
      return Optional.empty();
    }
    try {
      Configuration.fromMap(Map.of(key, value)).get(option);
      return Optional.empty();
    } catch (RuntimeException wrong) {
      return Optional.of(
          "'"
              + value
              + "' is no value for "
              + key
              + " ("
              + OptionTypes.of(option)
              + "): "
              + reason(option, wrong));
    }
  }

  private static String reason(ConfigOption<?> option, RuntimeException wrong) {
    List<String> values = OptionTypes.enumValues(option);
    if (!values.isEmpty()) {
      return "expected one of " + String.join(", ", values) + ".";
    }
    Throwable root = wrong;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = String.valueOf(root.getMessage());
    return message.endsWith(".") ? message : message + ".";
  }

  private static KnownOptions scan() {
    KnownOptions known = new KnownOptions();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      String name = new File(entry).getName();
      if (name.startsWith("flink-dist")
          || name.startsWith("flink-table-api-java")
          || name.startsWith("flink-table-runtime")) {
        try (JarFile jar = new JarFile(entry)) {
          jar.stream()
              .map(file -> file.getName())
              .filter(KnownOptions::mayDeclare)
              .forEach(known::load);
        } catch (IOException unreadable) {
          throw new IllegalStateException("Cannot read " + entry, unreadable);
        }
      }
    }
    return known;
  }

  private static boolean mayDeclare(String file) {
    return file.startsWith("org/apache/flink/")
        && !file.contains("/shaded/")
        && (file.endsWith("Options.class") || file.endsWith("OptionsInternal.class"));
  }

  private void load(String file) {
    String name = file.substring(0, file.length() - ".class".length()).replace('/', '.');
    try {
      for (Field field : Class.forName(name).getDeclaredFields()) {
        if (Modifier.isStatic(field.getModifiers())
            && Modifier.isPublic(field.getModifiers())
            && field.getType() == ConfigOption.class) {
          add((ConfigOption<?>) field.get(null));
        }
      }
    } catch (ReflectiveOperationException | LinkageError absent) {
      // A class whose library is not in this distribution; its options cannot be used either.
    }
  }

  private void add(ConfigOption<?> option) {
    byKey.put(option.key(), option);
    List<FallbackKey> older = new ArrayList<>();
    option.fallbackKeys().forEach(older::add);
    older.forEach(key -> byOlderKey.put(key.getKey(), option));
  }
}
