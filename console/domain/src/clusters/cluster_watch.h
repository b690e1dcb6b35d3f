// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>

#include "streampark/console/clusters/cluster_service.h"
#include "streampark/console/turns.h"

#include "clusters/cluster_runtime.h"
#include "clusters/process_table.h"

namespace streampark::console {

/// Looks at every cluster, each in a line of its own, so that one that hangs slows no other. Never
/// acts. Looks more often while somebody waits, and less often while nobody answers.
class ClusterWatch {
 public:
  ClusterWatch(ClusterRuntime& runtime, ProcessTable& processes, const Outside& outside,
               Turns& turns, ClusterTimings timings)
      : runtime_(runtime),
        processes_(processes),
        outside_(outside),
        turns_(turns),
        timings_(timings) {}

  void Attach(ClusterTenants& tenants, ClusterObservationSink& sink);
  void Add(const std::string& cluster_id);
  /// Waits for the look under way, which is told to end.
  void Remove(std::string_view cluster_id);
  /// Looks more often for so long, and now unless it does already.
  void Hurry(std::string_view cluster_id, base::Millis duration);

  enum class Look { kAnswered, kSilent, kNothingThere, kInterrupted };
  /// One look from the caller's thread.
  Look LookOnce(const std::string& cluster_id, std::stop_token stop);
  /// Makes an observation known as if this had made it.
  void Deliver(const std::string& cluster_id, engines::ClusterObservation observation);

 private:
  struct Watcher {
    int silent_looks = 0;            // its turn's own
    base::SteadyTime close_until{};  // guarded by mutex_
    std::atomic<bool> removed = false;
  };
  Turns::Due TakeTurn(Watcher& watcher, const std::string& cluster_id, std::stop_token stop);
  base::Millis WaitAfter(Look look, bool close, int silent_looks) const;
  /// Whether the cluster, which counts all its TaskManagers, counts no dead one among them.
  bool HearsFromTheNew(const ClusterEntry& entry, const engines::Endpoint& endpoint,
                       std::stop_token stop) const;
  Look BeSilent(const std::string& cluster_id, ClusterObservationSink::Silence silence,
                const std::string& why);

  ClusterRuntime& runtime_;
  ProcessTable& processes_;
  const Outside& outside_;
  Turns& turns_;
  const ClusterTimings timings_;
  ClusterTenants* tenants_ = nullptr;
  ClusterObservationSink* sink_ = nullptr;

  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Watcher>, std::less<>> watchers_;
};

}  // namespace streampark::console
