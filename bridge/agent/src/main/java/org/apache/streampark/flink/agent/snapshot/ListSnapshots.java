// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.snapshot;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ArrayNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.streampark.flink.agent.protocol.AgentException;
import org.apache.streampark.flink.agent.protocol.AgentException.Code;
import org.apache.streampark.flink.agent.protocol.Json;
import org.apache.streampark.flink.agent.protocol.Method;
import org.apache.streampark.flink.agent.protocol.Params;

/** The method {@code snapshot.list}: the snapshots in a folder, told by their names. */
public final class ListSnapshots implements Method {
  private static final int DEFAULT_LIMIT = 1000;
  private static final int MOST_READINGS = 100;

  private record Found(Path path, String jobId, boolean complete, long modified) {}

  @Override
  public ObjectNode call(Params params, Progress progress) throws Exception {
    Path folder = new Path(params.text("dir"));
    long limit = params.optionalNumber("limit").orElse((long) DEFAULT_LIMIT);
    List<Found> found = new ArrayList<>();
    try {
      look(folder, jobId(folder.getName()), true, found);
    } catch (FileNotFoundException absent) {
      throw new AgentException(
          Code.SNAPSHOT_NOT_FOUND, "There is no folder " + folder + ".", absent);
    }
    found.sort(Comparator.comparingLong(Found::modified).reversed());
    ObjectNode out = Json.object();
    ArrayNode snapshots = out.putArray("snapshots");
    found.stream()
        .limit(limit)
        .forEach(
            each -> {
              String name = each.path().getName();
              long checkpoint = SnapshotPath.checkpointId(name);
              ObjectNode entry =
                  snapshots
                      .addObject()
                      .put("path", each.path().toString())
                      .put("kind", checkpoint < 0 ? "SAVEPOINT" : "CHECKPOINT")
                      .put("complete", each.complete());
              if (checkpoint >= 0) {
                entry.put("checkpointId", checkpoint);
              }
              if (each.jobId() != null) {
                entry.put("jobId", each.jobId());
              }
              entry.put("modifiedMillis", each.modified());
            });
    return out.put("truncated", found.size() > limit);
  }

  private static String jobId(String name) {
    return SnapshotPath.JOB_ID.matcher(name).matches() ? name : null;
  }

  private static void look(Path folder, String jobId, boolean deeper, List<Found> found)
      throws IOException {
    if (SnapshotPath.isSavepoint(folder.getName()) || SnapshotPath.isCheckpoint(folder.getName())) {
      add(folder, jobId(folder.getParent() == null ? "" : folder.getParent().getName()), found);
      return;
    }
    for (FileStatus child : children(folder)) {
      String name = child.getPath().getName();
      if (!child.isDir()) {
        continue;
      }
      if (SnapshotPath.isSavepoint(name) || SnapshotPath.isCheckpoint(name)) {
        add(child.getPath(), jobId, found);
      } else if (deeper && jobId(name) != null) {
        try {
          look(child.getPath(), name, false, found);
        } catch (FileNotFoundException gone) {
          // Its job has ended since the folder was listed, and took its checkpoints with it.
        }
      }
    }
  }

  /**
   * A running job deletes its oldest checkpoint at each new one, and a local folder from which a
   * child goes while it is being read is reported as absent: then it is read anew.
   */
  private static FileStatus[] children(Path folder) throws IOException {
    for (int tries = 1; ; ++tries) {
      try {
        FileStatus[] children = folder.getFileSystem().listStatus(folder);
        if (children == null) {
          throw new FileNotFoundException(folder.toString());
        }
        return children;
      } catch (FileNotFoundException gone) {
        if (tries == MOST_READINGS || Inspect.status(folder) == null) {
          throw gone;
        }
      }
    }
  }

  private static void add(Path snapshot, String jobId, List<Found> found) throws IOException {
    FileStatus metadata = Inspect.status(new Path(snapshot, SnapshotPath.METADATA));
    FileStatus own = metadata == null ? Inspect.status(snapshot) : metadata;
    if (own != null) {
      found.add(new Found(snapshot, jobId, metadata != null, own.getModificationTime()));
    }
  }
}
