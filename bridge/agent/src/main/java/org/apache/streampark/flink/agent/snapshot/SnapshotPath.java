// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.snapshot;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.Path;

/**
 * What the names of Flink's snapshot folders say: {@code savepoint-abcdef-0123456789ab}, {@code
 * <job id>/chk-12}, and {@code _metadata} inside.
 */
final class SnapshotPath {
  static final String METADATA = "_metadata";
  static final Pattern JOB_ID = Pattern.compile("[0-9a-f]{32}");
  private static final Pattern CHECKPOINT = Pattern.compile("chk-(\\d+)");

  private SnapshotPath() {}

  static boolean isSavepoint(String name) {
    return name.startsWith("savepoint-");
  }

  /** -1 when it is no checkpoint's name. */
  static long checkpointId(String name) {
    Matcher matcher = CHECKPOINT.matcher(name);
    return matcher.matches() && matcher.group(1).length() < 19
        ? Long.parseLong(matcher.group(1))
        : -1;
  }

  static boolean isCheckpoint(String name) {
    return checkpointId(name) >= 0;
  }

  /** The folder of a snapshot, given that folder or its metadata file. */
  static Path folder(String path) {
    Path given = new Path(path);
    return given.getName().equals(METADATA) ? given.getParent() : given;
  }
}
