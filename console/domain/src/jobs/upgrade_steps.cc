// SPDX-License-Identifier: Apache-2.0
// What an upgrade has beside a restart: it proves its plan, watches the new revision until it is
// stable, and goes back when it is not.
//
//   proof ──► stop ──► RESTORE SLOTS SUBMIT RUN WATCH ──► SUCCEEDED
//     │        │          │ any of them fails
//     ▼        ▼          ▼
//   FAILED: the job     ROLL_BACK ──► RESTORE_BACK SLOTS_BACK SUBMIT_BACK RUN_BACK ──► FAILED, and
//   runs untouched        │                                        the revision before runs again
//                         ▼
//                       FAILED, and why nothing was rolled back
//
// It goes back once. What a new revision has written since is not looked at: its state may be one
// that the old revision cannot read, and the upgrade point is one that it can.
#include <array>
#include <memory>

#include "streampark/base/error_text.h"
#include "streampark/base/log.h"

#include "jobs/attempts.h"
#include "jobs/restore_choice.h"
#include "jobs/stability.h"
#include "jobs/upgrade_checks.h"
#include "jobs/upgrade_path.h"

namespace streampark::console {
namespace {

using engines::EngineState;

// A job that restarts for so long and completes no checkpoint is not brought to run by waiting.
constexpr base::Millis kRestartPatience{30'000};
constexpr base::Millis kOverviewLag{15'000};  // just accepted jobs may be missing for a moment

/// What a second start of the same operation must not find.
constexpr const char* kOfOneStart[] = {"attempt",     "restore",        "gave_up",
                                       "ended_since", "restarts_since", "missing_since"};

bool WaitsForDisk(const base::Error& error) {
  return error.code() == base::ErrorCode::kStorageFailed ||
         error.code() == base::ErrorCode::kStorageFull;
}

std::string WordsOf(const base::Error& error) {
  return error.cause().empty() ? error.message() : error.message() + ": " + error.cause();
}

// ------------------------------------------------------------------------------------------------

class ProofStep final : public JobStep {
 public:
  explicit ProofStep(const NamedCheck& check) : check_(check) {}
  std::string_view name() const override { return check_.name; }

  base::Result<Next> Run(StepContext& context) const override {
    const StartWork work = SP_TRY(LoadStartWork(context));
    const auto verdict = check_.check(context, work);
    if (!verdict.ok()) {
      if (!context.stop.stop_requested() && IsOutcomeUnknown(verdict.error()) &&
          context.Elapsed() < kRestartPatience) {
        context.Say("the cluster does not answer; waiting for it");
        return Next::Wait(base::Millis(1000));
      }
      return verdict.error();
    }
    if (verdict->skipped) {
      return Next::Skipped(verdict->message);
    }
    context.Say(verdict->message);
    return Next::Done();
  }

 private:
  const NamedCheck& check_;
};

// ------------------------------------------------------------------------------------------------

/// A step of the new revision's start. When it fails, the operation goes on with the way back.
class WithWayBack final : public JobStep {
 public:
  explicit WithWayBack(const JobStep& step) : step_(step) {}
  std::string_view name() const override { return step_.name(); }
  bool cancellable() const override { return step_.cancellable(); }
  base::Result<Next> Cancel(StepContext& context) const override { return step_.Cancel(context); }

  base::Result<Next> Run(StepContext& context) const override {
    base::Result<Next> next = step_.Run(context);
    if (next.ok() || context.stop.stop_requested() || WaitsForDisk(next.error()) ||
        context.operation.kind == OperationKind::kRollback) {
      return next;
    }
    context.Remember("failure", base::ErrorToText(next.error()));
    return Next::FailedPast(WordsOf(next.error()), "WATCH");
  }

 private:
  const JobStep& step_;
};

// ------------------------------------------------------------------------------------------------

class WatchStep final : public JobStep {
 public:
  std::string_view name() const override { return "WATCH"; }

  base::Result<Next> Run(StepContext& context) const override {
    const JobViewPtr job = SP_TRY(context.Job());
    if (!job->state.attempt) {
      return base::Error(base::ErrorCode::kInternal, "there is no attempt to watch");
    }
    const Attempt attempt = *job->state.attempt;
    if (attempt.outcome == AttemptOutcome::kFinished) {
      return Next::SkipPast("RUN_BACK");
    }
    if (!job->state.live()) {
      return base::Error(base::ErrorCode::kEngineError, "the job ended while it was watched")
          .WithCause(attempt.message);
    }
    const ClusterPtr cluster = context.system.clusters.Find(attempt.cluster_id);
    if (cluster == nullptr || cluster->endpoint.addresses.empty()) {
      return Silent(context);
    }
    const auto seen = Look(context.system, *cluster, attempt.engine_job_id, context.stop);
    if (!seen.ok()) {
      if (context.stop.stop_requested()) {
        return seen.error();
      }
      return Silent(context);
    }
    if (!*seen) {
      return context.Since("missing_since") < kOverviewLag
                 ? base::Result<Next>(Next::Wait(base::Millis(1000)))
                 : base::Result<Next>(StartVanished(context));
    }
    context.operation.memory.erase("missing_since");
    SP_TRY(Record(context.system, job->state.job.id, **seen));
    if (engines::IsTerminal((*seen)->state)) {
      return Ended(context, *cluster, attempt, **seen);
    }
    return Judge(context, *cluster, attempt, **seen);
  }

  // A person who has seen enough: the new revision runs on, unwatched.

 private:
  /// No verdict on silence, however long: it says nothing about the job.
  static Next Silent(StepContext& context) {
    context.Say("the cluster does not answer; nothing is decided until it does");
    return Next::Wait(base::Millis(1000));
  }

  static base::Result<Next> Ended(StepContext& context, const Cluster& cluster,
                                  const Attempt& attempt, const engines::JobObservation& seen) {
    if (seen.state == EngineState::kFinished) {
      SP_TRY(context.Save([&](JobEdit& edit) -> base::Status {
        MarkStable(edit, context.system.clock.Now());
        return base::Ok();
      }));
      return Next::SkipPast("RUN_BACK");
    }
    const base::Millis age = context.system.driver.AnswerAge(cluster.endpoint, context.stop);
    const base::Millis since = context.Since("ended_since");
    if (since < age) {
      return Next::Wait(age - since);
    }
    if (seen.state == EngineState::kCanceled) {
      context.Remember("ended_elsewhere", "yes");
    }
    return StartFailed(context, cluster, attempt, seen);
  }

  static base::Result<Next> Judge(StepContext& context, const Cluster& cluster,
                                  const Attempt& attempt, const engines::JobObservation& seen) {
    const auto statistics = context.system.journal.Look("CHECKPOINTS", [&] {
      return context.system.driver.Checkpoints(cluster.endpoint, attempt.engine_job_id,
                                               context.stop);
    });
    const auto restarts = context.system.journal.Look("RESTARTS", [&] {
      return context.system.driver.Restarts(cluster.endpoint, attempt.engine_job_id, context.stop);
    });
    if (!statistics.ok()) {
      if (context.stop.stop_requested()) {
        return statistics.error();
      }
      return Silent(context);
    }
    const std::optional<Revision> revision = SP_TRY(
        context.system.store.FindRevision(attempt.job_id, std::stoi(context.Recall("revision"))));
    const JobSpec spec = revision ? revision->spec : JobSpec();
    StabilityFacts facts;
    std::int64_t restarted = 0;
    SP_TRY(
        context.system.book.Edit(context.operation.subject.id, [&](JobEdit& edit) -> base::Status {
          if (const auto* newest = engines::NewestCompleted(*statistics)) {
            edit.state.health.last_checkpoint_at = engines::CompletedAt(*newest);
          }
          const base::Timestamp now = context.system.clock.Now();
          NoteRestarts(edit.state, restarts.ok() ? std::optional(*restarts) : std::nullopt, now);
          restarted = edit.state.health.restarts;
          facts = StabilityOf(edit.state, spec.stable_after, now);
          if (IsStable(facts)) {
            MarkStable(edit, now);
          }
          return base::Ok();
        }));
    if (IsStable(facts)) {
      return Next::SkipPast("RUN_BACK");
    }
    const bool in_vain = (restarted > 0 || seen.state == EngineState::kRestarting) &&
                         !facts.last_checkpoint_at &&
                         context.Since("restarts_since") > kRestartPatience;
    if (in_vain || TimedOut(context, facts, spec, restarted)) {
      const std::string number = context.Recall("revision");
      const std::string after = base::FormatDuration(spec.upgrade_patience);
      return base::Error(base::ErrorCode::kEngineTimeout,
                         in_vain ? "revision " + number + " restarts again and again"
                                 : "revision " + number + " was not stable within " + after)
          .WithCause(RootCause(context.system, cluster, attempt.engine_job_id, context.stop))
          .WithHint("look at its exceptions and checkpoints");
    }
    context.Say(WaitsFor(facts, restarted));
    return Next::Wait(base::Millis(500));
  }

  /// One that is well just now is given its window: the console may not have been there before.
  static bool TimedOut(const StepContext& context, const StabilityFacts& facts, const JobSpec& spec,
                       std::int64_t restarted) {
    const bool on_its_way =
        restarted == 0 && facts.whole_since && facts.now - *facts.whole_since < spec.stable_after;
    return context.Elapsed() > spec.upgrade_patience && !on_its_way;
  }

  static std::string WaitsFor(const StabilityFacts& facts, std::int64_t restarted) {
    const std::string again =
        restarted == 0 ? "" : ", restarted " + std::to_string(restarted) + " times";
    if (!facts.whole_since) {
      return "waits until all its tasks run" + again;
    }
    if (facts.takes_checkpoints && !facts.last_checkpoint_at) {
      return "waits for its first checkpoint" + again;
    }
    return "is watched until it was well for " + base::FormatDuration(facts.window) + again;
  }
};

// ------------------------------------------------------------------------------------------------

class RollBackStep final : public JobStep {
 public:
  std::string_view name() const override { return "ROLL_BACK"; }
  bool cancellable() const override { return false; }

  base::Result<Next> Run(StepContext& context) const override {
    const base::Error failure =
        base::ErrorFromText(context.Recall("failure"))
            .value_or(base::Error(base::ErrorCode::kInternal, "the upgrade failed"));
    if (!context.Remembers("going_back")) {
      const auto why = SP_TRY(WhyNot(context));
      if (why) {
        return Annotated(failure, "; it was not rolled back: " + *why);
      }
      context.Say("goes back to revision " + context.Recall("last_stable"));
      SP_TRY(RememberLoss(context));
      context.Remember("gave_up", WordsOf(failure));
      context.Remember("going_back", "yes");
      SP_TRY(context.Save([](JobEdit&) { return base::Ok(); }));
    }
    const auto ended = PutRight(context);
    if (!ended.ok()) {
      if (!context.stop.stop_requested() && IsOutcomeUnknown(ended.error())) {
        context.Say("the cluster does not answer; waiting for it");
        return Next::Wait(base::Millis(1000));
      }
      return ended.error();
    }
    if (ended->kind == Next::Kind::kWait) {
      return ended;
    }
    SP_TRY(context.Save([&](JobEdit&) -> base::Status {
      for (const char* key : kOfOneStart) {
        context.operation.memory.erase(key);
      }
      context.Remember("failed_revision", context.Recall("revision"));
      context.Remember("revision", context.Recall("last_stable"));
      context.Remember("snapshot", context.Recall("upgrade_point"));
      context.Remember("back", "yes");
      return base::Ok();
    }));
    return Next::Done();
  }

  static base::Error Annotated(const base::Error& failure, const std::string& more) {
    base::Error error(failure.code(), failure.message() + more);
    return std::move(error).WithCause(failure.cause()).WithHint(failure.hint());
  }

 private:
  static base::Result<std::optional<std::string>> WhyNot(StepContext& context) {
    const auto revision = SP_TRY(context.system.store.FindRevision(
        context.operation.subject.id, std::stoi(context.Recall("revision"))));
    BackFacts facts{.allowed = !revision || revision->spec.rollback,
                    .ran = !context.Recall("ran_before").empty(),
                    .ended_elsewhere = context.Remembers("ended_elsewhere")};
    if (const std::string stable = context.Recall("last_stable"); !stable.empty()) {
      facts.last_stable = std::stoi(stable);
      facts.startable = SP_TRY(IsStartable(context, *facts.last_stable));
      const auto before = SP_TRY(
          context.system.store.FindRevision(context.operation.subject.id, *facts.last_stable));
      facts.has_point = !UpgradePoint(context).empty() || (before && before->spec.stateless);
    }
    return WhyNotBack(facts);
  }

  /// The savepoint of this operation, also when the new start never came to restore it.
  static std::string UpgradePoint(StepContext& context) {
    if (context.Recall("upgrade_point").empty() && context.Remembers("snapshot")) {
      context.Remember("upgrade_point", context.Recall("snapshot"));
    }
    return context.Recall("upgrade_point");
  }

  /// How far the new revision had come: what lies between is processed again.
  static base::Status RememberLoss(StepContext& context) {
    const JobViewPtr job = SP_TRY(context.Job());
    const auto point = SP_TRY(context.system.store.FindSnapshot(UpgradePoint(context)));
    if (!point || !job->state.attempt || !job->state.attempt->submitted) {
      return base::Ok();
    }
    const ClusterPtr cluster = context.system.clusters.Find(job->state.attempt->cluster_id);
    std::optional<base::Timestamp> newest;
    if (cluster != nullptr) {
      const auto statistics = context.system.journal.Look("CHECKPOINTS", [&] {
        return context.system.driver.Checkpoints(cluster->endpoint,
                                                 job->state.attempt->engine_job_id, context.stop);
      });
      if (const auto* one = statistics.ok() ? engines::NewestCompleted(*statistics) : nullptr) {
        newest = one->triggered_at;
      }
    }
    if (newest && *newest > point->triggered_at) {
      context.Remember("reprocessed_ms", std::to_string((*newest - point->triggered_at).count()));
    }
    return base::Ok();
  }
};

/// The last step of the way back: the job runs as before, and the upgrade has failed.
class RunBackStep final : public JobStep {
 public:
  explicit RunBackStep(const JobStep& run) : run_(run) {}
  std::string_view name() const override { return "RUN_BACK"; }
  base::Result<Next> Cancel(StepContext& context) const override { return run_.Cancel(context); }

  base::Result<Next> Run(StepContext& context) const override {
    const Next next = SP_TRY(run_.Run(context));
    if (next.kind != Next::Kind::kDone) {
      return next;
    }
    const base::Error failure =
        base::ErrorFromText(context.Recall("failure"))
            .value_or(base::Error(base::ErrorCode::kInternal, "the upgrade failed"));
    const auto point = SP_TRY(context.system.store.FindSnapshot(context.Recall("upgrade_point")));
    std::string words = "; rolled back to revision " + context.Recall("revision");
    if (point) {
      words += " from snapshot " + point->path;
    }
    if (const std::string loss = context.Recall("reprocessed_ms"); !loss.empty()) {
      const base::Millis whole_seconds(std::stoll(loss) / 1000 * 1000);
      words += " (" + base::FormatDuration(whole_seconds) + " reprocessed)";
    }
    context.operation.result.rolled_back_to = std::stoi(context.Recall("revision"));
    return Next::End(RollBackStep::Annotated(failure, words));
  }

 private:
  const JobStep& run_;
};

/// A step of the way back that fails: both failures are told.
class OnTheWayBack final : public JobStep {
 public:
  explicit OnTheWayBack(const JobStep& step) : step_(step) {}
  std::string_view name() const override { return step_.name(); }
  base::Result<Next> Cancel(StepContext& context) const override { return step_.Cancel(context); }

  base::Result<Next> Run(StepContext& context) const override {
    base::Result<Next> next = step_.Run(context);
    if (next.ok() || context.stop.stop_requested() || WaitsForDisk(next.error())) {
      return next;
    }
    const auto failure = base::ErrorFromText(context.Recall("failure"));
    return failure ? RollBackStep::Annotated(*failure, "; going back to revision " +
                                                           context.Recall("revision") +
                                                           " failed too: " + WordsOf(next.error()))
                   : next.error();
  }

 private:
  const JobStep& step_;
};

}  // namespace

std::vector<const JobStep*> ProofSteps() {
  static const std::vector<std::unique_ptr<JobStep>> owned = [] {
    std::vector<std::unique_ptr<JobStep>> steps;
    for (const NamedCheck& check : UpgradeChecks()) {
      steps.push_back(std::make_unique<ProofStep>(check));
    }
    return steps;
  }();
  std::vector<const JobStep*> steps;
  for (const auto& one : owned) {
    // A job that has just begun is waited for.
    steps.push_back(one->name() == "REHEARSE" ? &TheRehearseStep() : one.get());
  }
  return steps;
}

std::vector<const JobStep*> RenewSteps() {
  static const WatchStep watch;
  static const std::vector<WithWayBack> owned = [] {
    std::vector<WithWayBack> steps;
    for (const JobStep* step : StartSteps()) {
      steps.emplace_back(*step);
    }
    steps.emplace_back(watch);
    return steps;
  }();
  std::vector<const JobStep*> steps;
  for (const WithWayBack& one : owned) {
    steps.push_back(&one);
  }
  return steps;
}

std::vector<const JobStep*> BackSteps() {
  static const RollBackStep roll_back;
  static const RunBackStep run(*StartAgainSteps().back());
  static const std::vector<OnTheWayBack> owned = [] {
    std::vector<OnTheWayBack> steps;
    for (const JobStep* step : StartAgainSteps()) {
      steps.emplace_back(step->name() == run.name() ? static_cast<const JobStep&>(run) : *step);
    }
    return steps;
  }();
  std::vector<const JobStep*> steps{&roll_back};
  for (const OnTheWayBack& one : owned) {
    steps.push_back(&one);
  }
  return steps;
}

}  // namespace streampark::console
