// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/log.h"

#include "jobs/attempts.h"
#include "jobs/restore_choice.h"
#include "jobs/snapshot_place.h"
#include "jobs/snapshot_removal.h"
#include "jobs/start_work.h"
#include "jobs/upgrade_checks.h"

namespace streampark::console {
namespace {

// How the attempt before ended is known within seconds, or the engine does not tell.
constexpr base::Millis kEndPatience{10'000};

class RestoreStep final : public JobStep {
 public:
  explicit RestoreStep(std::string_view name) : name_(name) {}
  std::string_view name() const override { return name_; }

  base::Result<Next> Run(StepContext& context) const override {
    if (context.Remembers("attempt")) {
      return Next::Done();
    }
    const StartWork work = SP_TRY(LoadStartWork(context));
    const JobViewPtr job = SP_TRY(context.Job());
    SP_TRY(RefuseSecondLife(context, job->state));
    const RestorePlan plan = SP_TRY(Plan(context, work, job->state));
    if (plan.from == RestorePlan::From::kNewest && context.system.ended.Awaits(job->state.job.id) &&
        context.Elapsed() < kEndPatience) {
      return Next::Wait(base::Millis(50));
    }
    const std::optional<Snapshot> chosen = SP_TRY(Choose(context, work, plan, job->state));
    if (chosen) {
      context.Say("restores " + chosen->path);
      SP_TRY(RefuseClaimOfHeld(context, work.command, *chosen, job->state));
    } else {
      context.Say("starts empty");
    }
    const engines::Options options = SP_TRY(OptionsFor(context, work));
    Attempt attempt{.id = context.system.ids.Next(),
                    .job_id = job->state.job.id,
                    .number = job->state.attempt ? job->state.attempt->number + 1 : 1,
                    .engine_job_id = base::RandomHex(context.system.random, 16),
                    .revision = work.revision.number,
                    .parallelism = work.parallelism,
                    .cluster_id = work.cluster->id,
                    .restored_from = chosen ? chosen->id : "",
                    .options = options,
                    .started_at = context.system.clock.Now()};
    context.Remember("attempt", attempt.id);
    context.Remember("restore", chosen ? chosen->path : "");
    context.operation.result.attempt_id = attempt.id;
    const bool back = context.Remembers("back");
    if (chosen && !back) {
      context.Remember("upgrade_point", chosen->id);
    }
    SP_TRY(context.Save([&](JobEdit& edit) -> base::Status {
      if (chosen) {
        edit.changes.snapshots.push_back(*chosen);
      }
      if (IsRenewal(context.operation.kind)) {
        KeepWayBack(context, work, chosen ? chosen->id : "", edit);
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
  /// That its last attempt is lost was seen a while ago; a cluster that was replaced may have taken
  /// the job over since. The watch has it live again at its next look.
  static base::Status RefuseSecondLife(const StepContext& context, const JobState& state) {
    if (!state.attempt || state.attempt->outcome != AttemptOutcome::kLost) {
      return base::Ok();
    }
    const ClusterPtr cluster = context.system.clusters.Find(state.attempt->cluster_id);
    if (cluster == nullptr || cluster->endpoint.addresses.empty()) {
      return base::Ok();
    }
    const auto seen = Look(context.system, *cluster, state.attempt->engine_job_id, context.stop);
    if (seen.ok() && *seen && !engines::IsTerminal((*seen)->state)) {
      return base::Error(base::ErrorCode::kIllegalState,
                         "its last attempt is alive on the engine after all")
          .WithHint("wait for the next look at the cluster");
    }
    return base::Ok();
  }

  static base::Result<RestorePlan> Plan(const StepContext& context, const StartWork& work,
                                        const JobState& now) {
    const bool rolls_back = work.command.kind == OperationKind::kRollback;
    // A restart goes on where its own stop ended.
    if (const std::string stopped = context.Recall("snapshot"); !stopped.empty() && !rolls_back) {
      return RestorePlan{RestorePlan::From::kOne, stopped, ""};
    }
    // The facts as they were when the command was accepted: accepting it moved the desired state.
    JobState before = now;
    before.job.desired = ParseDesiredState(context.Recall("desired")).value_or(now.job.desired);
    before.job.stateless = work.revision.spec.stateless;
    const bool renewal = IsRenewal(work.command.kind) && !rolls_back;
    if (renewal && !before.job.stateless && PathOf(context) == UpgradePath::kLastState) {
      return RestorePlan{RestorePlan::From::kNewest, "", ""};
    }
    // A restart whose savepoint could not be proven does not go back to an older one by itself.
    const bool own = (work.command.kind == OperationKind::kRestart &&
                      work.command.savepoint != SavepointChoice::kNo) ||
                     (renewal && PathOf(context) == UpgradePath::kSavepoint);
    return PlanRestore(before, own ? std::optional<Restore>() : work.command.restore);
  }

  /// What goes back runs with the options it had.
  static base::Result<engines::Options> OptionsFor(StepContext& context, const StartWork& work) {
    if (context.Remembers("back")) {
      const auto before =
          SP_TRY(context.system.store.FindAttempt(context.Recall("attempt_before")));
      if (before && before->revision == work.revision.number) {
        return before->options;
      }
    }
    return OptionsOf(EffectiveOptions(work.revision.spec, work.command.options, *work.cluster,
                                      work.revision.job_id));
  }

  /// Where a later rollback goes back to; the point of this upgrade is kept for it.
  static void KeepWayBack(const StepContext& context, const StartWork& work,
                          const std::string& snapshot_id, JobEdit& edit) {
    Job& job = edit.state.job;
    const std::string stable = context.Recall("last_stable");
    const bool forth = !context.Remembers("back") &&
                       context.operation.kind != OperationKind::kRollback &&
                       !context.Recall("ran_before").empty() && !stable.empty();
    if (!forth) {
      job.rollback_revision.reset();
      job.rollback_snapshot_id.clear();
    } else if (std::stoi(stable) != work.revision.number) {
      job.rollback_revision = std::stoi(stable);
      job.rollback_snapshot_id = snapshot_id;
    }
    // Until something runs again, its state is this one.
    job.resume_snapshot_id = snapshot_id;
    edit.SaveJob();
  }

  static base::Result<std::optional<Snapshot>> Choose(StepContext& context, const StartWork& work,
                                                      const RestorePlan& plan,
                                                      const JobState& now) {
    switch (plan.from) {
      case RestorePlan::From::kNothing:
        return std::optional<Snapshot>();
      case RestorePlan::From::kOne:
        return One(context, work, plan.snapshot_id, plan.path);
      case RestorePlan::From::kNewest:
        break;
    }
    return Newest(context, work, now);
  }

  static base::Result<std::optional<Snapshot>> One(StepContext& context, const StartWork& work,
                                                   const std::string& snapshot_id,
                                                   const std::string& path) {
    Snapshot snapshot = SP_TRY(ChosenSnapshot(context, snapshot_id, path));
    const auto seen = SP_TRY(InspectAndFit(context, work, snapshot.path));
    if (!seen) {
      return std::optional(snapshot);
    }
    if (!seen->exists || !seen->complete) {
      return Unusable(snapshot.path, *seen);
    }
    snapshot.verification = Verification::kVerified;
    snapshot.size_bytes = seen->size_bytes;
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
      if (SP_TRY(IsInDeletion(context.system, one))) {
        continue;
      }
      const auto seen = SP_TRY(InspectAndFit(context, work, one.path));
      if (!seen) {
        if (!unchecked) {
          unchecked = one;
        }
        continue;
      }
      if (seen->exists && seen->complete) {
        one.verification = Verification::kVerified;
        SP_TRY(context.system.store.Commit(found_invalid));
        return std::optional(one);
      }
      base::LogWarn("a snapshot cannot be restored",
                    {{"job", now.job.id}, {"path", one.path}, {"problem", seen->problem}});
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

  /// The engine deletes what it has claimed, so nothing else may stand for that place.
  static base::Status RefuseClaimOfHeld(StepContext& context, const JobCommand& command,
                                        const Snapshot& chosen, const JobState& state) {
    if (!command.restore || command.restore->mode != engines::ClaimMode::kClaim) {
      return base::Ok();
    }
    JobState held = state;
    held.operation.reset();
    std::vector<std::string> holders = HoldersOf(chosen, held);
    for (const Snapshot& row : SP_TRY(SnapshotsAt(context.system.store, chosen.path))) {
      if (row.job_id != chosen.job_id) {
        holders.emplace_back("another job, whose snapshot it is");
      } else if (row.id != chosen.id) {
        const std::vector<std::string> more = HoldersOf(row, held);
        holders.insert(holders.end(), more.begin(), more.end());
      }
    }
    if (holders.empty()) {
      return base::Ok();
    }
    return base::Error(base::ErrorCode::kInUse,
                       "the snapshot cannot be claimed; it is needed by " + holders.front())
        .WithHint("restore it with NO_CLAIM");
  }

  const std::string_view name_;
};

}  // namespace

const JobStep& TheRestoreStep() {
  static const RestoreStep step("RESTORE");
  return step;
}

const JobStep& TheRestoreBackStep() {
  static const RestoreStep step("RESTORE_BACK");
  return step;
}

}  // namespace streampark::console
