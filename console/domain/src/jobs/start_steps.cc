// SPDX-License-Identifier: Apache-2.0
// Bringing a released revision to life: choose what it restores, see that it fits, submit it under
// an id of ours, wait until all its tasks run.
#include <algorithm>

#include "streampark/base/json.h"
#include "streampark/base/log.h"

#include "jobs/attempts.h"
#include "jobs/job_releases.h"
#include "jobs/restore_choice.h"
#include "jobs/step.h"

namespace streampark::console {
namespace {

using engines::EngineState;

// After a stop the engine needs a moment to give the slots back.
constexpr base::Millis kSlotPatience{5000};
// A submit that was cut off may still arrive; its job shows up well within this time.
constexpr base::Millis kLateArrival{5000};

struct StartWork {
  Revision revision;
  ClusterPtr cluster;
  engines::Installation installation;
  Release release;
  JobCommand command;
  int parallelism = 1;
};

base::Result<StartWork> LoadStartWork(StepContext& context) {
  StartWork work;
  work.command = SP_TRY(context.Command());
  const std::string& job_id = context.operation.subject.id;
  std::optional<Revision> revision =
      SP_TRY(context.system.store.FindRevision(job_id, std::stoi(context.Recall("revision"))));
  if (!revision) {
    return base::Error(base::ErrorCode::kNotFound, "the revision does not exist");
  }
  work.revision = *std::move(revision);
  work.cluster = SP_TRY(context.ClusterOf(work.revision.spec.cluster_id));
  work.installation = SP_TRY(PlannerInstallationOf(work.cluster));
  std::optional<Release> release = SP_TRY(
      context.system.store.FindRelease(job_id, work.revision.digest, work.installation.version));
  if (!release || release->state != Release::State::kReleased) {
    return base::Error(base::ErrorCode::kReleaseFailed, "the revision is not released");
  }
  work.release = *std::move(release);
  work.parallelism = work.command.parallelism.value_or(work.revision.spec.parallelism);
  return work;
}

engines::PlannerKey PlannerOf(const StepContext& context, const StartWork& work) {
  return context.system.dependencies.PlannerFor(work.installation, work.release.artifacts);
}

// ------------------------------------------------------------------------------------------------

class RestoreStep final : public JobStep {
 public:
  std::string_view name() const override { return "RESTORE"; }

  base::Result<Next> Run(StepContext& context) const override {
    if (context.Remembers("attempt")) {
      return Next::Done();
    }
    const StartWork work = SP_TRY(LoadStartWork(context));
    const JobViewPtr job = SP_TRY(context.Job());
    const std::optional<Snapshot> chosen = SP_TRY(Choose(context, work, job->state));
    if (chosen) {
      context.Say("restores " + chosen->path);
      SP_TRY(RefuseClaimOfHeld(work.command, *chosen, job->state));
    } else {
      context.Say("starts empty");
    }
    const std::vector<EffectiveOption> options = EffectiveOptions(
        work.revision.spec, work.command.options, *work.cluster, job->state.job.id);
    Attempt attempt{.id = context.system.ids.Next(),
                    .job_id = job->state.job.id,
                    .number = job->state.attempt ? job->state.attempt->number + 1 : 1,
                    .engine_job_id = base::RandomHex(context.system.random, 16),
                    .revision = work.revision.number,
                    .parallelism = work.parallelism,
                    .cluster_id = work.cluster->id,
                    .restored_from = chosen ? chosen->id : "",
                    .options = OptionsOf(options),
                    .started_at = context.system.clock.Now()};
    context.Remember("attempt", attempt.id);
    context.Remember("restore", chosen ? chosen->path : "");
    context.operation.result.attempt_id = attempt.id;
    SP_TRY(context.Save([&](JobEdit& edit) -> base::Status {
      if (chosen) {
        edit.changes.snapshots.push_back(*chosen);
      }
      edit.PutAttempt(attempt);
      edit.state.observed = {};
      edit.state.health = {};
      edit.SaveObserved();
      return base::Ok();
    }));
    return Next::Done();
  }

 private:
  static base::Result<std::optional<Snapshot>> Choose(StepContext& context, const StartWork& work,
                                                      const JobState& now) {
    const JobSystem& system = context.system;
    if (const std::string stopped = context.Recall("snapshot"); !stopped.empty()) {
      return SP_TRY(
          system.store.FindSnapshot(stopped));  // a restart goes on where its own stop ended
    }
    // The facts as they were when the command was accepted: accepting it moved the desired state.
    JobState before = now;
    before.job.desired = ParseDesiredState(context.Recall("desired")).value_or(now.job.desired);
    const RestorePlan plan = SP_TRY(PlanRestore(before, work.command.restore));
    switch (plan.from) {
      case RestorePlan::From::kNothing:
        return std::optional<Snapshot>();
      case RestorePlan::From::kOne:
        return One(context, work, plan);
      case RestorePlan::From::kNewest:
        break;
    }
    return Newest(context, work, now);
  }

