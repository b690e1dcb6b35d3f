// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "jobs/step.h"

/// What the steps, the watch and the recovery have in common about attempts and their snapshots.
namespace streampark::console {

/// A submit that was cut off may still arrive; its job shows up well within this time.
inline constexpr base::Millis kLateArrival{5000};
/// A look that was under way when an attempt ended may still show it alive.
inline constexpr base::Millis kEchoTime{10'000};

/// Looks for the attempt on its cluster; absent when the cluster answers and does not know it.
base::Result<std::optional<engines::JobObservation>> Look(const JobSystem& system,
                                                          const Cluster& cluster,
                                                          const std::string& engine_job_id,
                                                          std::stop_token stop);

/// Cancels the job on the engine; a job that is gone is as good as cancelled.
base::Result<std::string> CancelOnEngine(const JobSystem& system, const Cluster& cluster,
                                         const std::string& engine_job_id, std::stop_token stop);

/// Puts what was seen on the board (and on disk when it changes the state).
base::Status Record(const JobSystem& system, std::string_view job_id,
                    const engines::JobObservation& seen);
/// The same inside an edit; false when nothing but the time is new.
bool Apply(JobEdit& edit, const engines::JobObservation& seen, base::Timestamp at);

/// The innermost cause of the attempt's newest exception; empty when the engine tells none.
std::string RootCause(const JobSystem& system, const Cluster& cluster,
                      const std::string& engine_job_id, std::stop_token stop);

/// Adds a snapshot to the job, or completes the one with the same path; gives its id. One that was
/// deleted is not added again: the id is empty. One that an attempt wrote says that the job has run.
/// Inside an edit, so that nobody adds it at the same time.
base::Result<std::string> AddSnapshot(const JobSystem& system, JobEdit& edit, Snapshot snapshot);

/// What the engine's statistics know of a savepoint: by path, or (without one) the newest savepoint
/// that was triggered at or after `since`.
std::optional<engines::Checkpoint> FindSavepoint(const engines::CheckpointStatistics& statistics,
                                                 const std::string& path, base::Timestamp since);

}  // namespace streampark::console
