// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "streampark/core/plan.h"

namespace streampark::core {

/// Nodes that one thread runs, head first; a node's inputs are in the chain before it, or it is the head.
struct Chain {
  std::vector<int> nodes;
  int parallelism = 1;
};

/// Which nodes run together, and how wide. A node joins the chain of the node before it when that is its only input, both are
/// equally wide, and each row stays where it is: a forward edge, or any edge between single subtasks.
struct PhysicalPlan {
  std::vector<Chain> chains;
  std::vector<int> chain_of;     // by node
  std::vector<int> parallelism;  // by node

  static PhysicalPlan Make(const Plan& plan, int default_parallelism);

  bool Chained(const Edge& edge) const;
  /// Whether each subtask sends to the one of its number alone: not where the parallelism changes.
  bool Forward(const Edge& edge) const;
};

}  // namespace streampark::core
