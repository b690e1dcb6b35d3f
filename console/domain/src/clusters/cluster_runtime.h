// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

#include "streampark/base/clock.h"
#include "streampark/console/clusters/cluster_store.h"
#include "streampark/engines/engine.h"

#include "clusters/cluster_plan.h"
#include "clusters/cluster_registry.h"

namespace streampark::console {

/// What all who work on clusters share. `Write` changes the durable side: the database first, then
/// the registry.
struct ClusterRuntime {
  ClusterStore& store;
  ClusterRegistry& registry;
  const ClusterPlanner& planner;
  const engines::Engine& engine;
  const base::Clock& clock;

  /// Changes desired, started_spec, ports or failure. One writer a cluster at a time: its
  /// operation, or the keeper with the claim.
  base::Status Write(std::string_view cluster_id,
                     const std::function<void(ClusterRecord&)>& change) const;
};

}  // namespace streampark::console
