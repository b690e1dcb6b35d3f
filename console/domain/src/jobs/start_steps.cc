// SPDX-License-Identifier: Apache-2.0
// Bringing a released revision to life: choose what it restores, see that it fits, submit it under
// an id of ours, wait until all its tasks run.
#include <algorithm>
#include <set>

#include "streampark/base/json.h"

#include "jobs/attempts.h"
#include "jobs/job_releases.h"
#include "jobs/start_work.h"

namespace streampark::console {
namespace {

using engines::EngineState;

// After a stop the engine needs a moment to give the slots back.
constexpr base::Millis kSlotPatience{5000};
// A job that restarts for so long before it ever ran is not brought to run by waiting.
constexpr base::Millis kRestartPatience{30'000};
// Engines that take up ended jobs again do so with recent ones.
constexpr int kAttemptsLookedFor = 100;

// ------------------------------------------------------------------------------------------------

/// An attempt without a completed checkpoint has nothing that an empty start would lose.
bool MayHaveState(StepContext& context, const Cluster& cluster, const Attempt& attempt) {
  const auto statistics = context.system.journal.Look("CHECKPOINTS", [&] {
    return context.system.driver.Checkpoints(cluster.endpoint, attempt.engine_job_id, context.stop);
  });
  return !statistics.ok() || statistics->completed > 0;
}

class SlotsStep final : public JobStep {
 public:
  explicit SlotsStep(std::string_view name) : name_(name) {}
  std::string_view name() const override { return name_; }

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
    if (const auto another = SP_TRY(AnotherThatLives(context, *seen))) {
      return GiveUp(context, base::Error(base::ErrorCode::kIllegalState,
                                         "an earlier attempt runs on the cluster: " + *another)
                                 .WithHint("cancel it there first"));
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
  /// An engine may take up again what had ended: a JobManager that comes back, with what it was
  /// running then. Beside that no other attempt is brought to life.
  static base::Result<std::optional<std::string>> AnotherThatLives(
      const StepContext& context, const engines::ClusterObservation& seen) {
    const JobViewPtr job = SP_TRY(context.Job());
    std::set<std::string> ours;
    for (const Attempt& one :
         SP_TRY(context.system.store.ListAttempts(job->state.job.id, kAttemptsLookedFor, 0))) {
      ours.insert(one.engine_job_id);
    }
    for (const engines::JobObservation& one : seen.jobs) {
      if (!engines::IsTerminal(one.state) && ours.contains(one.engine_job_id) &&
          one.engine_job_id != job->state.attempt->engine_job_id) {
        return std::optional(one.engine_job_id);
      }
    }
    return std::optional<std::string>();
  }

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

  const std::string_view name_;
};

// ------------------------------------------------------------------------------------------------

class SubmitStep final : public JobStep {
 public:
  explicit SubmitStep(std::string_view name) : name_(name) {}
  std::string_view name() const override { return name_; }

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
        .script = work.revision.spec.script(),
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

  const std::string_view name_;
};

// ------------------------------------------------------------------------------------------------

class RunStep final : public JobStep {
 public:
  explicit RunStep(std::string_view name) : name_(name) {}
  std::string_view name() const override { return name_; }

  base::Result<Next> Run(StepContext& context) const override {
    const JobViewPtr job = SP_TRY(context.Job());
    if (context.Remembers("gave_up")) {
      const Next next = SP_TRY(PutRight(context));
      if (next.kind == Next::Kind::kWait) {
        return next;
      }
      return base::Error(base::ErrorCode::kEngineError,
                         "the job kept failing before it ever ran; it was cancelled again")
          .WithCause(context.Recall("gave_up"));
    }
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
      return StartVanished(context);
    }
    SP_TRY(Record(context.system, job->state.job.id, **seen));
    if ((*seen)->state == EngineState::kFinished) {
      return Next::Done();  // a bounded job may be faster than we look; the watch records its end
    }
    if (engines::IsTerminal((*seen)->state)) {
      const base::Millis age = context.system.driver.AnswerAge(cluster->endpoint, context.stop);
      const base::Millis since = context.Since("ended_since");
      return since < age ? base::Result<Next>(Next::Wait(age - since))
                         : StartFailed(context, *cluster, attempt, **seen);
    }
    const engines::TaskCounts& tasks = (*seen)->tasks;
    if ((*seen)->state == EngineState::kRunning && tasks.total > 0 &&
        tasks.running + tasks.finished == tasks.total) {
      context.Say(TasksRun(tasks));
      return Next::Done();
    }
    if ((*seen)->state == EngineState::kRestarting && RestartsInVain(context)) {
      return GiveUpRestarting(context, *cluster, attempt);
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

  static bool RestartsInVain(StepContext& context) {
    return context.Since("restarts_since") > kRestartPatience;
  }

  /// Leaves nothing behind that restarts for ever. One that has completed a checkpoint is left
  /// alone: it has run, and its state is newer than what it was started from.
  static base::Result<Next> GiveUpRestarting(StepContext& context, const Cluster& cluster,
                                             const Attempt& attempt) {
    std::string cause = RootCause(context.system, cluster, attempt.engine_job_id, context.stop);
    if (MayHaveState(context, cluster, attempt)) {
      return base::Error(base::ErrorCode::kEngineError,
                         "the job restarts again and again; it is still on the engine")
          .WithCause(std::move(cause))
          .WithHint("look at its exceptions, then stop it");
    }
    context.Say("gives up: " + cause);
    context.Remember("gave_up", std::move(cause));
    SP_TRY(context.Save([](JobEdit&) { return base::Ok(); }));
    return Next::Wait(base::Millis(0));
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
    return TasksRun(tasks);
  }

  static std::string TasksRun(const engines::TaskCounts& tasks) {
    return std::to_string(tasks.running + tasks.finished) + " of " + std::to_string(tasks.total) +
           " tasks run";
  }

  const std::string_view name_;
};

}  // namespace

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
  bool may_have_state = false;  // it may have run where nobody could see it
  const auto end = [&](AttemptOutcome outcome, const std::string& message) {
    return context.Save([&](JobEdit& edit) -> base::Status {
      edit.state.job.ran = edit.state.job.ran || may_have_state;
      edit.SaveJob();
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
    may_have_state = MayHaveState(context, *cluster, attempt);
    if (context.Remembers("gave_up")) {
      SP_TRY(end(AttemptOutcome::kFailed, context.Recall("gave_up")));
    } else {
      SP_TRY(end(AttemptOutcome::kStopped, "cancelled while it was being started"));
    }
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

base::Error StartVanished(StepContext& context) {
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

base::Error StartFailed(StepContext& context, const Cluster& cluster, const Attempt& attempt,
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

std::vector<const JobStep*> StartSteps() {
  static const SlotsStep slots("SLOTS");
  static const SubmitStep submit("SUBMIT");
  static const RunStep run("RUN");
  return {&TheRestoreStep(), &slots, &submit, &run};
}

std::vector<const JobStep*> StartAgainSteps() {
  static const SlotsStep slots("SLOTS_BACK");
  static const SubmitStep submit("SUBMIT_BACK");
  static const RunStep run("RUN_BACK");
  return {&TheRestoreBackStep(), &slots, &submit, &run};
}

}  // namespace streampark::console