  static base::Result<std::optional<Snapshot>> One(StepContext& context, const StartWork& work,
                                                   const RestorePlan& plan) {
    Snapshot snapshot;
    if (!plan.snapshot_id.empty()) {
      const std::optional<Snapshot> known =
          SP_TRY(context.system.store.FindSnapshot(plan.snapshot_id));
      if (!known || known->job_id != context.operation.subject.id) {
        return base::Error(base::ErrorCode::kNotFound, "the job has no such snapshot");
      }
      snapshot = *known;
    } else {
      snapshot = {.id = context.system.ids.Next(),
                  .job_id = context.operation.subject.id,
                  .path = plan.path,
                  .triggered_at = context.system.clock.Now(),
                  .note = "given as a path"};
    }
    if (snapshot.path.empty()) {
      return base::Error(base::ErrorCode::kSnapshotUnconfirmed,
                         "it is not known where this savepoint is, or whether it is complete");
    }
    const auto inspected = context.system.journal.Look("INSPECT", [&] {
      return context.system.planner.InspectSnapshot(PlannerOf(context, work), snapshot.path,
                                                    context.stop);
    });
    if (!inspected.ok()) {
      if (inspected.error().code() == base::ErrorCode::kCancelled) {
        return inspected.error();
      }
      // What cannot be looked at from here may well be readable where the job runs.
      context.Say("could not check " + snapshot.path + ": " + inspected.error().message());
      return std::optional(snapshot);
    }
    if (!inspected->exists || !inspected->complete) {
      return base::Error(
                 base::ErrorCode::kSnapshotInvalid,
                 snapshot.path + (inspected->exists ? " is not complete" : " does not exist"))
          .WithCause(inspected->problem)
          .WithHint("choose another snapshot");
    }
    snapshot.verification = Verification::kVerified;
    snapshot.size_bytes = inspected->size_bytes;
    if (!snapshot.completed_at) {
      snapshot.completed_at = snapshot.triggered_at;
    }
    return std::optional(snapshot);
  }

  static base::Result<std::optional<Snapshot>> Newest(StepContext& context, const StartWork& work,
                                                      const JobState& now) {
    std::optional<Snapshot> unchecked;
    JobChanges found_invalid;
    for (Snapshot& one :
         Candidates(SP_TRY(context.system.store.ListSnapshots(now.job.id, 0, "")).items)) {
      const auto inspected = context.system.journal.Look("INSPECT", [&] {
        return context.system.planner.InspectSnapshot(PlannerOf(context, work), one.path,
                                                      context.stop);
      });
      if (!inspected.ok()) {
        if (inspected.error().code() == base::ErrorCode::kCancelled) {
          return inspected.error();
        }
        if (!unchecked) {
          unchecked = one;
        }
        continue;
      }
      if (inspected->exists && inspected->complete) {
        one.verification = Verification::kVerified;
        SP_TRY(context.system.store.Commit(found_invalid));
        return std::optional(one);
      }
      base::LogWarn("a snapshot cannot be restored",
                    {{"job", now.job.id}, {"path", one.path}, {"problem", inspected->problem}});
      one.verification = Verification::kInvalid;
      found_invalid.snapshots.push_back(one);
    }
    SP_TRY(context.system.store.Commit(found_invalid));
    if (unchecked) {
      return unchecked;
    }
    return base::Error(base::ErrorCode::kRestoreChoiceRequired,
                       "the job has state, but no snapshot of it can be restored")
        .WithHint("give a path, or start from NOTHING if its state may be lost");
  }

  static base::Status RefuseClaimOfHeld(const JobCommand& command, const Snapshot& chosen,
                                        const JobState& state) {
    if (!command.restore || command.restore->mode != engines::ClaimMode::kClaim) {
      return base::Ok();
    }
    JobState held = state;
    held.operation.reset();
    const std::vector<std::string> holders = HoldersOf(chosen, held);
    if (holders.empty()) {
      return base::Ok();
    }
    return base::Error(base::ErrorCode::kInUse,
                       "the snapshot cannot be claimed; it is needed by " + holders.front())
        .WithHint("restore it with NO_CLAIM");
  }
};

// ------------------------------------------------------------------------------------------------

class SlotsStep final : public JobStep {
 public:
  std::string_view name() const override { return "SLOTS"; }

