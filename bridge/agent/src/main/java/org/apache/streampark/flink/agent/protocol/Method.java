// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.protocol;

import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;

/** One method of the protocol. Called by several threads at once. */
@FunctionalInterface
public interface Method {
  /** The way to tell the parent how far a long call is. */
  @FunctionalInterface
  interface Progress {
    void stage(String name);
  }

  ObjectNode call(Params params, Progress progress) throws Exception;
}
