// SPDX-License-Identifier: Apache-2.0
#include "clusters/cluster_verdict.h"

namespace streampark::console {
namespace {

std::string Of(int have, int wanted, const char* what) {
  return std::to_string(have) + " of " + std::to_string(wanted) + " " + what;
}

}  // namespace

ClusterVerdict JudgeCluster(const ClusterFacts& facts) {
  const bool managed = facts.kind == ClusterKind::kStandalone;
  if (managed) {
    if (facts.change != ClusterChange::kNone) {
      return {facts.change == ClusterChange::kStarting ? ClusterState::kStarting
                                                       : ClusterState::kStopping,
              ""};
    }
    if (facts.desired == ClusterDesired::kStopped) {
      if (facts.job_manager_alive || facts.task_managers_alive > 0) {
        return {ClusterState::kStopping, "processes are left; stop it again"};
      }
      return {ClusterState::kStopped, facts.failure};
    }
    if (!facts.failure.empty()) {
      return {ClusterState::kFailed, facts.failure};
    }
    if (!facts.job_manager_alive) {
      return {ClusterState::kDegraded, "the JobManager died and is being started again"};
    }
    if (!facts.mending.empty()) {
      return {ClusterState::kDegraded, facts.mending};
    }
  }
  if (facts.reachability != Reachability::kReachable) {
    return {ClusterState::kUnreachable,
            facts.reachability == Reachability::kUnknown ? "not asked yet" : facts.silence};
  }
  if (managed) {
    if (facts.task_managers_alive < facts.task_managers_wanted) {
      return {ClusterState::kDegraded, Of(facts.task_managers_alive, facts.task_managers_wanted,
                                          "TaskManagers run; the others are being started again")};
    }
    if (facts.slots_total < facts.slots_wanted) {
      return {ClusterState::kDegraded,
              Of(facts.slots_total, facts.slots_wanted, "slots are there")};
    }
  }
  return {ClusterState::kRunning, ""};
}

}  // namespace streampark::console
