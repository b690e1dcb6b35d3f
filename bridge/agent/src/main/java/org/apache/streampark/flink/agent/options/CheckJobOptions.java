// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.options;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.streampark.flink.agent.flink.ForbiddenOptions;
import org.apache.streampark.flink.agent.protocol.Method;
import org.apache.streampark.flink.agent.protocol.Params;
import org.apache.streampark.flink.agent.protocol.Secrets;

/** The method {@code checkJobOptions}. */
public final class CheckJobOptions implements Method {
  private final Secrets secrets;

  public CheckJobOptions(Secrets secrets) {
    this.secrets = secrets;
  }

  @Override
  public ObjectNode call(Params params, Progress progress) throws Exception {
    Map<String, String> options = new LinkedHashMap<>(params.strings("options"));
    secrets.learn(options);
    OptionCheck check = new OptionCheck();
    options
        .keySet()
        .removeIf(
            key -> {
              var reason = ForbiddenOptions.reason(key);
              reason.ifPresent(why -> check.error(key, "This may not be set: " + why + ".", null));
              return reason.isPresent();
            });
    check.keysAndValues(options);
    return check.toJson();
  }
}
