// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/process.h"
#include "streampark/console/clusters/cluster_spec.h"
#include "streampark/console/operations/operation.h"
#include "streampark/engines/engine.h"

namespace streampark::console {

/// What people see of a cluster; a pure function of desired, observed, processes and operation
/// (cluster_state.h).
enum class ClusterState {
  kStopped,
  kStarting,
  kRunning,
  kDegraded,     // answers, with fewer slots or TaskManagers than wanted
  kUnreachable,  // nobody answers; says nothing about its jobs
  kStopping,
  kFailed,  // managed: would not start, or died oftener than its budget allows
};

std::string_view ToString(ClusterState state);  // RUNNING

enum class ClusterDesired { kRunning, kStopped };

std::string_view ToString(ClusterDesired desired);
std::optional<ClusterDesired> ParseClusterDesired(std::string_view text);

/// UNKNOWN: not asked yet. LOST: of jobs alone, the cluster answers and does not know it.
enum class Reachability { kUnknown, kReachable, kUnreachable, kLost };

std::string_view ToString(Reachability reachability);

/// One process of a managed cluster, as last looked at.
struct ManagedProcess {
  engines::ProcessRole role = engines::ProcessRole::kJobManager;
  int index = 0;
  base::ProcessId id;  // pid 0: it was never started or its start was not recorded
  bool alive = false;
  base::Timestamp started_at;
  std::int64_t memory_bytes = 0;
  int restarts = 0;  // since the cluster was started
  bool operator==(const ManagedProcess&) const = default;
};

std::string_view ToString(engines::ProcessRole role);  // JOB_MANAGER

/// Everything known about one cluster at one moment; immutable, replaced as a whole.
struct Cluster {
  std::string id;
  ClusterSpec spec;
  std::int64_t edition = 1;  // grows with each edit; the ETag
  base::Timestamp created_at;
  ClusterDesired desired = ClusterDesired::kStopped;
  bool restart_pending = false;  // the spec was changed since the start

  ClusterState state = ClusterState::kStopped;
  base::Timestamp since;  // of the state
  std::string message;    // why it is in this state, for people; may be empty

  Reachability reachability = Reachability::kUnknown;
  std::optional<base::Timestamp> observed_at;  // the last answer
  std::string version;                         // as the cluster says it; empty until seen
  std::string line;
  int slots_total = 0;
  int slots_free = 0;
  int task_managers = 0;
  int jobs_running = 0;
  int foreign_jobs = 0;

  std::vector<ManagedProcess> processes;
  std::int64_t memory_bytes = 0;
  std::string web_url;  // empty when there is none

  /// Where it answers; no addresses for a managed cluster that was never started.
  engines::Endpoint endpoint;
  /// Whose planner is used for its jobs; absent when none fits (REMOTE of an unknown line).
  std::optional<engines::Installation> installation;
  /// URIs where jobs keep their state when their spec says nothing; empty when not known.
  std::string checkpoint_directory;
  std::string savepoint_directory;
  /// In flight; null when none.
  std::shared_ptr<const Operation> operation;

  bool managed() const { return spec.kind == ClusterKind::kStandalone; }
  bool shared() const { return spec.team_id.empty(); }
  /// Whether jobs of that team may run there.
  bool VisibleTo(std::string_view team_id) const { return shared() || spec.team_id == team_id; }
};

}  // namespace streampark::console
