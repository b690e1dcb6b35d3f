// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/job_system.h"

/// Snapshots that lie where a job's do, but that no row stands for: one whose operation was cut off,
/// one that an adopted job had written, one of a database that was restored from yesterday.
namespace streampark::console {

class SnapshotSearch {
 public:
  explicit SnapshotSearch(const JobSystem& system) : system_(system) {}

  /// Takes up whole ones that no job has, as UNVERIFIED; gives the new rows, newest first. A folder
  /// that is not there has none. CLUSTER_UNREACHABLE without a planner that could look; errors of
  /// the planner.
  base::Result<std::vector<Snapshot>> Find(std::string_view job_id, std::stop_token stop) const;

  /// A whole savepoint of the attempt, written at or after `since`; absent when there is none, or
  /// more than one, so that none is proven. Errors of the planner.
  base::Result<std::optional<engines::FoundSnapshot>> FindSavepoint(const Attempt& attempt,
                                                                    base::Timestamp since,
                                                                    std::stop_token stop) const;

 private:
  base::Result<std::vector<engines::FoundSnapshot>> Look(const Cluster& cluster,
                                                         const std::vector<std::string>& folders,
                                                         const std::stop_token& stop) const;

  const JobSystem& system_;
};

}  // namespace streampark::console
