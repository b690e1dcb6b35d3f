// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "clusters/cluster_registry.h"
#include "clusters/cluster_runtime.h"
#include "clusters/process_table.h"

namespace streampark::console {

/// Starts processes again that died, within the cluster's budget and with back-off. Leaves clusters
/// alone that an operation is working on, that should not run, or that were given up.
class ProcessKeeper {
 public:
  ProcessKeeper(ClusterRuntime& runtime, ProcessTable& processes, const Outside& outside,
                ClusterTimings timings)
      : runtime_(runtime), processes_(processes), outside_(outside), timings_(timings) {}

  /// Looks once at all clusters and mends what is due. One at a time.
  void Tick();

 private:
  struct Place {
    engines::ProcessRole role;
    int index;
  };
  bool Cares(const ClusterEntry& entry) const;
  void Mend(const std::string& cluster_id, Place place);
  base::Status MendClaimed(const ClusterEntry& entry, Place place);
  base::Millis BackOffAfter(std::size_t restarts) const;

  ClusterRuntime& runtime_;
  ProcessTable& processes_;
  const Outside& outside_;
  const ClusterTimings timings_;
};

}  // namespace streampark::console
