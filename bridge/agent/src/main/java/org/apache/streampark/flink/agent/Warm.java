// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.streampark.flink.agent.plan.Submit;
import org.apache.streampark.flink.agent.protocol.AgentException;
import org.apache.streampark.flink.agent.protocol.Json;
import org.apache.streampark.flink.agent.protocol.Method;
import org.apache.streampark.flink.agent.protocol.Params;

/**
 * The method {@code warm}: takes a small script the whole way, so that the planner's classes are
 * loaded before somebody waits for them.
 */
final class Warm implements Method {
  private static final String SCRIPT =
      """
SET 'table.exec.mini-batch.enabled' = 'false';
CREATE TABLE warm_source (id BIGINT, name STRING, price DECIMAL(10, 2), ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('connector' = 'datagen', 'rows-per-second' = '1');
CREATE TABLE warm_sink (name STRING, n BIGINT, total DECIMAL(38, 2))
        WITH ('connector' = 'blackhole');
CREATE VIEW warm_view AS SELECT name, price, ts FROM warm_source WHERE id > 0;
INSERT INTO warm_sink SELECT UPPER(name), COUNT(*), SUM(price) FROM warm_view GROUP BY name;
INSERT INTO warm_sink SELECT name, COUNT(*), SUM(price)
  FROM TABLE(TUMBLE(TABLE warm_view, DESCRIPTOR(ts), INTERVAL '1' MINUTE))
        GROUP BY name, window_start, window_end;
""";

  /** What people wait for most is compiled after a few. */
  private static final int ROUNDS = 3;

  private final Method validate;
  private final Method compile;
  private final Submit submit;

  Warm(Method validate, Method compile, Submit submit) {
    this.validate = validate;
    this.compile = compile;
    this.submit = submit;
  }

  @Override
  public ObjectNode call(Params params, Progress progress) throws Exception {
    long begin = System.nanoTime();
    Params script = new Params(Json.object().put("sql", SCRIPT));
    for (int i = 0; i < ROUNDS; i++) {
      validate.call(script, stage -> {});
    }
    compile.call(script, stage -> {});
    submitToNobody();
    return Json.object().put("millis", (System.nanoTime() - begin) / 1_000_000);
  }

  /**
   * A whole submit but for its end: nothing listens there, so that the client's classes are loaded
   * and nothing is sent.
   */
  private void submitToNobody() throws IOException {
    int freePort;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      freePort = socket.getLocalPort();
    }
    try {
      submit.toEndpoint(SCRIPT, "http://127.0.0.1:" + freePort);
      throw new IllegalStateException("Somebody answers on port " + freePort + ".");
    } catch (AgentException expected) {
      // CLUSTER_UNREACHABLE, by the same way as a real one.
    }
  }
}
