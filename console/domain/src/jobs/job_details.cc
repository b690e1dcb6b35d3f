// SPDX-License-Identifier: Apache-2.0
#include "jobs/job_details.h"

#include <algorithm>

#include "streampark/base/digest.h"
#include "streampark/base/json.h"
#include "streampark/base/log.h"
#include "streampark/console/jobs/checkpoints.h"

#include "jobs/attempts.h"
#include "jobs/pace.h"
#include "jobs/stability.h"

namespace streampark::console {
namespace {

using engines::CheckpointState;
using engines::CompletedAt;
using engines::NewestCompleted;
using engines::SnapshotKind;

constexpr base::Millis kRound{5'000};  // a job is looked at no oftener
constexpr base::Millis kPace{10'000};  // its rates are read no oftener
constexpr base::Millis kMetersKept{300'000};
constexpr base::Millis kLately{600'000};  // of "restarts lately"
constexpr base::Millis kSilence{10'000};  // a cluster that did not answer is left alone, twice as
constexpr base::Millis kLongestSilence{80'000};  // long each time
constexpr base::Millis kEndRetry{2'000};
constexpr int kEndTries = 30;
// A stop with savepoint ends the job right after its savepoint.
constexpr base::Millis kStopTail{10'000};

int FailuresInARow(const engines::CheckpointStatistics& statistics) {
  int failures = 0;
  for (const engines::Checkpoint& one : statistics.checkpoints) {
    if (one.state == CheckpointState::kCompleted) {
      break;
    }
    failures += one.state == CheckpointState::kFailed ? 1 : 0;
  }
  return failures;
}

/// Of counts by time, newest last.
int RestartsSince(const std::vector<std::pair<base::Timestamp, std::int64_t>>& counts,
                  base::Timestamp since) {
  const auto first = std::find_if(counts.begin(), counts.end(),
                                  [&](const auto& one) { return one.first >= since; });
  return first == counts.end() ? 0 : static_cast<int>(counts.back().second - first->second);
}

std::size_t RetainedBy(const Attempt& attempt) {
  const std::string text = OptionOf(attempt.options, kRetainedKeys);
  const bool number =
      !text.empty() && text.size() < 4 && text.find_first_not_of("0123456789") == std::string::npos;
  return number ? static_cast<std::size_t>(std::stoul(text)) : 1;
}

/// What of the statistics can be restored: savepoints, and as many checkpoints as the engine keeps.
std::vector<Snapshot> RestorableOf(const Attempt& attempt,
                                   const engines::CheckpointStatistics& statistics) {
  std::vector<Snapshot> snapshots;
  std::size_t checkpoints = 0;
  for (const engines::Checkpoint& one : statistics.checkpoints) {
    if (one.state != CheckpointState::kCompleted || one.path.empty() ||
        (one.kind == SnapshotKind::kCheckpoint && ++checkpoints > RetainedBy(attempt))) {
      continue;
    }
    snapshots.push_back({.job_id = attempt.job_id,
                         .attempt_id = attempt.id,
                         .revision = attempt.revision,
                         .kind = one.kind,
                         .path = one.path,
                         .triggered_at = one.triggered_at,
                         .completed_at = CompletedAt(one),
                         .size_bytes = one.size_bytes});
  }
  return snapshots;
}

bool CanBeAsked(const JobView& view) {
  return view.state.live() && view.state.attempt->submitted &&
         view.state.observed.reachability == Reachability::kReachable;
}

}  // namespace

void JobDetails::Follow(const std::string& cluster_id) {
  const auto round = std::make_shared<Round>(Round{.cluster_id = cluster_id});
  turns_.Begin(cluster_id,
               [this, round](const std::stop_token& stop) { return TakeTurn(*round, stop); });
}

void JobDetails::Forget(const std::string& job_id) {
  const std::lock_guard lock(mutex_);
  memories_.erase(job_id);
}

void JobDetails::AttemptEnded(const JobView& view) {
  if (view.state.attempt) {
    system_.ended.Add(view.state.job.id, *view.state.attempt);
    Follow(view.state.attempt->cluster_id);
    turns_.Wake(view.state.attempt->cluster_id);
  }
}

Turns::Due JobDetails::TakeTurn(Round& round, const std::stop_token& stop) {
  // First what the engine will have forgotten soon.
  if (std::optional<EndedAttempt> ended = system_.ended.FindDue(round.cluster_id)) {
    if (const auto after = LookAtEnd(*ended, stop)) {
      system_.ended.Again(*std::move(ended), *after);
    } else {
      system_.ended.Done(*ended);
    }
    return base::Millis(0);
  }
  if (system_.clock.SteadyNow() >= round.next) {
    round.next = LookAround(round, stop);
  }
  const base::SteadyTime next =
      std::min(round.next, system_.ended.NextDue(round.cluster_id).value_or(round.next));
  return std::max(base::Millis(0),
                  std::chrono::ceil<base::Millis>(next - system_.clock.SteadyNow()));
}

base::SteadyTime JobDetails::LookAround(Round& round, const std::stop_token& stop) {
  const base::SteadyTime now = system_.clock.SteadyNow();
  if (round.left.empty()) {
    round.ends = now + kRound;
    for (const JobViewPtr& view : system_.board.LiveOn(round.cluster_id)) {
      round.left.push_back(view->state.job.id);
    }
  }
  while (!round.left.empty()) {
    const JobViewPtr view = system_.board.Find(round.left.front());
    round.left.pop_front();
    if (view == nullptr || !CanBeAsked(*view)) {
      continue;
    }
    if (!LookAt(*view, stop)) {
      round.left.clear();
      const int doublings = std::min(round.silent++, 8);
      return now + std::min(kSilence * (1 << doublings), kLongestSilence);
    }
    round.silent = 0;
    return round.left.empty() ? std::max(round.ends, NextSlot()) : NextSlot();
  }
  return round.ends;
}

base::SteadyTime JobDetails::NextSlot() {
  const base::Millis gap(1000 / std::max(1, system_.options.details_per_second));
  const std::lock_guard lock(mutex_);
  next_slot_ = std::max(next_slot_, system_.clock.SteadyNow()) + gap;
  return next_slot_;
}

bool JobDetails::LookAt(const JobView& view, std::stop_token stop) {
  const Attempt& attempt = *view.state.attempt;
  const ClusterPtr cluster = system_.clusters.Find(attempt.cluster_id);
  const base::SteadyTime now = system_.clock.SteadyNow();
  if (cluster == nullptr) {
    return true;
  }
  const auto statistics = system_.journal.Look("CHECKPOINTS", [&] {
    return system_.driver.Checkpoints(cluster->endpoint, attempt.engine_job_id, stop);
  });
  if (!statistics.ok()) {
    return !IsOutcomeUnknown(statistics.error());
  }
  const auto restarts = system_.journal.Look("RESTARTS", [&] {
    return system_.driver.Restarts(cluster->endpoint, attempt.engine_job_id, stop);
  });
  Health health = view.state.health;
  health.looked_at = statistics->observed_at;
  health.checkpoint_failures_in_a_row = FailuresInARow(*statistics);
  if (const engines::Checkpoint* newest = NewestCompleted(*statistics)) {
    health.last_checkpoint_at = CompletedAt(*newest);
  }
  {
    const std::lock_guard lock(mutex_);
    Memory& memory = memories_[view.state.job.id];
    if (memory.attempt_id != attempt.id) {
      memory = Memory{.attempt_id = attempt.id};
    }
    if (restarts.ok()) {
      health.restarts = *restarts;
      memory.restarts.emplace_back(statistics->observed_at, *restarts);
      std::erase_if(memory.restarts,
                    [&](const auto& one) { return one.first < statistics->observed_at - kLately; });
      health.restarts_lately = static_cast<int>(*restarts - memory.restarts.front().second);
      health.restarts_at_once = RestartsSince(
          memory.restarts, statistics->observed_at - system_.options.automation.loop_window);
      if (*restarts > view.state.health.restarts) {
        health.last_restart_at = statistics->observed_at;
      }
    }
  }
  health.pace = PaceOf(view, *cluster, now, stop);
  const bool troubled = health.restarts != view.state.health.restarts ||
                        view.state.observed.state != engines::EngineState::kRunning;
  if (troubled) {
    const auto exceptions = system_.journal.Look("EXCEPTIONS", [&] {
      return system_.driver.Exceptions(cluster->endpoint, attempt.engine_job_id, stop);
    });
    if (exceptions.ok() && !exceptions->empty()) {
      health.last_problem = exceptions->front().root_cause.substr(0, 300);
      std::vector<JobException> kept;
      for (const engines::ExceptionObservation& one : *exceptions) {
        kept.push_back({attempt.id, one});
      }
      if (const auto status = system_.store.KeepExceptions(view.state.job.id, kept); !status.ok()) {
        base::LogError("exceptions could not be kept", {{"error", status.error()}});
      }
    }
  }
  const base::Millis window =
      attempt.stable_at ? base::Millis(0) : StableAfter(system_.store, attempt);
  const auto edited = system_.book.Edit(view.state.job.id, [&](JobEdit& edit) -> base::Status {
    if (!edit.state.live() || edit.state.attempt->id != attempt.id) {
      return base::Ok();
    }
    const Health before = edit.state.health;
    edit.state.health = health;
    edit.state.health.restarts = before.restarts;
    edit.state.health.whole_since = before.whole_since;
    NoteRestarts(edit.state, restarts.ok() ? std::optional(*restarts) : std::nullopt,
                 statistics->observed_at);
    const base::Timestamp at = system_.clock.Now();
    if (IsStable(StabilityOf(edit.state, window, at))) {
      MarkStable(edit, at);
    }
    return base::Ok();
  });
  if (edited.ok()) {
    KeepSnapshots(view, *statistics);
  }
  return true;
}

// A look costs two requests: checkpoints and restarts. Every second one, at most, costs one more
// for each vertex with sources or sinks (mostly one or two, whatever lies between them); and when
// the meters are due, once more as many and the job's graph. Those are kept for as long as the
// attempt was old when they were found: a source tells what it has not read only once it reads.
Pace JobDetails::PaceOf(const JobView& view, const Cluster& cluster, base::SteadyTime now,
                        const std::stop_token& stop) {
  const Attempt& attempt = *view.state.attempt;
  const Pace& shown = view.state.health.pace;
  if (view.state.observed.state != engines::EngineState::kRunning) {
    return {};
  }
  Memory known;
  {
    const std::lock_guard lock(mutex_);
    Memory& memory = memories_[view.state.job.id];
    if (now < memory.pace_from) {
      return shown;
    }
    memory.pace_from = now + kPace;
    known = memory;
  }
  if (now >= known.meters_until) {
    auto meters = system_.journal.Look("METERS", [&] {
      return system_.driver.Meters(cluster.endpoint, attempt.engine_job_id, stop);
    });
    if (!meters.ok()) {
      return {};
    }
    const auto age =
        std::chrono::duration_cast<base::Millis>(system_.clock.Now() - attempt.started_at);
    known.meters = std::move(*meters);
    const std::lock_guard lock(mutex_);
    Memory& memory = memories_[view.state.job.id];
    memory.meters = known.meters;
    memory.meters_until = now + std::clamp(age, kPace, kMetersKept);
  }
  const auto rates = system_.journal.Look("RATES", [&] {
    return system_.driver.Rates(cluster.endpoint, attempt.engine_job_id, known.meters, stop);
  });
  const Pace seen{.rates = rates.ok() ? *rates : engines::JobRates(), .slots = known.meters.slots};
  return Steadied(shown, seen);
}

void JobDetails::KeepSnapshots(const JobView& view,
                               const engines::CheckpointStatistics& statistics) {
  const std::vector<Snapshot> restorable = RestorableOf(*view.state.attempt, statistics);
  std::set<std::string> paths;
  for (const Snapshot& one : restorable) {
    paths.insert(one.path);
  }
  base::Sha256 digest;
  for (const std::string& path : paths) {
    digest.Update(path);
    digest.Update("\n");
  }
  std::string retained = digest.Hex();
  {
    const std::lock_guard lock(mutex_);
    Memory& memory = memories_[view.state.job.id];
    if (memory.snapshots == retained) {
      return;
    }
    memory.snapshots = std::move(retained);
  }
  const auto edited = system_.book.Edit(view.state.job.id, [&](JobEdit& edit) -> base::Status {
    if (!edit.state.live() || edit.state.attempt->id != view.state.attempt->id) {
      return base::Ok();
    }
    for (const Snapshot& one : restorable) {
      SP_TRY(AddSnapshot(system_, edit, one));
    }
    // What the engine has replaced by newer ones is gone from its disk too.
    for (const Snapshot& known :
         SP_TRY(system_.store.ListSnapshots(view.state.job.id, 0, "")).items) {
      if (known.attempt_id == view.state.attempt->id && known.kind == SnapshotKind::kCheckpoint &&
          !paths.contains(known.path)) {
        edit.changes.removed_snapshots.push_back(known.id);
      }
    }
    return base::Ok();
  });
  if (!edited.ok()) {
    base::LogError("snapshots could not be recorded",
                   {{"job", view.state.job.id}, {"error", edited.error()}});
  }
}

std::optional<base::Millis> JobDetails::LookAtEnd(EndedAttempt& ended, std::stop_token stop) {
  const ClusterPtr cluster = system_.clusters.Find(ended.attempt.cluster_id);
  if (cluster == nullptr) {
    return std::nullopt;
  }
  const base::SteadyTime now = system_.clock.SteadyNow();
  const std::string& engine_id = ended.attempt.engine_job_id;
  const auto statistics = system_.journal.Look("CHECKPOINTS", [&] {
    return system_.driver.Checkpoints(cluster->endpoint, engine_id, stop);
  });
  const auto exceptions = system_.journal.Look(
      "EXCEPTIONS", [&] { return system_.driver.Exceptions(cluster->endpoint, engine_id, stop); });
  const bool silent = (!statistics.ok() && IsOutcomeUnknown(statistics.error())) ||
                      (!exceptions.ok() && IsOutcomeUnknown(exceptions.error()));
  if (silent && ++ended.tries <= kEndTries) {
    return kEndRetry;
  }
  std::string root_cause;
  if (exceptions.ok() && !exceptions->empty()) {
    root_cause = exceptions->front().root_cause;
    std::vector<JobException> kept;
    for (const engines::ExceptionObservation& one : *exceptions) {
      kept.push_back({ended.attempt.id, one});
    }
    if (const auto status = system_.store.KeepExceptions(ended.job_id, kept); !status.ok()) {
      base::LogError("exceptions could not be kept", {{"error", status.error()}});
    }
  }
  std::optional<engines::CheckpointStatistics> known;
  if (statistics.ok()) {
    known = *statistics;
    const auto status = system_.store.KeepCheckpoints(
        ended.job_id, ended.attempt.id,
        json::serialize(CheckpointsToJson(ended.attempt.id, *statistics)));
    if (!status.ok()) {
      base::LogError("checkpoint statistics could not be kept", {{"error", status.error()}});
    }
  }
  // Where the cluster has forgotten it, its files may still tell.
  RecordEnd(ended, known, root_cause, known ? std::vector<Snapshot>() : RetainedOf(ended.attempt));
  if (silent) {
    return std::nullopt;
  }
  const base::Millis age = system_.driver.AnswerAge(cluster->endpoint, stop);
  const auto known_since = std::chrono::floor<base::Millis>(now - ended.seen);
  return known_since < age ? std::optional(age - known_since) : std::nullopt;
}

std::vector<Snapshot> JobDetails::RetainedOf(const Attempt& attempt) const {
  const std::string directory = OptionOf(attempt.options, kCheckpointFolderKeys);
  const ClusterPtr cluster = system_.clusters.Find(attempt.cluster_id);
  std::vector<Snapshot> retained;
  if (cluster == nullptr || directory.empty() || !attempt.submitted) {
    return retained;
  }
  for (const engines::RetainedCheckpoint& one : system_.journal.Look("RETAINED", [&] {
         return system_.driver.RetainedCheckpoints(cluster->endpoint, directory,
                                                   attempt.engine_job_id);
       })) {
    retained.push_back({.job_id = attempt.job_id,
                        .attempt_id = attempt.id,
                        .revision = attempt.revision,
                        .kind = SnapshotKind::kCheckpoint,
                        .path = one.path,
                        .triggered_at = one.completed_at,
                        .completed_at = one.completed_at});
  }
  return retained;
}

base::Status JobDetails::KeepRetained(JobEdit& edit, const std::vector<Snapshot>& retained) const {
  if (retained.empty()) {
    return base::Ok();
  }
  std::set<std::string> missing;
  for (const Snapshot& one : retained) {
    missing.insert(one.path);
  }
  for (const Snapshot& known :
       SP_TRY(system_.store.ListSnapshots(retained.front().job_id, 0, "")).items) {
    const bool there = missing.erase(known.path) > 0;
    if (!there && known.attempt_id == retained.front().attempt_id &&
        known.kind == SnapshotKind::kCheckpoint) {
      edit.changes.removed_snapshots.push_back(known.id);
    }
  }
  for (const Snapshot& one : retained) {
    if (missing.contains(one.path)) {
      SP_TRY(AddSnapshot(system_, edit, one));
    }
  }
  return base::Ok();
}

void JobDetails::RecordEnd(const EndedAttempt& ended,
                           const std::optional<engines::CheckpointStatistics>& statistics,
                           const std::string& root_cause, const std::vector<Snapshot>& retained) {
  const auto edited = system_.book.Edit(ended.job_id, [&](JobEdit& edit) -> base::Status {
    JobState& state = edit.state;
    if (!state.attempt || state.attempt->id != ended.attempt.id) {
      return base::Ok();
    }
    const bool finished = state.observed.state == engines::EngineState::kFinished;
    const engines::Checkpoint* newest = statistics ? NewestCompleted(*statistics) : nullptr;
    if (statistics) {
      for (const Snapshot& one : RestorableOf(ended.attempt, *statistics)) {
        // The engine deletes the checkpoints of a job that finished by itself or by a savepoint.
        if (!finished || one.kind == SnapshotKind::kSavepoint) {
          SP_TRY(AddSnapshot(system_, edit, one));
        }
      }
    }
    if (finished) {
      for (const Snapshot& one : SP_TRY(system_.store.ListSnapshots(ended.job_id, 0, "")).items) {
        if (one.attempt_id == ended.attempt.id && one.kind == SnapshotKind::kCheckpoint) {
          edit.changes.removed_snapshots.push_back(one.id);
        }
      }
    }
    SP_TRY(KeepRetained(edit, retained));
    if (!state.job.ran && (!retained.empty() || (statistics && statistics->completed > 0))) {
      state.job.ran = true;
      edit.SaveJob();
    }
    if (state.attempt->outcome == AttemptOutcome::kFailed && state.attempt->message.empty() &&
        !root_cause.empty()) {
      state.attempt->message = root_cause;
      edit.SaveAttempt();
    }
    // An operation in flight records the end itself; so has one that ended it already.
    if (!state.live() || state.operation || !state.observed.state ||
        !engines::IsTerminal(*state.observed.state)) {
      return base::Ok();
    }
    const base::Timestamp at = state.observed.observed_at.value_or(system_.clock.Now());
    state.job.ran = true;
    edit.SaveJob();
    if (state.observed.state == engines::EngineState::kFailed) {
      edit.EndAttempt(AttemptOutcome::kFailed, root_cause, at);
    } else if (state.observed.state == engines::EngineState::kCanceled) {
      edit.EndAttempt(AttemptOutcome::kStopped, "cancelled on the engine", at);
    } else if (newest != nullptr && newest->kind == SnapshotKind::kSavepoint &&
               at - CompletedAt(*newest) < kStopTail) {
      edit.EndAttempt(AttemptOutcome::kSuspended, "stopped with a savepoint on the engine", at);
    } else {
      edit.EndAttempt(AttemptOutcome::kFinished, "", at);
    }
    return base::Ok();
  });
  if (!edited.ok()) {
    base::LogError("an attempt's end could not be recorded",
                   {{"job", ended.job_id}, {"error", edited.error()}});
  }
}

}  // namespace streampark::console
