// SPDX-License-Identifier: Apache-2.0
// Savepoints, stops with and without them, and deletion. The trigger's id follows from the
// operation's, so a repeat in a later life of the console is the same request to the engine. What
// the engine does with a savepoint is waited for, never cut short: a failed one leaves the job
// running.
#include "streampark/base/digest.h"
#include "streampark/base/json.h"

#include "jobs/attempts.h"
#include "jobs/snapshot_search.h"
#include "jobs/step.h"
#include "jobs/upgrade_checks.h"

namespace streampark::console {
namespace {

using engines::EngineState;
using engines::TriggerObservation;

// A job that was stopped and runs for so long has been taken up again by another JobManager, which
// knows nothing of the stop.
constexpr base::Millis kStopPatience{60'000};

struct StopWork {
  JobViewPtr job;
  JobCommand command;
  Attempt attempt;
  ClusterPtr cluster;
  std::string trigger_id;
  bool ends = false;  // the job is stopped after the savepoint
};

base::Result<StopWork> LoadStopWork(StepContext& context) {
  StopWork work;
  work.job = SP_TRY(context.Job());
  work.command = SP_TRY(context.Command());
  if (!work.job->state.attempt) {
    return base::Error(base::ErrorCode::kIllegalState, "the job does not run");
  }
  work.attempt = *work.job->state.attempt;
  work.cluster = SP_TRY(context.ClusterOf(work.attempt.cluster_id));
  work.trigger_id = base::Sha256Hex(context.operation.id).substr(0, 32);
  work.ends = work.command.kind != OperationKind::kSavepoint;
  if (context.Remembers("format")) {
    work.command.format = engines::SnapshotFormat::kCanonical;
  }
  return work;
}

/// Waits for an answer of a cluster that gives none just now, or one that says nothing of the job;
/// ends early when told to.
base::Result<Next> WaitForAnswer(StepContext& context, const base::Error& error) {
  const bool strange = error.code() == base::ErrorCode::kEngineError;
  if (context.stop.stop_requested() || !(IsOutcomeUnknown(error) || strange)) {
    return error;
  }
  context.Say(strange ? "the cluster gives no proper answer; waiting for one: " + error.message()
                      : "the cluster does not answer; waiting for it");
  return Next::Wait(base::Millis(1000));
}

/// Ends an attempt of which nothing can be known, because a person said so.
base::Status GiveUp(StepContext& context) {
  context.Say("given up: its cluster does not answer");
  return context.Save([&](JobEdit& edit) -> base::Status {
    edit.EndAttempt(AttemptOutcome::kLost, "given up while its cluster did not answer",
                    context.system.clock.Now());
    return base::Ok();
  });
}

base::Error SavepointFailed(const std::string& cause) {
  return base::Error(base::ErrorCode::kSavepointFailed, "the savepoint failed; the job still runs")
      .WithCause(cause)
      .WithHint("look at the job's exceptions and at the savepoint folder, then try again");
}

// ------------------------------------------------------------------------------------------------

class SavepointStep final : public JobStep {
 public:
  std::string_view name() const override { return "SAVEPOINT"; }
  // Once asked for, a savepoint cannot be called back.
  base::Result<Next> Run(StepContext& context) const override {
    if (IsRenewal(context.operation.kind)) {
      switch (PathOf(context)) {
        case UpgradePath::kSavepoint:
          break;
        case UpgradePath::kStart:
          return Next::SkippedPast("it does not run", "AWAIT_END");
        case UpgradePath::kLastState:
          return Next::SkippedPast("it goes on from its newest checkpoint", "AWAIT_SAVEPOINT");
        case UpgradePath::kEmpty:
          return Next::SkippedPast("none is needed, or can be taken", "AWAIT_SAVEPOINT");
      }
    }
    const StopWork work = SP_TRY(LoadStopWork(context));
    context.system.clusters.WatchClosely(work.cluster->id, base::Millis(60'000));
    if (!context.Remembers("triggered_at")) {
      context.Remember("triggered_at",
                       std::to_string(context.system.clock.Now().time_since_epoch().count()));
      SP_TRY(context.Save([](JobEdit&) { return base::Ok(); }));
    }
    const engines::StopRequest request{
        .engine_job_id = work.attempt.engine_job_id,
        .trigger_id = work.trigger_id,
        .directory = SavepointDirectoryOf(*work.cluster, work.job->state.job.id),
        .format = work.command.format,
        .after = !work.ends ? engines::StopRequest::After::kGoOn
                 : work.command.savepoint == SavepointChoice::kDrain
                     ? engines::StopRequest::After::kDrain
                     : engines::StopRequest::After::kStop};
    const auto triggered = context.system.journal.Perform(
        context.IntentOf("TRIGGER", work.trigger_id,
                         json::serialize(json::object{{"engineJobId", request.engine_job_id},
                                                      {"directory", request.directory}})),
        {.observe = [&] { return Observe(context, work); },
         .act = [&]() -> base::Result<std::string> {
           SP_TRY(context.system.driver.Trigger(work.cluster->endpoint, request, context.stop));
           return std::string("triggered");
         }});
    if (triggered.ok()) {
      return Next::Done();
    }
    if (IsOutcomeUnknown(triggered.error())) {
      return WaitForAnswer(context, triggered.error());
    }
    return SavepointFailed(triggered.error().cause().empty() ? triggered.error().message()
                                                             : triggered.error().cause());
  }

 private:
  static base::Result<std::optional<std::string>> Observe(StepContext& context,
                                                          const StopWork& work) {
    const TriggerObservation seen = SP_TRY(context.system.driver.ObserveTrigger(
        work.cluster->endpoint, work.attempt.engine_job_id, work.trigger_id, context.stop));
    if (seen.state != TriggerObservation::State::kUnknown) {
      return std::optional<std::string>("triggered");
    }
    // A trigger that the engine has forgotten may have ended the job already.
    const auto job =
        SP_TRY(Look(context.system, *work.cluster, work.attempt.engine_job_id, context.stop));
    if (!job || engines::IsTerminal(job->state)) {
      return std::optional<std::string>("ended");
    }
    const engines::CheckpointStatistics statistics = SP_TRY(context.system.driver.Checkpoints(
        work.cluster->endpoint, work.attempt.engine_job_id, context.stop));
    const auto since = base::Timestamp(base::Millis(std::stoll(context.Recall("triggered_at"))));
    return FindSavepoint(statistics, "", since) ? std::optional<std::string>("triggered")
                                                : std::nullopt;
  }
};

// ------------------------------------------------------------------------------------------------

class AwaitSavepointStep final : public JobStep {
 public:
  std::string_view name() const override { return "AWAIT_SAVEPOINT"; }

  base::Result<Next> Run(StepContext& context) const override {
    if (context.Remembers("snapshot") || context.Remembers("unconfirmed")) {
      return Next::Done();
    }
    const StopWork work = SP_TRY(LoadStopWork(context));
    const auto seen = context.system.journal.Look("OBSERVE_TRIGGER", [&] {
      return context.system.driver.ObserveTrigger(
          work.cluster->endpoint, work.attempt.engine_job_id, work.trigger_id, context.stop);
    });
    if (!seen.ok()) {
      return WaitForAnswer(context, seen.error());
    }
    switch (seen->state) {
      case TriggerObservation::State::kInProgress:
        SayProgress(context, work);
        return Wait(context);
      case TriggerObservation::State::kCompleted:
        SP_TRY(Keep(context, work, seen->path));
        return Next::Done();
      case TriggerObservation::State::kFailed:
        return Failed(context, work, seen->cause);
      case TriggerObservation::State::kUnknown:
        break;
    }
    return Recover(context, work);
  }

  /// The engine goes on with the savepoint; what comes of it is recorded when it is seen.
  base::Result<Next> Cancel(StepContext& context) const override {
    context.Say("not waited for any more; the engine finishes the savepoint");
    return Next::Done();
  }

 private:
  static Next Wait(const StepContext& context) {
    return Next::Wait(base::Millis(context.Elapsed() < base::Millis(5000) ? 100 : 500));
  }

  static void SayProgress(StepContext& context, const StopWork& work) {
    if (context.Elapsed() > base::Millis(60'000)) {
      context.Say("the engine is still writing the savepoint");
    } else {
      context.Say(work.ends ? "the engine writes the savepoint, then stops the job"
                            : "the engine writes the savepoint");
    }
  }

  static base::Timestamp TriggeredAt(const StepContext& context) {
    return base::Timestamp(base::Millis(std::stoll(context.Recall("triggered_at"))));
  }

  static base::Status Keep(StepContext& context, const StopWork& work, const std::string& path) {
    Snapshot snapshot{.job_id = work.job->state.job.id,
                      .attempt_id = work.attempt.id,
                      .revision = work.attempt.revision,
                      .kind = engines::SnapshotKind::kSavepoint,
                      .format = work.command.format,
                      .path = path,
                      .triggered_at = TriggeredAt(context),
                      .completed_at = context.system.clock.Now(),
                      .name = work.command.name,
                      .note = work.command.note};
    // The engine's own times are what checkpoints are compared by.
    const auto statistics = context.system.journal.Look("CHECKPOINTS", [&] {
      return context.system.driver.Checkpoints(work.cluster->endpoint, work.attempt.engine_job_id,
                                               context.stop);
    });
    if (statistics.ok()) {
      if (const auto known = FindSavepoint(*statistics, path, snapshot.triggered_at)) {
        snapshot.triggered_at = known->triggered_at;
        snapshot.size_bytes = known->size_bytes;
        if (known->duration) {
          snapshot.completed_at = known->triggered_at + *known->duration;
        }
      }
    }
    return context.Save([&](JobEdit& edit) -> base::Status {
      const std::string id = SP_TRY(AddSnapshot(context.system, edit, snapshot));
      context.Remember("snapshot", id);
      context.operation.result.snapshot_id = id;
      return base::Ok();
    });
  }

  static base::Result<Next> Failed(StepContext& context, const StopWork& work,
                                   const std::string& cause) {
    const auto job = Look(context.system, *work.cluster, work.attempt.engine_job_id, context.stop);
    if (!job.ok()) {
      return WaitForAnswer(context, job.error());
    }
    if (*job && (*job)->state == EngineState::kFinished) {
      return Unconfirmed(context);
    }
    return SavepointFailed(cause);
  }

  /// The engine has forgotten the trigger: its results are kept for minutes only and die with the
  /// JobManager. What its statistics say of a savepoint since then proves it.
  static base::Result<Next> Recover(StepContext& context, const StopWork& work) {
    const auto job = Look(context.system, *work.cluster, work.attempt.engine_job_id, context.stop);
    if (!job.ok()) {
      return WaitForAnswer(context, job.error());
    }
    const auto statistics = context.system.journal.Look("CHECKPOINTS", [&] {
      return context.system.driver.Checkpoints(work.cluster->endpoint, work.attempt.engine_job_id,
                                               context.stop);
    });
    if (!statistics.ok() && statistics.error().code() != base::ErrorCode::kNotFound) {
      return WaitForAnswer(context, statistics.error());
    }
    if (statistics.ok()) {
      if (const auto known = FindSavepoint(*statistics, "", TriggeredAt(context))) {
        switch (known->state) {
          case engines::CheckpointState::kCompleted:
            if (work.ends && *job && !engines::IsTerminal((*job)->state)) {
              return DoubtIt(context);
            }
            SP_TRY(Keep(context, work, known->path));
            return Next::Done();
          case engines::CheckpointState::kInProgress:
            context.Say("the engine writes the savepoint");
            return Wait(context);
          case engines::CheckpointState::kFailed:
            if (*job && !engines::IsTerminal((*job)->state)) {
              return SavepointFailed(known->failure);
            }
            break;
        }
      }
    }
    if (*job && !engines::IsTerminal((*job)->state)) {
      return SavepointFailed("the engine does not know of the savepoint any more");
    }
    // Nobody is left who could tell; what lies in the folder proves it too.
    const auto found = SnapshotSearch(context.system)
                           .FindSavepoint(work.attempt, TriggeredAt(context), context.stop);
    if (found.ok() && *found) {
      SP_TRY(Keep(context, work, (*found)->path));
      return Next::Done();
    }
    return work.ends ? Unconfirmed(context)
                     : base::Result<Next>(base::Error(base::ErrorCode::kSavepointFailed,
                                                      "the job ended before its savepoint"));
  }

  /// One is found, and the job goes on. It is ours if the job ends soon; or it is of a command just
  /// before ours, and the engine never heard of ours.
  static base::Result<Next> DoubtIt(StepContext& context) {
    if (context.Since("doubted_since") < kStopPatience) {
      context.Say("a savepoint is there; waiting for the job's end");
      return Wait(context);
    }
    return SavepointFailed("the engine does not know of the savepoint any more");
  }

  static base::Result<Next> Unconfirmed(StepContext& context) {
    context.Say("nothing proves that the savepoint is complete");
    context.Remember("unconfirmed", "yes");
    SP_TRY(context.Save([](JobEdit&) { return base::Ok(); }));
    return Next::Done();
  }
};

// ------------------------------------------------------------------------------------------------

class CancelStep final : public JobStep {
 public:
  std::string_view name() const override { return "CANCEL"; }

  base::Result<Next> Run(StepContext& context) const override {
    if (IsRenewal(context.operation.kind) && PathOf(context) == UpgradePath::kSavepoint) {
      return Next::Skipped("its savepoint stops it");
    }
    const JobViewPtr job = SP_TRY(context.Job());
    if (!job->state.live()) {
      return Next::SkipPast("AWAIT_END");
    }
    const StopWork work = SP_TRY(LoadStopWork(context));
    context.system.clusters.WatchClosely(work.cluster->id, base::Millis(30'000));
    if (!work.attempt.submitted && context.Elapsed() < kLateArrival) {
      // Its start was given up without an answer: that it is not there yet says nothing.
      const auto seen =
          Look(context.system, *work.cluster, work.attempt.engine_job_id, context.stop);
      if (!seen.ok()) {
        return WaitForAnswer(context, seen.error());
      }
      if (!*seen) {
        context.Say("waiting for a submit that may still arrive");
        return Next::Wait(base::Millis(500));
      }
    }
    const auto ended = [&]() -> base::Result<std::optional<std::string>> {
      const auto seen =
          SP_TRY(Look(context.system, *work.cluster, work.attempt.engine_job_id, context.stop));
      const bool done =
          !seen || engines::IsTerminal(seen->state) || seen->state == EngineState::kStopping;
      return done ? std::optional<std::string>("ended") : std::nullopt;
    };
    const auto cancelled = context.system.journal.Perform(
        context.IntentOf("CANCEL", work.attempt.engine_job_id),
        {.observe = ended, .act = [&] {
           return CancelOnEngine(context.system, *work.cluster, work.attempt.engine_job_id,
                                 context.stop);
         }});
    if (cancelled.ok()) {
      return Next::Done();
    }
    if (IsOutcomeUnknown(cancelled.error()) && work.command.abandon &&
        !context.stop.stop_requested()) {
      SP_TRY(GiveUp(context));
      return Next::Done();
    }
    if (IsOutcomeUnknown(cancelled.error())) {
      return WaitForAnswer(context, cancelled.error());
    }
    return cancelled.error();
  }
};

// ------------------------------------------------------------------------------------------------

class AwaitEndStep final : public JobStep {
 public:
  std::string_view name() const override { return "AWAIT_END"; }
  bool cancellable() const override { return false; }

  base::Result<Next> Run(StepContext& context) const override {
    const JobViewPtr job = SP_TRY(context.Job());
    if (!job->state.live()) {
      SP_TRY(Settle(context));
      return Next::Done();
    }
    const StopWork work = SP_TRY(LoadStopWork(context));
    const auto seen = Look(context.system, *work.cluster, work.attempt.engine_job_id, context.stop);
    if (!seen.ok() && work.command.abandon && !context.stop.stop_requested()) {
      SP_TRY(GiveUp(context));
      return Next::Wait(base::Millis(0));
    }
    if (!seen.ok()) {
      return WaitForAnswer(context, seen.error());
    }
    if (*seen && !engines::IsTerminal((*seen)->state)) {
      SP_TRY(Record(context.system, job->state.job.id, **seen));
      if ((*seen)->state != EngineState::kStopping && context.Since("runs_on") > kStopPatience) {
        return base::Error(base::ErrorCode::kEngineError, "the job goes on after it was stopped")
            .WithHint("its JobManager may have been replaced meanwhile; stop it again");
      }
      return Next::Wait(base::Millis(context.Elapsed() < base::Millis(5000) ? 50 : 500));
    }
    // Its last checkpoint statistics are read by the watch, which may still be doing so.
    const base::Timestamp at =
        *seen && (*seen)->ended_at ? *(*seen)->ended_at : context.system.clock.Now();
    SP_TRY(context.Save([&](JobEdit& edit) -> base::Status {
      if (*seen) {
        Apply(edit, **seen, context.system.clock.Now());
      }
      const bool failed = *seen && (*seen)->state == EngineState::kFailed;
      // It may have run while nobody could see it; then it has state that is not to be lost.
      edit.state.job.ran = true;
      edit.SaveJob();
      edit.EndAttempt(OutcomeOf(context, work.command, failed), "", at);
      return base::Ok();
    }));
    SP_TRY(Settle(context));
    return Next::Done();
  }

 private:
  static AttemptOutcome OutcomeOf(const StepContext& context, const JobCommand& command,
                                  bool failed) {
    const bool kept = context.Remembers("snapshot") ||
                      (IsRenewal(command.kind) && PathOf(context) == UpgradePath::kLastState);
    if (kept && command.savepoint != SavepointChoice::kDrain) {
      return AttemptOutcome::kSuspended;
    }
    return failed ? AttemptOutcome::kFailed : AttemptOutcome::kStopped;
  }

  /// What the next start restores.
  static base::Status Settle(StepContext& context) {
    const JobCommand command = SP_TRY(context.Command());
    return context.Save([&](JobEdit& edit) -> base::Status {
      Job& job = edit.state.job;
      // After a fence the job goes on where a person had left it.
      if (context.operation.requested_by.via != Requester::Via::kAutomation) {
        job.resume_unconfirmed = context.Remembers("unconfirmed");
        const bool goes_on = command.savepoint == SavepointChoice::kYes || IsRenewal(command.kind);
        job.resume_snapshot_id = goes_on ? context.Recall("snapshot") : "";
      }
      edit.SaveJob();
      // The engine deletes the checkpoints of a job that finished; a cancelled one's stay.
      if (edit.state.attempt && edit.state.observed.state == EngineState::kFinished) {
        const StoredPage<Snapshot> all = SP_TRY(context.system.store.ListSnapshots(job.id, 0, ""));
        for (const Snapshot& one : all.items) {
          if (one.attempt_id == edit.state.attempt->id &&
              one.kind == engines::SnapshotKind::kCheckpoint) {
            edit.changes.removed_snapshots.push_back(one.id);
          }
        }
      }
      return base::Ok();
    });
  }
};

// ------------------------------------------------------------------------------------------------

/// Takes the job out of the list. Its rows and files stay until the time to undo has passed.
class RemoveStep final : public JobStep {
 public:
  std::string_view name() const override { return "REMOVE"; }
  bool cancellable() const override { return false; }

  base::Result<Next> Run(StepContext& context) const override {
    const JobCommand command = SP_TRY(context.Command());
    SP_TRY(context.Save([&](JobEdit& edit) -> base::Status {
      Job& job = edit.state.job;
      job.desired = DesiredState::kDeleted;
      job.deleted_at = context.system.clock.Now();
      job.delete_snapshots = command.delete_snapshots;
      ++job.edition;
      edit.SaveJob();
      return base::Ok();
    }));
    return Next::Done();
  }
};

}  // namespace

std::vector<const JobStep*> SavepointSteps() {
  static const SavepointStep savepoint;
  static const AwaitSavepointStep await;
  return {&savepoint, &await};
}

std::vector<const JobStep*> CancelSteps() {
  static const CancelStep cancel;
  static const AwaitEndStep await;
  return {&cancel, &await};
}

std::vector<const JobStep*> EndSteps() { return {CancelSteps().back()}; }

std::vector<const JobStep*> RemoveSteps() {
  static const RemoveStep remove;
  return {&remove};
}

}  // namespace streampark::console
