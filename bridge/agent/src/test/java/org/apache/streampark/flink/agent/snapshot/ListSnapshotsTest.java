// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.streampark.flink.agent.protocol.AgentException;
import org.apache.streampark.flink.agent.protocol.Json;
import org.apache.streampark.flink.agent.protocol.Params;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListSnapshotsTest {
  private static final String JOB = "70c90117dcf9410ba8ce17ad31dce453";

  private static JsonNode list(Path folder) throws Exception {
    Params params = new Params(Json.object().put("dir", folder.toString()));
    return new ListSnapshots().call(params, stage -> {}).get("snapshots");
  }

  private static void checkpoint(Path job, int id) throws Exception {
    Path folder = Files.createDirectory(job.resolve("chk-" + id));
    Files.writeString(folder.resolve("_metadata"), "");
  }

  @Test
  void aFolderIsListedWhileItsJobReplacesItsCheckpoints(@TempDir Path folder) throws Exception {
    Path job = Files.createDirectory(folder.resolve(JOB));
    checkpoint(job, 0);
    Thread running =
        new Thread(
            () -> {
              try {
                for (int id = 1; !Thread.currentThread().isInterrupted(); ++id) {
                  checkpoint(job, id);
                  Files.delete(job.resolve("chk-" + (id - 1)).resolve("_metadata"));
                  Files.delete(job.resolve("chk-" + (id - 1)));
                }
              } catch (Exception failure) {
                throw new IllegalStateException(failure);
              }
            });
    running.start();
    try {
      for (int each = 0; each < 500; ++each) {
        for (JsonNode snapshot : list(folder)) {
          assertEquals(JOB, snapshot.get("jobId").asText());
        }
      }
    } finally {
      running.interrupt();
      running.join();
    }
    assertEquals(1, list(folder).size());
  }

  @Test
  void aFolderThatIsNotThereIsSaid(@TempDir Path folder) {
    AgentException refused =
        assertThrows(AgentException.class, () -> list(folder.resolve("nowhere")));
    assertEquals(AgentException.Code.SNAPSHOT_NOT_FOUND, refused.code());
  }
}
