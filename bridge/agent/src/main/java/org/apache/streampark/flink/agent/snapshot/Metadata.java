// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.snapshot;

import java.io.DataInputStream;
import java.io.IOException;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;

/** A snapshot's {@code _metadata}, read by Flink. {@code version} is the number in its header. */
record Metadata(CheckpointMetadata content, int version) {
  static Metadata read(Path folder) throws IOException {
    Path file = new Path(folder, SnapshotPath.METADATA);
    FileSystem fileSystem = file.getFileSystem();
    int version;
    try (DataInputStream header = new DataInputStream(fileSystem.open(file))) {
      boolean flinks = header.readInt() == Checkpoints.HEADER_MAGIC_NUMBER;
      version = header.readInt();
      if (!flinks) {
        throw new IOException("This is no metadata of a Flink snapshot.");
      }
    }
    try (DataInputStream in = new DataInputStream(fileSystem.open(file))) {
      return new Metadata(
          Checkpoints.loadCheckpointMetadata(
              in, Thread.currentThread().getContextClassLoader(), folder.toString()),
          version);
    } catch (RuntimeException garbage) {
      throw new IOException("The metadata cannot be read: " + garbage.getMessage(), garbage);
    }
  }
}
