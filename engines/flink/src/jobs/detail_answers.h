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

/// Operators of a vertex that touch the world outside the job. Flink counts a vertex's records only
/// as they pass between vertices, so a source reads none and a sink writes none; their operators
/// know better.
struct OuterOperators {
  std::vector<std::string> sources, sinks;  // names as metrics begin with them
};
/// From the list of a vertex's metric names (GET …/subtasks/metrics).
OuterOperators FindOuterOperators(const boost::json::value& metric_names);

/// The metrics that ReadVertexMetrics() knows, for the `get` parameter.
std::string VertexMetricNames(const OuterOperators& outer);
/// GET /jobs/ID/vertices/ID/subtasks/metrics?get=…: rates, ratios and the watermark; for `outer`
/// operators also what they read and wrote. A metric that is not there, or is no number yet, leaves
/// its field as it is.
void ReadVertexMetrics(const boost::json::value& answer, const OuterOperators& outer,
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
