// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "jobs/job_system.h"

namespace streampark::console {

/// Looks at each live job closely, in turn and within a budget: checkpoints (which become
/// snapshots), restarts, exceptions, rates. And once more at each attempt that has ended, before the
/// engine forgets it; what it finds there is kept. Thread-safe.
class JobDetails {
 public:
  explicit JobDetails(const JobSystem& system) : system_(system) {}
  ~JobDetails() { Stop(); }

  void Start();
  void Stop();

  /// An attempt has ended on the engine, or was ended by an operation: it is looked at next, and
  /// once more when the engine's answers cannot be older than the end. When nobody has recorded the
  /// end yet, that is done at the first look; the second adds what the first could not see.
  void AttemptEnded(const JobView& view);
  /// Forgets a job that has left the board.
  void Forget(const std::string& job_id);

 private:
  /// What is remembered of a live job between two looks.
  struct Memory {
    std::deque<std::pair<base::Timestamp, std::int64_t>> restarts;  // count by time, newest last
    std::set<std::string> paths;                                    // of its retained snapshots
    std::string attempt_id;
    engines::JobMeters meters;
    base::SteadyTime meters_until, pace_from;  // when the meters, and the pace, are due again
  };

  void LookAround(std::stop_token stop);
  void LookAtEnds(std::stop_token stop);
  void LookAt(const JobView& view, std::stop_token stop);
  /// The job's pace, anew when it is due; `now` is when this look began.
  Pace PaceOf(const JobView& view, const Cluster& cluster, base::SteadyTime now,
              const std::stop_token& stop);
  /// When to look again, if at all.
  std::optional<base::Millis> LookAtEnd(EndedAttempt& ended, std::stop_token stop);
  void RecordEnd(const EndedAttempt& ended,
                 const std::optional<engines::CheckpointStatistics>& statistics,
                 const std::string& root_cause);
  void KeepSnapshots(const JobView& view, const engines::CheckpointStatistics& statistics);
  bool Pause(base::Millis time, std::stop_token stop);

  const JobSystem& system_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, Memory> memories_;
  std::map<std::string, base::SteadyTime> silent_until_;  // clusters that did not answer
  std::vector<std::jthread> threads_;
};

}  // namespace streampark::console
