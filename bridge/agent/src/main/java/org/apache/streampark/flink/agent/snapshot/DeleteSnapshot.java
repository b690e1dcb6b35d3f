// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.snapshot;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.streampark.flink.agent.protocol.AgentException;
import org.apache.streampark.flink.agent.protocol.AgentException.Code;
import org.apache.streampark.flink.agent.protocol.Json;
import org.apache.streampark.flink.agent.protocol.Method;
import org.apache.streampark.flink.agent.protocol.Params;

/**
 * The method {@code snapshot.delete}. Takes a folder away only when everything says that it is a
 * snapshot: its name, its metadata, and that nothing lies in it but files that the metadata names
 * or Flink would have written. Shared state outside of it stays, for other checkpoints may need it.
 */
public final class DeleteSnapshot implements Method {
  /** How Flink names a state file; a failed subtask may leave one that no metadata names. */
  private static final Pattern STATE_FILE =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  @Override
  public ObjectNode call(Params params, Progress progress) throws Exception {
    Path folder = SnapshotPath.folder(params.text("path"));
    String name = folder.getName();
    if (!SnapshotPath.isSavepoint(name) && !SnapshotPath.isCheckpoint(name)) {
      throw refused("Its name is not one of a snapshot: " + folder);
    }
    FileStatus status = Inspect.status(folder);
    if (status == null) {
      return Json.object().put("deleted", false);
    }
    if (!status.isDir()) {
      throw refused("It is no folder: " + folder);
    }
    StateFiles files = StateFiles.of(read(folder).content());
    Set<String> inside = new HashSet<>();
    int shared = 0;
    for (Path path : files.paths()) {
      if (sameFolder(folder, path.getParent())) {
        inside.add(path.getName());
      } else {
        shared++;
      }
    }
    long bytes = 0;
    int count = 0;
    for (FileStatus entry : folder.getFileSystem().listStatus(folder)) {
      String file = entry.getPath().getName();
      boolean known =
          file.equals(SnapshotPath.METADATA)
              || inside.contains(file)
              || STATE_FILE.matcher(file).matches();
      if (entry.isDir() || !known) {
        throw refused("Something in it is not of a snapshot: " + file);
      }
      bytes += entry.getLen();
      count++;
    }
    boolean deleted = folder.getFileSystem().delete(folder, true);
    return Json.object()
        .put("deleted", deleted)
        .put("files", count)
        .put("bytes", bytes)
        .put("keptShared", shared);
  }

  private static Metadata read(Path folder) throws AgentException {
    try {
      return Metadata.read(folder);
    } catch (IOException unreadable) {
      throw new AgentException(
          Code.SNAPSHOT_REFUSED,
          "It has no readable metadata, so it may be anything: " + folder + ".",
          unreadable);
    }
  }

  private static boolean sameFolder(Path one, Path other) {
    return one.toUri().getPath().equals(other.toUri().getPath());
  }

  private static AgentException refused(String why) {
    return new AgentException(Code.SNAPSHOT_REFUSED, why + ".");
  }
}
