// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/process.h"
#include "streampark/base/result.h"
#include "streampark/console/clusters/cluster.h"

namespace streampark::console {

/// A cluster as the database keeps it.
struct ClusterRecord {
  std::string id;
  ClusterSpec spec;
  std::int64_t edition = 1;
  base::Timestamp created_at;
  ClusterDesired desired = ClusterDesired::kStopped;
  /// The spec that the processes were started with; absent when it was never started.
  std::optional<ClusterSpec> started_spec;
  int rest_port = 0;  // kept from the first start on; 0: not chosen
  int rpc_port = 0;
  std::string failure;  // why it was given up; empty when it was not
};

/// A process that a managed cluster should have. Written before the process is started (pid 0, the
/// intent) and again when its id is known.
struct ProcessRecord {
  std::string cluster_id;
  engines::ProcessRole role = engines::ProcessRole::kJobManager;
  int index = 0;
  base::ProcessId id;
  base::Timestamp started_at;
  int restarts = 0;
};

/// The database's side of clusters. Every write is durable when it returns. Errors: STORAGE_FULL,
/// STORAGE_FAILED. Thread-safe.
class ClusterStore {
 public:
  virtual ~ClusterStore() = default;

  virtual base::Result<std::vector<ClusterRecord>> LoadClusters() = 0;
  /// NAME_TAKEN within the team, or within the shared ones.
  virtual base::Status Insert(const ClusterRecord& cluster) = 0;
  /// Replaces the spec when the edition is still `expected`, which grows by one; STALE_EDIT,
  /// NOT_FOUND, NAME_TAKEN.
  virtual base::Status UpdateSpec(std::string_view cluster_id, const ClusterSpec& spec,
                                  std::int64_t expected) = 0;
  /// Writes desired, started_spec, ports and failure.
  virtual base::Status UpdateRuntime(const ClusterRecord& cluster) = 0;
  /// With its processes and restarts.
  virtual base::Status Delete(std::string_view cluster_id) = 0;

  virtual base::Result<std::vector<ProcessRecord>> LoadProcesses() = 0;
  virtual base::Status SaveProcess(const ProcessRecord& process) = 0;
  virtual base::Status DeleteProcesses(std::string_view cluster_id) = 0;

  /// When that process was started again after a death, oldest first: what its budget counts.
  virtual base::Result<std::vector<base::Timestamp>> RestartsSince(std::string_view cluster_id,
                                                                   engines::ProcessRole role,
                                                                   int index,
                                                                   base::Timestamp since) = 0;
  /// Notes one, and forgets those of the process before `forget_before`.
  virtual base::Status AddRestart(std::string_view cluster_id, engines::ProcessRole role, int index,
                                  base::Timestamp at, base::Timestamp forget_before) = 0;
  virtual base::Status ForgetRestarts(std::string_view cluster_id) = 0;
};

}  // namespace streampark::console
