// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/log.h"

#include "jobs/restore_choice.h"
#include "jobs/start_work.h"

namespace streampark::console {
namespace {

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

}  // namespace

const JobStep& TheRestoreStep() {
  static const RestoreStep step;
  return step;
}

}  // namespace streampark::console
