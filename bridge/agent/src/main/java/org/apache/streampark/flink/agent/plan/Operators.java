// SPDX-License-Identifier: Apache-2.0
package org.apache.streampark.flink.agent.plan;

import java.util.List;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.runtime.OperatorIDPair;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ArrayNode;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.streampark.flink.agent.flink.Session;
import org.apache.streampark.flink.agent.protocol.Json;

/** The operators of a job with the ids under which a snapshot keeps their state. */
final class Operators {
  private Operators() {}

  static ArrayNode of(Session session, List<Transformation<?>> transformations) {
    StreamGraph graph =
        (StreamGraph)
            session
                .executor()
                .createPipeline(
                    transformations,
                    session.environment().getConfig().getConfiguration(),
                    "operators");
    ArrayNode out = Json.array();
    JobGraph jobGraph = graph.getJobGraph();
    for (JobVertex vertex : jobGraph.getVerticesSortedTopologicallyFromSources()) {
      for (OperatorIDPair pair : vertex.getOperatorIDs()) {
        out.addObject()
            .put(
                "id",
                pair.getUserDefinedOperatorID().orElse(pair.getGeneratedOperatorID()).toHexString())
            .put("vertex", vertex.getName())
            .put("parallelism", vertex.getParallelism())
            .put("maxParallelism", vertex.getMaxParallelism());
      }
    }
    return out;
  }
}
