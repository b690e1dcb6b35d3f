// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/console/clusters/cluster.h"
#include "streampark/engines/engine.h"

namespace streampark::console {

using ClusterPtr = std::shared_ptr<const Cluster>;

/// All clusters, read from memory. What other slices see of this one. Thread-safe; nothing here
/// blocks on an engine unless it says so.
class ClusterDirectory {
 public:
  virtual ~ClusterDirectory() = default;

  /// Null when there is none.
  virtual ClusterPtr Find(std::string_view cluster_id) const = 0;
  /// By id or by name among those that the team may use, its own before shared ones; null when
  /// there is none.
  virtual ClusterPtr FindForTeam(std::string_view team_id, std::string_view id_or_name) const = 0;
  /// In order of names.
  virtual std::vector<ClusterPtr> List() const = 0;

  /// The newest look at it; null before the first.
  virtual std::shared_ptr<const engines::ClusterObservation> LastObservation(
      std::string_view cluster_id) const = 0;
  /// Have the cluster looked at more often for a while: something is about to change there.
  virtual void WatchClosely(std::string_view cluster_id, base::Millis duration) = 0;

  /// The cluster's own configuration as its JobManager answers it, secrets masked (blocks; kept for
  /// a minute). CLUSTER_UNREACHABLE.
  virtual base::Result<engines::Options> OptionsOf(std::string_view cluster_id,
                                                   std::stop_token stop) = 0;

  /// Log files of all its processes: of a managed cluster from its folder, also when they are dead;
  /// of a remote one over its API (blocks).
  virtual base::Result<std::vector<engines::LogFile>> ListLogs(std::string_view cluster_id,
                                                               std::stop_token stop) = 0;
  /// Without an offset the file's end. NOT_FOUND for an id that ListLogs does not give.
  virtual base::Result<engines::LogPiece> ReadLog(std::string_view cluster_id,
                                                  std::string_view log_id,
                                                  std::optional<std::int64_t> offset,
                                                  std::int64_t bytes, std::stop_token stop) = 0;
};

/// Who wants to hear of every look at a cluster. Calls come from the cluster's own observer thread,
/// one at a time a cluster, several clusters at once; they must return soon and never call back
/// into an engine.
class ClusterObservationSink {
 public:
  virtual ~ClusterObservationSink() = default;
  virtual void OnObservation(const Cluster& cluster,
                             const engines::ClusterObservation& observation) = 0;
  /// NoAnswer: nobody answers, which says nothing about the jobs. Down: a managed cluster has no
  /// JobManager process, so its jobs are known not to run.
  enum class Silence { kNoAnswer, kDown };
  virtual void OnSilence(const Cluster& cluster, Silence silence, base::Timestamp at) = 0;
};

}  // namespace streampark::console
