// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "streampark/console/clusters/cluster.h"

namespace streampark::console {

/// What the operation in flight is doing to the cluster.
enum class ClusterChange { kNone, kStarting, kStopping };

/// Everything that decides a cluster's state.
struct ClusterFacts {
  ClusterKind kind = ClusterKind::kStandalone;
  ClusterDesired desired = ClusterDesired::kStopped;
  ClusterChange change = ClusterChange::kNone;
  std::string failure;  // why it was given up; empty when it was not

  // STANDALONE
  bool job_manager_alive = false;
  int task_managers_alive = 0;
  int task_managers_wanted = 0;
  int slots_wanted = 0;
  std::string mending;  // which process was started again and is not ready yet; mostly empty

  Reachability reachability = Reachability::kUnknown;
  int slots_total = 0;
  std::string silence;  // why nobody answered
};

struct ClusterVerdict {
  ClusterState state = ClusterState::kStopped;
  std::string message;
  bool operator==(const ClusterVerdict&) const = default;
};

/// A pure function, top row first:
///
///   operation      | kind       | facts                              | state
///   start, restart | STANDALONE | any                                | STARTING
///   stop           | STANDALONE | any                                | STOPPING
///   none           | STANDALONE | desired STOPPED, no process        | STOPPED
///   none           | STANDALONE | desired STOPPED, processes left    | STOPPING
///   none           | STANDALONE | given up                           | FAILED
///   none           | STANDALONE | JobManager dead                    | DEGRADED
///   none           | STANDALONE | a process was just started again   | DEGRADED
///   none           | any        | nobody answers, or not asked yet   | UNREACHABLE
///   none           | STANDALONE | TaskManagers or slots missing      | DEGRADED
///   none           | any        | else                               | RUNNING
ClusterVerdict JudgeCluster(const ClusterFacts& facts);

}  // namespace streampark::console
