// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "automation/older_attempts.h"
#include "jobs/job_details.h"
#include "jobs/job_system.h"
#include "operations/operation_runner.h"

namespace streampark::console {

/// Turns each look at a cluster into the observed fact of the jobs on it. Only observes: what has
/// to be done about it is somebody else's. Thread-safe; never calls an engine.
class JobWatch final : public ClusterObservationSink {
 public:
  JobWatch(const JobSystem& system, OperationRunner& runner, JobDetails& details,
           OlderAttempts& older)
      : system_(system), runner_(runner), details_(details), older_(older) {}

  void OnObservation(const Cluster& cluster,
                     const engines::ClusterObservation& observation) override;
  void OnSilence(const Cluster& cluster, Silence silence, base::Timestamp at) override;

 private:
  struct Absence {
    base::Timestamp since;
    int looks = 0;
  };

  void Seen(const JobView& view, const engines::JobObservation& seen, base::Timestamp at);
  void Missing(const JobView& view, base::Timestamp at);
  void SeenAfterItsEnd(const JobView& view, const engines::JobObservation& seen,
                       base::Timestamp at);
  void Lose(const std::string& job_id, const std::string& why, base::Timestamp at);

  const JobSystem& system_;
  OperationRunner& runner_;
  JobDetails& details_;
  OlderAttempts& older_;
  std::mutex mutex_;
  std::map<std::string, Absence, std::less<>> absent_;  // by attempt id
};

}  // namespace streampark::console
