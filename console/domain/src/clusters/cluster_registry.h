// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/console/clusters/cluster_directory.h"
#include "streampark/console/clusters/cluster_listener.h"
#include "streampark/console/clusters/cluster_store.h"
#include "streampark/console/clusters/installation.h"

#include "clusters/cluster_plan.h"

namespace streampark::console {

/// What is known of one cluster, from which its published Cluster is made.
struct ClusterEntry {
  ClusterRecord record;
  std::vector<ManagedProcess> processes;
  std::shared_ptr<const Operation> operation;  // in flight

  std::shared_ptr<const engines::ClusterObservation> observation;  // the last answer
  Reachability reachability = Reachability::kUnknown;
  std::string silence;  // why the last look got no answer
  int jobs_running = 0;
  int foreign_jobs = 0;

  /// A process that died was started again and is not at work yet. The cluster may go on counting
  /// the slots of the dead one for a while: what it says is believed once it has missed them, or
  /// has heard from the new one.
  struct Mending {
    engines::ProcessRole role = engines::ProcessRole::kTaskManager;
    int index = 0;
    base::Timestamp since;
    bool noticed = false;
  };
  std::optional<Mending> mending;

  /// What the living processes were started with; the spec itself before the first start.
  const ClusterSpec& running_spec() const {
    return record.started_spec ? *record.started_spec : record.spec;
  }
  bool AnyAlive() const;
};

/// "TaskManager 1", for people.
std::string PlaceName(engines::ProcessRole role, int index);

/// All clusters in memory. A change recomputes the cluster's state, and whoever listens hears of it
/// when people would see a difference. Thread-safe.
class ClusterRegistry {
 public:
  ClusterRegistry(const ClusterPlanner& planner, const InstallationDirectory& installations,
                  engines::JobDriver& jobs, const base::Clock& clock, ClusterListener& listener);

  ClusterPtr Find(std::string_view cluster_id) const;
  std::vector<ClusterPtr> List() const;
  /// A copy of the durable side; absent when there is no such cluster.
  std::optional<ClusterRecord> Record(std::string_view cluster_id) const;
  std::optional<ClusterEntry> Entry(std::string_view cluster_id) const;
  /// The last answer of the cluster; null before the first.
  std::shared_ptr<const engines::ClusterObservation> Observation(std::string_view cluster_id) const;

  ClusterPtr Add(ClusterEntry entry);
  void Remove(std::string_view cluster_id);
  using Change = std::function<void(ClusterEntry&)>;
  /// Null when there is no such cluster. `change` must not call back into the registry.
  ClusterPtr Apply(std::string_view cluster_id, const Change& change);
  /// Recomputes all clusters: something outside of them changed.
  void Recompute();

 private:
  struct Slot {
    ClusterEntry entry;
    ClusterPtr published;
  };

  Cluster Compose(const ClusterEntry& entry) const;
  /// With writing_ held.
  ClusterPtr Publish(Slot& slot);

  const ClusterPlanner& planner_;
  const InstallationDirectory& installations_;
  engines::JobDriver& jobs_;
  const base::Clock& clock_;
  ClusterListener& listener_;

  std::mutex writing_;                 // one change, with its announcement, at a time
  mutable std::shared_mutex reading_;  // slots_ and what they publish
  std::map<std::string, Slot, std::less<>> slots_;
};

}  // namespace streampark::console
