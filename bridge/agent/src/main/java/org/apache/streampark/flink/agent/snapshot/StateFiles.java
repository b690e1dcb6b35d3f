// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.snapshot;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.MasterState;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.StateObject;
import org.apache.flink.runtime.state.changelog.ChangelogStateBackendHandle;
import org.apache.flink.runtime.state.changelog.ChangelogStateHandleStreamImpl;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.apache.streampark.flink.agent.flink.FlinkLine;

/** The files that a snapshot's metadata refers to, each once. */
final class StateFiles {
  private final Set<Path> paths = new LinkedHashSet<>();
  private final Set<String> unknown = new TreeSet<>();

  static StateFiles of(CheckpointMetadata metadata) {
    StateFiles files = new StateFiles();
    for (OperatorState operator : metadata.getOperatorStates()) {
      operator.getStates().forEach(files::subtask);
      files.handle(operator.getCoordinatorState());
    }
    for (MasterState ignored : metadata.getMasterStates()) {
      // Kept inside the metadata.
    }
    return files;
  }

  Set<Path> paths() {
    return paths;
  }

  /**
   * Kinds of state handles that this agent does not know, whose files it therefore cannot vouch
   * for.
   */
  Set<String> unknown() {
    return unknown;
  }

  /**
   * Files that are not there, and the sizes of those that are. One listing a folder, for a snapshot
   * may have thousands of files.
   */
  record Sizes(List<Path> missing, long bytes) {}

  Sizes measure() throws IOException {
    Map<Path, Map<String, Long>> folders = new HashMap<>();
    List<Path> missing = new ArrayList<>();
    long bytes = 0;
    for (Path path : paths) {
      Path folder = path.getParent();
      Map<String, Long> listing = folders.get(folder);
      if (listing == null) {
        listing = list(folder);
        folders.put(folder, listing);
      }
      Long size = listing.get(path.getName());
      if (size == null) {
        missing.add(path);
      } else {
        bytes += size;
      }
    }
    return new Sizes(missing, bytes);
  }

  private static Map<String, Long> list(Path folder) throws IOException {
    Map<String, Long> out = new HashMap<>();
    FileStatus[] entries;
    try {
      entries = folder.getFileSystem().listStatus(folder);
    } catch (FileNotFoundException absent) {
      return out;
    }
    for (FileStatus entry : entries == null ? new FileStatus[0] : entries) {
      out.put(entry.getPath().getName(), entry.getLen());
    }
    return out;
  }

  private void subtask(OperatorSubtaskState state) {
    state.getManagedOperatorState().forEach(this::handle);
    state.getRawOperatorState().forEach(this::handle);
    state.getManagedKeyedState().forEach(this::handle);
    state.getRawKeyedState().forEach(this::handle);
    state.getResultSubpartitionState().forEach(this::handle);
    // Read by name: its element type is another one since 2.x.
    FlinkLine.get(state, "getInputChannelState")
        .ifPresent(all -> ((Iterable<?>) all).forEach(each -> handle((StateObject) each)));
    FlinkLine.get(state, "getUpstreamOutputBufferState")
        .ifPresent(all -> ((Iterable<?>) all).forEach(each -> handle((StateObject) each)));
  }

  private void handle(StateObject state) {
    if (state == null || state instanceof ByteStreamStateHandle) {
      return;
    }
    if (state instanceof FileStateHandle file) {
      paths.add(file.getFilePath());
    } else if (state instanceof KeyGroupsStateHandle keyed) {
      handle(keyed.getDelegateStateHandle());
    } else if (state instanceof OperatorStateHandle operator) {
      handle(operator.getDelegateStateHandle());
    } else if (state instanceof IncrementalRemoteKeyedStateHandle incremental) {
      handle(incremental.getMetaDataStateHandle());
      incremental.getSharedState().stream()
          .map(HandleAndLocalPath::getHandle)
          .forEach(this::handle);
      incremental.getPrivateState().stream()
          .map(HandleAndLocalPath::getHandle)
          .forEach(this::handle);
    } else if (state instanceof ChangelogStateBackendHandle changelog) {
      changelog.getMaterializedStateHandles().forEach(this::handle);
      changelog.getNonMaterializedStateHandles().forEach(this::handle);
    } else if (state instanceof ChangelogStateHandleStreamImpl log) {
      log.getHandlesAndOffsets().forEach(each -> handle(each.f0));
    } else {
      byGetter(state);
    }
  }

  /**
   * Merged files and channel state have classes that moved between lines; what they wrap has not.
   */
  private void byGetter(StateObject state) {
    var file = FlinkLine.get(state, "getFilePath");
    var delegate = file.isPresent() ? file : FlinkLine.get(state, "getDelegate");
    if (file.isPresent()) {
      paths.add((Path) file.get());
    } else if (delegate.isPresent()) {
      handle((StateObject) delegate.get());
    } else {
      unknown.add(state.getClass().getSimpleName());
    }
  }
}
