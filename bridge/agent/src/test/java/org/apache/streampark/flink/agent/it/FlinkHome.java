// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.it;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** An installation to test against. */
public record FlinkHome(Path path, String version) {
  private static final Pattern DIST = Pattern.compile("flink-dist-(.+)\\.jar");

  /**
   * Those of the system property or the environment variable FLINK_HOMES; none is a failure, never
   * a skipped test.
   */
  public static List<FlinkHome> all() {
    String homes = System.getProperty("FLINK_HOMES", System.getenv("FLINK_HOMES"));
    if (homes == null || homes.isBlank()) {
      throw new IllegalStateException(
          "Set FLINK_HOMES to the Flink installations to test against, separated by '"
              + File.pathSeparator
              + "'.");
    }
    return Arrays.stream(homes.split(File.pathSeparator)).map(Path::of).map(FlinkHome::of).toList();
  }

  private static FlinkHome of(Path path) {
    try (Stream<Path> jars = Files.list(path.resolve("lib"))) {
      String version =
          jars.map(jar -> DIST.matcher(jar.getFileName().toString()))
              .filter(Matcher::matches)
              .map(matcher -> matcher.group(1))
              .findFirst()
              .orElseThrow();
      return new FlinkHome(path, version);
    } catch (IOException absent) {
      throw new UncheckedIOException("No Flink installation: " + path, absent);
    }
  }

  public String line() {
    String[] parts = version.split("\\.");
    return parts[0] + "." + parts[1];
  }

  public boolean isLine2() {
    return version.startsWith("2.");
  }

  @Override
  public String toString() {
    return "Flink " + version;
  }
}
