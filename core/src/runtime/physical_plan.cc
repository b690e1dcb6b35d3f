// SPDX-License-Identifier: Apache-2.0
#include "runtime/physical_plan.h"

#include <algorithm>
#include <cstddef>

#include "streampark/base/check.h"

namespace streampark::core {

PhysicalPlan PhysicalPlan::Make(const Plan& plan, int default_parallelism) {
  const auto count = plan.nodes.size();
  PhysicalPlan made;
  made.chain_of.assign(count, -1);
  made.parallelism.resize(count);
  for (const auto& node : plan.nodes) {
    made.parallelism[static_cast<std::size_t>(node.id)] =
        node.parallelism > 0 ? node.parallelism : default_parallelism;
  }
  // A stream is made before what reads it, so the order of ids is one of the graph.
  for (const auto& node : plan.nodes) {
    const auto id = static_cast<std::size_t>(node.id);
    const Edge* only = nullptr;
    int inputs = 0;
    for (const auto& edge : plan.edges) {
      if (edge.to == node.id) {
        SP_CHECK(edge.from < node.id);
        only = &edge;
        ++inputs;
      }
    }
    if (inputs == 1) {
      const auto before = static_cast<std::size_t>(only->from);
      const bool stays = only->partitioning == Partitioning::kForward || made.parallelism[id] == 1;
      if (stays && made.parallelism[before] == made.parallelism[id]) {
        made.chain_of[id] = made.chain_of[before];
        made.chains[static_cast<std::size_t>(made.chain_of[id])].nodes.push_back(node.id);
        continue;
      }
    }
    made.chain_of[id] = static_cast<int>(made.chains.size());
    made.chains.push_back({.nodes = {node.id}, .parallelism = made.parallelism[id]});
  }
  return made;
}

bool PhysicalPlan::Forward(const Edge& edge) const {
  return edge.partitioning == Partitioning::kForward &&
         parallelism[static_cast<std::size_t>(edge.from)] ==
             parallelism[static_cast<std::size_t>(edge.to)];
}

bool PhysicalPlan::Chained(const Edge& edge) const {
  const auto to = static_cast<std::size_t>(edge.to);
  const auto& chain = chains[static_cast<std::size_t>(chain_of[to])];
  return chain.nodes.front() != edge.to;
}

}  // namespace streampark::core
