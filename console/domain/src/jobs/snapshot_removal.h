// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <string_view>

#include "jobs/job_system.h"

/// Takes snapshots away for good.
///
///   the snapshot                                   | its files | its row
///   -----------------------------------------------+-----------+--------
///   was written by an attempt of the job, and      | deleted   | deleted
///   stands in no other row                         |           |
///   was given as a path, or another row (of any    | stay      | deleted
///   job) stands for the same place                 |           |
///
/// The intent is committed under the job's lock, the files go outside of it, the row goes last:
/// files without a row would be lost sight of. While the intent is open nothing may be restored from
/// the snapshot.
namespace streampark::console {

class SnapshotRemoval {
 public:
  enum class Held { kRefused, kIgnored };  // ignored: for a job that is deleted for good

  explicit SnapshotRemoval(const JobSystem& system) : system_(system) {}

  /// NOT_FOUND, IN_USE naming what needs it, OPERATION_IN_FLIGHT; errors of the planner.
  base::Status Remove(std::string_view job_id, std::string_view snapshot_id, Held held,
                      std::stop_token stop) const;
  /// Goes on with those that a crash or an unknown outcome left open.
  void Resume(std::stop_token stop) const;

 private:
  base::Status Finish(const Snapshot& snapshot, std::string_view cluster_id,
                      std::stop_token stop) const;
  base::Result<bool> OwnsFiles(const Snapshot& snapshot) const;

  const JobSystem& system_;
};

/// Whether its deletion was begun: of a snapshot that has a row, it has not ended.
base::Result<bool> IsInDeletion(const JobSystem& system, const Snapshot& snapshot);
/// Whether its files were deleted. The engine goes on telling of it as long as it remembers.
base::Result<bool> IsDeleted(const JobSystem& system, const Snapshot& snapshot);

}  // namespace streampark::console
