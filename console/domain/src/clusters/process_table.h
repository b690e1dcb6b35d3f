// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/console/clusters/cluster_store.h"
#include "streampark/console/operations/journal.h"

#include "clusters/cluster_plan.h"
#include "clusters/cluster_registry.h"

namespace streampark::console {

/// The processes of managed clusters: what the database says of them and what lives. A process is
/// written down before it is started (with pid 0) and again with its id; one that was started in
/// between is found by what stands on its command line. Thread-safe.
class ProcessTable {
 public:
  ProcessTable(ClusterStore& store, ClusterRegistry& registry, const ClusterPlanner& planner,
               engines::ClusterDriver& driver, const Outside& outside, const base::Clock& clock)
      : store_(store),
        registry_(registry),
        planner_(planner),
        driver_(driver),
        outside_(outside),
        clock_(clock) {}

  /// Whoever starts or ends processes of a cluster holds this meanwhile.
  std::unique_lock<std::mutex> Claim(std::string_view cluster_id);

  /// Brings the registry up to what lives: adopts living processes that were not recorded, and ends
  /// second ones in the same place. Holds the claim itself.
  base::Status Recover(const ClusterRecord& record, const std::vector<ProcessRecord>& recorded);
  /// Looks whether the recorded ones live and how much memory they hold. Cheap: no engine is asked.
  void Refresh(std::string_view cluster_id);

  /// The living process of that place, whether recorded or not; a found one is recorded. Absent
  /// when there is none. With the claim held.
  base::Result<std::optional<base::ProcessId>> FindAlive(std::string_view cluster_id,
                                                         engines::ProcessRole role, int index);
  /// Starts one; `restarts` is what its record will say. With the claim held.
  base::Result<base::ProcessId> Spawn(const engines::ClusterPlan& plan, engines::ProcessRole role,
                                      int index, int restarts);
  /// One round of ending all processes of the cluster, those not recorded too: asks them to end,
  /// looks whether they have, or ends them whether they want or not. Whether none is left; then they
  /// are forgotten. With the claim held.
  enum class Round { kAsk, kLook, kKill };
  base::Result<bool> EndAll(std::string_view cluster_id, Round round);
  /// The process of a record as it is now.
  ManagedProcess LookedAt(const ProcessRecord& record) const;

  /// The last lines that tell why a process of that role died; empty when its log says nothing.
  std::string LastWords(const ClusterRecord& record, engines::ProcessRole role, int index);

 private:
  base::Status Record(const ProcessRecord& record);

  ClusterStore& store_;
  ClusterRegistry& registry_;
  const ClusterPlanner& planner_;
  engines::ClusterDriver& driver_;
  const Outside& outside_;
  const base::Clock& clock_;

  std::mutex claims_mutex_;
  std::map<std::string, std::unique_ptr<std::mutex>, std::less<>> claims_;
};

/// The root cause in the end of a log: the innermost "Caused by", else the last line with an error
/// or exception, else the last line. At most 500 characters.
std::string RootCauseIn(std::string_view log);

}  // namespace streampark::console
