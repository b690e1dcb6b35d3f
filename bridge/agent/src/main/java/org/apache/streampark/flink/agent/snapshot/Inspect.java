// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.snapshot;

import java.io.FileNotFoundException;
import java.io.IOException;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.SavepointType;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ArrayNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.streampark.flink.agent.flink.FlinkLine;
import org.apache.streampark.flink.agent.protocol.Json;
import org.apache.streampark.flink.agent.protocol.Method;
import org.apache.streampark.flink.agent.protocol.Params;

/** The method {@code snapshot.inspect}: is it there, is it whole, what is in it. */
public final class Inspect implements Method {
  @Override
  public ObjectNode call(Params params, Progress progress) throws Exception {
    Path folder = SnapshotPath.folder(params.text("path"));
    ObjectNode out = Json.object().put("path", folder.toString());
    FileStatus status = status(new Path(folder, SnapshotPath.METADATA));
    if (status == null) {
      boolean there = status(folder) != null;
      out.put("exists", there).put("complete", false);
      return there
          ? out.put(
              "problem",
              "It has no " + SnapshotPath.METADATA + ": it was never completed, or is no snapshot.")
          : out;
    }
    out.put("exists", true).put("modifiedMillis", status.getModificationTime());
    Metadata metadata;
    try {
      metadata = Metadata.read(folder);
    } catch (IOException unreadable) {
      return out.put("complete", false).put("problem", unreadable.getMessage());
    }
    describe(out, folder, metadata);
    files(out, StateFiles.of(metadata.content()), status.getLen(), params.flag("files"));
    return out;
  }

  /** Null when there is nothing. */
  static FileStatus status(Path path) throws IOException {
    try {
      return path.getFileSystem().getFileStatus(path);
    } catch (FileNotFoundException absent) {
      return null;
    }
  }

  private static void describe(ObjectNode out, Path folder, Metadata metadata) {
    CheckpointProperties properties = metadata.content().getCheckpointProperties();
    boolean savepoint =
        properties == null ? SnapshotPath.isSavepoint(folder.getName()) : properties.isSavepoint();
    boolean typed = properties != null && properties.getCheckpointType() instanceof SavepointType;
    out.put("kind", savepoint ? "SAVEPOINT" : "CHECKPOINT")
        .put(
            "format",
            typed
                ? ((SavepointType) properties.getCheckpointType()).getFormatType().name()
                : savepoint ? "UNKNOWN" : "NATIVE")
        .put("checkpointId", metadata.content().getCheckpointId())
        .put("metadataVersion", metadata.version());
    ArrayNode operators = out.putArray("operators");
    for (OperatorState operator : metadata.content().getOperatorStates()) {
      ObjectNode entry = operators.addObject().put("id", operator.getOperatorID().toHexString());
      FlinkLine.uid(operator).ifPresent(uid -> entry.put("uid", uid));
      FlinkLine.name(operator).ifPresent(name -> entry.put("name", name));
      boolean keyed = false;
      boolean operatorState = false;
      int subtasks = 0;
      for (OperatorSubtaskState state : operator.getStates()) {
        boolean hasKeyed =
            !state.getManagedKeyedState().isEmpty() || !state.getRawKeyedState().isEmpty();
        boolean hasOperator =
            !state.getManagedOperatorState().isEmpty() || !state.getRawOperatorState().isEmpty();
        keyed |= hasKeyed;
        operatorState |= hasOperator;
        subtasks += hasKeyed || hasOperator ? 1 : 0;
      }
      entry
          .put("parallelism", operator.getParallelism())
          .put("maxParallelism", operator.getMaxParallelism())
          .put("stateBytes", operator.getStateSize())
          .put("subtasksWithState", subtasks)
          .put("keyed", keyed)
          .put("operatorState", operatorState)
          .put("coordinator", operator.getCoordinatorState() != null);
    }
  }

  private static void files(ObjectNode out, StateFiles files, long metadataBytes, boolean listed)
      throws IOException {
    StateFiles.Sizes sizes = files.measure();
    out.put("complete", sizes.missing().isEmpty())
        .put("fileCount", files.paths().size() + 1)
        .put("bytes", sizes.bytes() + metadataBytes);
    ArrayNode missing = out.putArray("missing");
    sizes.missing().forEach(path -> missing.add(path.toString()));
    if (!sizes.missing().isEmpty()) {
      out.put("problem", sizes.missing().size() + " of its files are missing.");
    } else if (!files.unknown().isEmpty()) {
      out.put(
          "problem",
          "It has state of a kind that cannot be checked: "
              + String.join(", ", files.unknown())
              + ".");
    }
    if (listed) {
      ArrayNode all = out.putArray("files");
      files.paths().forEach(path -> all.add(path.toString()));
    }
  }
}
