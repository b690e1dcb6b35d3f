// SPDX-License-Identifier: Apache-2.0
#include "jobs/stability.h"

namespace streampark::console {

bool IsStable(const StabilityFacts& facts) {
  if (facts.finished) {
    return true;
  }
  if (!facts.live || !facts.whole_since || facts.now - *facts.whole_since < facts.window) {
    return false;
  }
  return !facts.takes_checkpoints || facts.last_checkpoint_at.has_value();
}

base::Millis StableAfter(JobStore& store, const Attempt& attempt) {
  const auto revision = store.FindRevision(attempt.job_id, attempt.revision);
  return revision.ok() && *revision ? (*revision)->spec.stable_after : JobSpec().stable_after;
}

StabilityFacts StabilityOf(const JobState& state, base::Millis window, base::Timestamp now) {
  return {.live = state.live(),
          .finished = state.attempt && state.attempt->outcome == AttemptOutcome::kFinished,
          .whole_since = state.health.whole_since,
          .takes_checkpoints = state.attempt && TakesCheckpoints(state.attempt->options),
          .last_checkpoint_at = state.health.last_checkpoint_at,
          .window = window,
          .now = now};
}

bool TakesCheckpoints(const engines::Options& options) {
  const auto mode = options.find("execution.runtime-mode");
  if (mode != options.end() && (mode->second == "batch" || mode->second == "BATCH")) {
    return false;
  }
  const auto interval = options.find("execution.checkpointing.interval");
  return interval != options.end() &&
         EngineDuration(interval->second).value_or(base::Millis(1)) > base::Millis(0);
}

bool IsWhole(engines::EngineState state, const engines::TaskCounts& tasks) {
  return state == engines::EngineState::kRunning && tasks.total > 0 &&
         tasks.running + tasks.finished == tasks.total;
}

void NoteRestarts(JobState& state, std::optional<std::int64_t> restarts, base::Timestamp at) {
  Health& health = state.health;
  const ObservedFact& seen = state.observed;
  const bool whole = seen.state && seen.tasks && IsWhole(*seen.state, *seen.tasks);
  const bool restarted = restarts && *restarts > health.restarts;
  health.restarts = restarts.value_or(health.restarts);
  if (!whole) {
    health.whole_since.reset();
  } else if (restarted || !health.whole_since) {
    health.whole_since = at;
  }
}

void MarkStable(JobEdit& edit, base::Timestamp at) {
  if (!edit.state.attempt || edit.state.attempt->stable_at) {
    return;
  }
  edit.state.attempt->stable_at = at;
  edit.SaveAttempt();
  edit.state.job.last_stable = edit.state.attempt->revision;
  edit.SaveJob();
}

}  // namespace streampark::console
