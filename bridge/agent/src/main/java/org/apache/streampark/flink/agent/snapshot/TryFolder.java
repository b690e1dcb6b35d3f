// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.snapshot;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.UnsupportedFileSystemSchemeException;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.streampark.flink.agent.protocol.Json;
import org.apache.streampark.flink.agent.protocol.Method;
import org.apache.streampark.flink.agent.protocol.Params;

/**
 * The method {@code snapshot.tryFolder}. Writes a small file below a folder with the engine's own
 * file systems, reads it back and deletes it again; the folder is made, as a snapshot would make
 * it, and stays. {@code outcome} is {@code WRITABLE}, {@code REFUSED} with the file system's words,
 * or {@code UNKNOWN} when there is no file system here for such a place.
 */
public final class TryFolder implements Method {
  private static final byte[] CONTENT = "streampark".getBytes(StandardCharsets.UTF_8);

  @Override
  public ObjectNode call(Params params, Progress progress) throws Exception {
    Path folder = new Path(params.text("path"));
    try {
      FileSystem files = folder.getFileSystem();
      files.mkdirs(folder);
      Path probe = new Path(folder, ".streampark-" + UUID.randomUUID());
      try {
        try (FSDataOutputStream out = files.create(probe, WriteMode.NO_OVERWRITE)) {
          out.write(CONTENT);
        }
        try (FSDataInputStream in = files.open(probe)) {
          if (in.read() != CONTENT[0]) {
            return answer("REFUSED", "What was written there cannot be read back.");
          }
        }
      } finally {
        files.delete(probe, false);
      }
      return answer("WRITABLE", "");
    } catch (UnsupportedFileSystemSchemeException unknown) {
      return answer("UNKNOWN", unknown.getMessage());
    } catch (IOException refused) {
      return answer("REFUSED", refused.toString());
    }
  }

  private static ObjectNode answer(String outcome, String problem) {
    return Json.object().put("outcome", outcome).put("problem", problem);
  }
}
