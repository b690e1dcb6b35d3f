// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "streampark/engines/observation.h"

/// Rates of a job as a whole, out of the metrics of those vertices that touch the world outside it.
namespace streampark::flink {

/// A vertex that reads from outside or writes there. One whose operators do so in the middle of
/// the graph (chained to others) is told by its name only.
struct OuterVertex {
  std::string id;
  bool first = false;  // has no input in the graph
  bool last = false;   // has no output
};
std::vector<OuterVertex> OuterVerticesOf(const engines::JobGraph& graph);

/// Slots that the job takes up: of the vertices that share slots, the widest counts. Absent while
/// it has none.
std::optional<int> SlotsOf(const engines::JobGraph& graph);

/// From the list of a vertex's metrics (GET …/subtasks/metrics). Flink counts a vertex's records
/// only as they pass between vertices, so its sources' and sinks' own counts come first; what older
/// ones do not count is taken from what a first vertex hands on and a last one gets.
engines::JobMeters::Vertex ChooseMeters(const boost::json::value& metric_names,
                                        const OuterVertex& vertex);

/// For the `get` parameter; empty: nothing to ask.
std::string QueryOf(const engines::JobMeters::Vertex& vertex);

/// From the answers to GET …/subtasks/metrics?agg=sum&get=…, one for each vertex in its order.
engines::JobRates ReadRates(const engines::JobMeters& meters,
                            const std::vector<boost::json::value>& answers);

}  // namespace streampark::flink
