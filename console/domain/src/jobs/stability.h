// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/console/jobs/job.h"

#include "jobs/job_book.h"

/// Whether an attempt is well, which is more than that it runs: upgrades are watched until their
/// attempt is stable, and a rollback goes back to a revision that was.
///
///   the attempt                                            | stable
///   -------------------------------------------------------+--------------------------------------
///   FINISHED                                               | yes: it has done what it was to do
///   does not live, or not all its tasks run                | no
///   its tasks have not run for the window without restart  | no
///   takes checkpoints, and has completed none              | no
///   else                                                   | yes
///
/// An attempt that takes no checkpoints, by its options, is judged by time alone.
namespace streampark::console {

struct StabilityFacts {
  bool live = false;
  bool finished = false;
  std::optional<base::Timestamp> whole_since;  // all tasks run, without a restart since
  bool takes_checkpoints = true;
  std::optional<base::Timestamp> last_checkpoint_at;  // completed since the attempt began
  base::Millis window{60'000};
  base::Timestamp now;
};
bool IsStable(const StabilityFacts& facts);

/// The window of the attempt's revision; the default when it cannot be read.
base::Millis StableAfter(JobStore& store, const Attempt& attempt);
StabilityFacts StabilityOf(const JobState& state, base::Millis window, base::Timestamp now);
/// Whether options of an attempt have it take checkpoints.
bool TakesCheckpoints(const engines::Options& options);

/// Whether all tasks of what was seen run.
bool IsWhole(engines::EngineState state, const engines::TaskCounts& tasks);
/// Notes a look at the attempt's restarts (absent: not known) in its health.
void NoteRestarts(JobState& state, std::optional<std::int64_t> restarts, base::Timestamp at);
/// Records that the newest attempt is stable, once.
void MarkStable(JobEdit& edit, base::Timestamp at);

}  // namespace streampark::console
