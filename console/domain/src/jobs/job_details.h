// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "streampark/console/turns.h"

#include "jobs/job_system.h"

namespace streampark::console {

/// Looks at each live job closely, in turn and within a budget: checkpoints (which become
/// snapshots), restarts, exceptions, rates. And once more at each attempt that has ended, before the
/// engine forgets it; what it finds there is kept. Each cluster is a line of turns of one look each,
/// so one that hangs delays no other. Thread-safe.
class JobDetails {
 public:
  JobDetails(const JobSystem& system, Turns& turns) : system_(system), turns_(turns) {}

  /// Looks after the jobs on the cluster from now on; nothing happens when it does already.
  void Follow(const std::string& cluster_id);

  /// An attempt has ended on the engine, or was ended by an operation: it is looked at next, and
  /// once more when the engine's answers cannot be older than the end. When nobody has recorded the
  /// end yet, that is done at the first look; the second adds what the first could not see.
  void AttemptEnded(const JobView& view);
  /// Forgets a job that has left the board.
  void Forget(const std::string& job_id);

 private:
  /// What is remembered of a live job between two looks.
  struct Memory {
    // Ten thousand of these are in memory: a deque is half a KiB, and paths are long.
    std::vector<std::pair<base::Timestamp, std::int64_t>> restarts;  // count by time, newest last
    std::string snapshots;  // digest of the paths of those that are retained
    std::string attempt_id;
    engines::JobMeters meters;
    base::SteadyTime meters_until, pace_from;  // when the meters, and the pace, are due again
  };

  /// Where the looks at the jobs of a cluster have got to.
  struct Round {
    const std::string cluster_id;
    std::deque<std::string> left;  // job ids
    base::SteadyTime ends{};       // no new round before
    base::SteadyTime next{};       // no look before
    int silent = 0;                // looks in a row that were not answered
  };

  Turns::Due TakeTurn(Round& round, const std::stop_token& stop);
  /// One look, at the next job of the round; gives when the next is due.
  base::SteadyTime LookAround(Round& round, const std::stop_token& stop);
  /// The next moment that the budget of all clusters together has left.
  base::SteadyTime NextSlot();
  /// False when the cluster did not answer.
  bool LookAt(const JobView& view, std::stop_token stop);
  /// The job's pace, anew when it is due; `now` is when this look began.
  Pace PaceOf(const JobView& view, const Cluster& cluster, base::SteadyTime now,
              const std::stop_token& stop);
  /// When to look again, if at all.
  std::optional<base::Millis> LookAtEnd(EndedAttempt& ended, std::stop_token stop);
  void RecordEnd(const EndedAttempt& ended,
                 const std::optional<engines::CheckpointStatistics>& statistics,
                 const std::string& root_cause, const std::vector<Snapshot>& retained);
  /// What the attempt has left on disk, where that can be read from here.
  std::vector<Snapshot> RetainedOf(const Attempt& attempt) const;
  /// Inside an edit: those become snapshots, and what they have replaced is forgotten.
  base::Status KeepRetained(JobEdit& edit, const std::vector<Snapshot>& retained) const;
  void KeepSnapshots(const JobView& view, const engines::CheckpointStatistics& statistics);

  const JobSystem& system_;
  Turns& turns_;
  std::mutex mutex_;
  std::map<std::string, Memory> memories_;
  base::SteadyTime next_slot_{};
};

}  // namespace streampark::console