  base::Result<Next> Run(StepContext& context) const override {
    const StartWork work = SP_TRY(LoadStartWork(context));
    context.system.clusters.WatchClosely(work.cluster->id, base::Millis(30'000));
    const auto seen = context.system.journal.Look("OBSERVE", [&] {
      return context.system.driver.Observe(work.cluster->endpoint, base::Millis(5000),
                                           context.stop);
    });
    if (!seen.ok()) {
      return GiveUp(context, seen.error());
    }
    const int needed = SlotsNeeded(work.parallelism, work.release);
    const std::string words =
        "needs " + std::to_string(needed) + ", " + std::to_string(seen->slots_free) + " free";
    context.Say(words);
    if (seen->slots_free >= needed) {
      return Next::Done();
    }
    if (context.Elapsed() < kSlotPatience) {
      return Next::Wait(base::Millis(200));
    }
    return GiveUp(context,
                  base::Error(base::ErrorCode::kNotEnoughSlots,
                              work.cluster->spec.name + " has too few free slots: " + words)
                      .WithHint("stop another job, lower the parallelism, or add TaskManagers"));
  }

  base::Result<Next> Cancel(StepContext& context) const override {
    SP_TRY(Forget(context, "cancelled before it was submitted"));
    return Next::Done();
  }

 private:
  static base::Error GiveUp(StepContext& context, base::Error error) {
    if (error.code() != base::ErrorCode::kCancelled) {
      if (const base::Status status = Forget(context, error.message()); !status.ok()) {
        return status.error();
      }
    }
    return error;
  }
  static base::Status Forget(StepContext& context, const std::string& why) {
    return context.Save([&](JobEdit& edit) -> base::Status {
      edit.EndAttempt(AttemptOutcome::kNeverStarted, why, context.system.clock.Now());
      return base::Ok();
    });
  }
};

// ------------------------------------------------------------------------------------------------

/// Ends what a start has brought about outside, when it is cancelled: the job is looked for,
/// cancelled under its id, and awaited. A cluster that does not answer leaves the attempt as it is:
/// nobody knows.
base::Result<Next> PutRight(StepContext& context) {
  const JobViewPtr job = SP_TRY(context.Job());
  if (!job->state.live()) {
    return Next::Done();
  }
  const Attempt attempt = *job->state.attempt;
  const ClusterPtr cluster = SP_TRY(context.ClusterOf(attempt.cluster_id));
  const auto seen = Look(context.system, *cluster, attempt.engine_job_id, context.stop);
  if (!seen.ok()) {
    return seen.error();
  }
  const auto end = [&](AttemptOutcome outcome, const std::string& message) {
    return context.Save([&](JobEdit& edit) -> base::Status {
      edit.EndAttempt(outcome, message, context.system.clock.Now());
      return base::Ok();
    });
  };
  if (!*seen) {
    const std::string since = context.Recall("cancelled_at");
    if (!attempt.submitted && !since.empty() &&
        context.system.clock.Now().time_since_epoch().count() - std::stoll(since) <
            kLateArrival.count()) {
      context.Say("waiting for a submit that may still arrive");
      return Next::Wait(base::Millis(500));
    }
    SP_TRY(end(AttemptOutcome::kNeverStarted, "cancelled while it was being started"));
    return Next::Done();
  }
  if (engines::IsTerminal((*seen)->state)) {
    SP_TRY(end(AttemptOutcome::kStopped, "cancelled while it was being started"));
    return Next::Done();
  }
  context.Say("cancelling the job on the engine");
  const Intent intent = context.IntentOf("CANCEL_START", attempt.engine_job_id);
  const auto cancelled = context.system.journal.Perform(
      intent,
      {.observe = [&]() -> base::Result<std::optional<std::string>> {
         const auto now = Look(context.system, *cluster, attempt.engine_job_id, context.stop);
         if (!now.ok()) {
           return now.error();
         }
         const bool ended =
             !*now || engines::IsTerminal((*now)->state) || (*now)->state == EngineState::kStopping;
         return ended ? std::optional<std::string>("") : std::nullopt;
       },
       .act =
           [&] {
             return CancelOnEngine(context.system, *cluster, attempt.engine_job_id, context.stop);
           }});
  if (!cancelled.ok()) {
    return cancelled.error();
  }
  return Next::Wait(base::Millis(200));
}

class SubmitStep final : public JobStep {
 public:
  std::string_view name() const override { return "SUBMIT"; }

  base::Result<Next> Run(StepContext& context) const override {
    const StartWork work = SP_TRY(LoadStartWork(context));
    const JobViewPtr job = SP_TRY(context.Job());
    if (!job->state.live()) {
      return base::Error(base::ErrorCode::kInternal, "the attempt ended before it was submitted");
    }
    const Attempt attempt = *job->state.attempt;
    context.system.clusters.WatchClosely(work.cluster->id, base::Millis(30'000));
    const Intent intent =
        context.IntentOf("SUBMIT", attempt.engine_job_id,
                         json::serialize(json::object{{"cluster", work.cluster->id},
                                                      {"revision", work.revision.number},
                                                      {"restore", context.Recall("restore")}}));
    const auto submitted = context.system.journal.Perform(
        intent, {.observe = [&]() -> base::Result<std::optional<std::string>> {
                   const auto seen =
                       Look(context.system, *work.cluster, attempt.engine_job_id, context.stop);
                   if (!seen.ok()) {
                     return seen.error();
                   }
                   return *seen ? std::optional<std::string>("found") : std::nullopt;
                 },
                 .act = [&] { return Submit(context, work, attempt, job->state.job); }});
    if (submitted.ok()) {
      SP_TRY(context.Save([&](JobEdit& edit) -> base::Status {
        edit.state.attempt->submitted = true;
        edit.SaveAttempt();
        edit.state.job.deployed = work.revision.number;
        edit.SaveJob();
        return base::Ok();
      }));
      return Next::Done();
    }
    const base::Error& error = submitted.error();
    if (IsOutcomeUnknown(error)) {
      if (context.stop.stop_requested()) {
        return error;
      }
      // Neither failed nor done: looking again decides, never a second submit under another id.
      context.Say("the cluster does not answer; looking whether the job has arrived");
      return Next::Wait(base::Millis(1000));
    }
    SP_TRY(context.Save([&](JobEdit& edit) -> base::Status {
      edit.EndAttempt(AttemptOutcome::kNeverStarted,
                      error.cause().empty() ? error.message() : error.cause(),
                      context.system.clock.Now());
      return base::Ok();
    }));
    return error;
  }

  base::Result<Next> Cancel(StepContext& context) const override { return PutRight(context); }

 private:
  static base::Result<std::string> Submit(StepContext& context, const StartWork& work,
                                          const Attempt& attempt, const Job& job) {
    engines::SubmitRequest request{
        .cluster = work.cluster->endpoint,
        .engine_job_id = attempt.engine_job_id,
        .name = job.name,
        .sql = work.revision.spec.sql,
        .plan = work.release.plan,
        .options = attempt.options,
        .parallelism = attempt.parallelism,
        .global_parameters = {{"streampark.console", context.system.options.console_id},
                              {"streampark.job", job.id},
                              {"streampark.attempt", attempt.id}}};
    if (const std::string path = context.Recall("restore"); !path.empty()) {
      request.restore = engines::RestorePoint{.path = path};
      if (work.command.restore) {
        request.restore->claim = work.command.restore->mode;
        request.restore->allow_non_restored = work.command.restore->allow_non_restored;
      }
    }
    const base::Status status =
        context.system.planner.Submit(PlannerOf(context, work), request, context.stop);
    // The engine has this very id: an earlier try of ours arrived.
    if (!status.ok() && status.error().code() != base::ErrorCode::kDuplicateJob) {
      return status.error();
    }
    return std::string("submitted");
  }
};

// ------------------------------------------------------------------------------------------------

class RunStep final : public JobStep {
 public:
  std::string_view name() const override { return "RUN"; }

  base::Result<Next> Run(StepContext& context) const override {
    const JobViewPtr job = SP_TRY(context.Job());
    if (!job->state.live()) {
      return base::Error(base::ErrorCode::kEngineError, "the job ended while it was being started")
          .WithCause(job->state.attempt ? job->state.attempt->message : "");
    }
    const Attempt attempt = *job->state.attempt;
    const ClusterPtr cluster = SP_TRY(context.ClusterOf(attempt.cluster_id));
    const auto seen = Look(context.system, *cluster, attempt.engine_job_id, context.stop);
    if (!seen.ok()) {
      if (context.stop.stop_requested()) {
        return seen.error();
      }
      context.Say("the cluster does not answer");
      return Wait(context);
    }
    if (!*seen) {
      // Just accepted jobs may be missing from the overview for a moment.
      if (context.Elapsed() < base::Millis(15'000)) {
        return Wait(context);
      }
      return Vanished(context);
    }
    SP_TRY(Record(context.system, job->state.job.id, **seen));
    if ((*seen)->state == EngineState::kFinished) {
      return Next::Done();  // a bounded job may be faster than we look; the watch records its end
    }
    if (engines::IsTerminal((*seen)->state)) {
      return Failed(context, *cluster, attempt, **seen);
    }
    const engines::TaskCounts& tasks = (*seen)->tasks;
    if ((*seen)->state == EngineState::kRunning && tasks.total > 0 &&
        tasks.running + tasks.finished == tasks.total) {
      return Next::Done();
    }
    if (context.Elapsed() > context.system.options.start_patience) {
      return base::Error(base::ErrorCode::kEngineTimeout,
                         "not all tasks ran within " +
                             base::FormatDuration(context.system.options.start_patience) +
                             "; the job is still on the engine")
          .WithCause(RootCause(context.system, *cluster, attempt.engine_job_id, context.stop))
          .WithHint("look at its exceptions, then stop it");
    }
    context.Say(Describe(context, *cluster, attempt, **seen));
    return Wait(context);
  }

  base::Result<Next> Cancel(StepContext& context) const override { return PutRight(context); }

 private:
  /// Often at first, since most jobs run within a second; then at leisure.
  static Next Wait(const StepContext& context) {
    const base::Millis elapsed = context.Elapsed();
    return Next::Wait(base::Millis(elapsed < base::Millis(5000)     ? 50
                                   : elapsed < base::Millis(30'000) ? 250
                                                                    : 1000));
  }

  static std::string Describe(StepContext& context, const Cluster& cluster, const Attempt& attempt,
                              const engines::JobObservation& seen) {
    const engines::TaskCounts& tasks = seen.tasks;
    if (seen.state == EngineState::kRestarting) {
      const std::string cause =
          RootCause(context.system, cluster, attempt.engine_job_id, context.stop);
      return "restarting" + (cause.empty() ? "" : ": " + cause);
    }
    if (tasks.scheduled > 0 && context.Elapsed() > base::Millis(1000)) {
      const auto last = context.system.clusters.LastObservation(cluster.id);
      if (last != nullptr && last->slots_free == 0) {
        const int slots = std::min(tasks.scheduled, attempt.parallelism);
        return "waiting for " + std::to_string(slots) + (slots == 1 ? " slot" : " slots");
      }
    }
    return std::to_string(tasks.running + tasks.finished) + " of " + std::to_string(tasks.total) +
           " tasks run";
  }

  /// An attempt without a completed checkpoint has nothing that an empty start would lose.
  static bool MayHaveState(StepContext& context, const Cluster& cluster, const Attempt& attempt) {
    const auto statistics = context.system.journal.Look("CHECKPOINTS", [&] {
      return context.system.driver.Checkpoints(cluster.endpoint, attempt.engine_job_id,
                                               context.stop);
    });
    return !statistics.ok() || statistics->completed > 0;
  }

  static base::Error Failed(StepContext& context, const Cluster& cluster, const Attempt& attempt,
                            const engines::JobObservation& seen) {
    std::string cause = RootCause(context.system, cluster, attempt.engine_job_id, context.stop);
    const bool cancelled = seen.state == EngineState::kCanceled;
    const bool may_have_state = MayHaveState(context, cluster, attempt);
    const base::Status ended = context.Save([&](JobEdit& edit) -> base::Status {
      edit.state.job.ran = edit.state.job.ran || may_have_state;
      edit.SaveJob();
      edit.EndAttempt(cancelled ? AttemptOutcome::kStopped : AttemptOutcome::kFailed, cause,
                      seen.ended_at.value_or(context.system.clock.Now()));
      return base::Ok();
    });
    if (!ended.ok()) {
      return ended.error();
    }
    return base::Error(base::ErrorCode::kEngineError,
                       cancelled ? "somebody cancelled the job on the engine while it was starting"
                                 : "the job failed while it was starting")
        .WithCause(std::move(cause));
  }

  static base::Error Vanished(StepContext& context) {
    const base::Status ended = context.Save([&](JobEdit& edit) -> base::Status {
      edit.state.job.ran = true;
      edit.SaveJob();
      edit.EndAttempt(AttemptOutcome::kLost, "the cluster does not know it any more",
                      context.system.clock.Now());
      return base::Ok();
    });
    return ended.ok() ? base::Error(base::ErrorCode::kEngineError,
                                    "the cluster does not know the job that it accepted")
                            .WithHint("its JobManager may have been replaced")
                      : ended.error();
  }
};

}  // namespace

std::vector<const JobStep*> StartSteps() {
  static const RestoreStep restore;
  static const SlotsStep slots;
  static const SubmitStep submit;
  static const RunStep run;
  return {&restore, &slots, &submit, &run};
}

}  // namespace streampark::console
