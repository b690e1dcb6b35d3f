// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/console/jobs/job.h"
#include "streampark/console/jobs/job_command.h"

/// What a start restores. A stateful job is never started empty unless a person said so for this start,
/// or it has never run.
///
///   asked      | the job                                  | restores
///   -----------+------------------------------------------+------------------------------------------
///   NOTHING    | any                                      | nothing
///   SNAPSHOT   | any                                      | that one
///   PATH       | any                                      | what lies there
///   LATEST     | any                                      | the newest usable one; error when none is
///   –          | never ran                                | nothing
///   –          | stateless                                | nothing
///   –          | ended by a stop, savepoint unproven      | error SNAPSHOT_UNCONFIRMED
///   –          | SUSPENDED                                | the savepoint of its stop
///   –          | STOPPED (NO or DRAIN)                    | error RESTORE_CHOICE_REQUIRED
///   –          | ended otherwise (failed, lost, elsewhere)| the newest usable one; error when none is
namespace streampark::console {

struct RestorePlan {
  enum class From { kNothing, kOne, kNewest };
  From from = From::kNothing;
  std::string snapshot_id;  // kOne: a known snapshot
  std::string path;         // kOne: or a path that a person gave
};

/// Decides by the facts before the command, without looking at any file. ILLEGAL_STATE,
/// RESTORE_CHOICE_REQUIRED, SNAPSHOT_UNCONFIRMED.
base::Result<RestorePlan> PlanRestore(const JobState& before, const std::optional<Restore>& asked);

/// Those that may be restored, newest data first.
std::vector<Snapshot> Candidates(std::vector<Snapshot> snapshots);

/// What needs the snapshot, in words; empty when it may be deleted or claimed.
std::vector<std::string> HoldersOf(const Snapshot& snapshot, const JobState& state);

}  // namespace streampark::console
