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

/// The metrics that ReadVertexMetrics() knows, for the `get` parameter.
std::string VertexMetricNames();
/// GET /jobs/ID/vertices/ID/subtasks/metrics?get=…: rates, ratios and the watermark. A metric that
/// is not there, or is no number yet, leaves its field absent.
void ReadVertexMetrics(const boost::json::value& answer, engines::GraphVertex& vertex);

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
