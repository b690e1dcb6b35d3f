// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "streampark/base/result.h"
#include "streampark/engines/engine.h"
#include "streampark/engines/observation.h"

/// Readers for what a cluster says about one job; as forgiving as overview_answers.h.
namespace streampark::flink {

/// GET /jobs/ID: vertices in topological order as Flink lists them, with edges from its plan.
base::Result<engines::JobGraph> ReadGraph(const boost::json::value& answer);

/// What to ask of a vertex. Flink gives no aggregate at all when a single metric that is asked for
/// does not exist, so only existing ones are named.
struct VertexMetrics {
  std::vector<std::string> names;
  /// Operators that touch the world outside the job, as metrics begin with them. Flink counts a
  /// vertex's records only as they pass between vertices, so by its count a source reads none and a
  /// sink writes none; their operators know better.
  std::vector<std::string> sources, sinks;

  std::string query() const;  // for the `get` parameter
};
/// From the list of a vertex's metrics (GET …/subtasks/metrics).
VertexMetrics ChooseVertexMetrics(const boost::json::value& metric_names);

/// GET /jobs/ID/vertices/ID/subtasks/metrics?get=…: rates, ratios and the watermark, of `metrics`'
/// operators also what they read and wrote. What is no number yet leaves its field as it is.
void ReadVertexMetrics(const boost::json::value& answer, const VertexMetrics& metrics,
                       engines::GraphVertex& vertex);

/// GET /jobs/ID/checkpoints
base::Result<engines::CheckpointStatistics> ReadCheckpoints(const boost::json::value& answer);

/// GET /jobs/ID/exceptions, of either line: newest first, an exception's concurrent ones after it.
base::Result<std::vector<engines::ExceptionObservation>> ReadExceptions(
    const boost::json::value& answer);

/// GET /jobs/ID/savepoints/TRIGGER
base::Result<engines::TriggerObservation> ReadTrigger(const boost::json::value& answer);

/// GET /jobs/ID/metrics?get=numRestarts,fullRestarts; absent when the engine measures none (the job
/// has ended).
std::optional<std::int64_t> ReadRestarts(const boost::json::value& answer);

}  // namespace streampark::flink
