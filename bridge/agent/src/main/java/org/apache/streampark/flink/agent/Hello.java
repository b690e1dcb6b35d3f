// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent;

import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.plugin.PluginUtils;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.streampark.flink.agent.flink.FlinkLine;
import org.apache.streampark.flink.agent.protocol.Json;
import org.apache.streampark.flink.agent.protocol.Method;
import org.apache.streampark.flink.agent.protocol.Params;
import org.apache.streampark.flink.agent.protocol.Secrets;
import org.apache.streampark.flink.agent.protocol.Server;

/** The method {@code hello}: who answers, and file systems made ready. */
final class Hello implements Method {
  private final Secrets secrets;
  private final AtomicBoolean fileSystemsReady = new AtomicBoolean();

  Hello(Secrets secrets) {
    this.secrets = secrets;
  }

  @Override
  public ObjectNode call(Params params, Progress progress) throws Exception {
    Map<String, String> options = params.strings("options");
    secrets.learn(options);
    if (fileSystemsReady.compareAndSet(false, true)) {
      Configuration configuration = Configuration.fromMap(options);
      FileSystem.initialize(
          configuration, PluginUtils.createPluginManagerFromRootFolder(configuration));
    }
    Runtime runtime = Runtime.getRuntime();
    String version = Hello.class.getPackage().getImplementationVersion();
    ObjectNode out =
        Json.object()
            .put("protocol", Server.PROTOCOL)
            .put("agentVersion", version == null ? "unknown" : version)
            .put("flinkVersion", FlinkLine.version())
            .put("line", FlinkLine.line())
            .put("javaVersion", Runtime.version().toString())
            .put("pid", ProcessHandle.current().pid());
    out.putObject("heap")
        .put("usedBytes", runtime.totalMemory() - runtime.freeMemory())
        .put("maxBytes", runtime.maxMemory());
    return out;
  }
}
