// SPDX-License-Identifier: Apache-2.0
// The proof of an upgrade without the upgrade: the same checks over an operation that nobody begins.
#include "jobs/job_operations.h"
#include "jobs/job_releases.h"
#include "jobs/upgrade_checks.h"

namespace streampark::console {
namespace {

void Add(UpgradePlan& plan, std::string_view name, const base::Result<CheckVerdict>& verdict) {
  UpgradePlan::Check check{.name = std::string(name)};
  if (!verdict.ok()) {
    check.state = StepState::kFailed;
    check.message = verdict.error().message();
    check.error = verdict.error();
  } else {
    check.state = verdict->skipped ? StepState::kSkipped : StepState::kSucceeded;
    check.message = verdict->message;
  }
  plan.checks.push_back(std::move(check));
}

base::Result<CheckVerdict> CheckTarget(StepContext& context, StartWork& work) {
  work.cluster = SP_TRY(context.ClusterOf(work.revision.spec.cluster_id));
  work.installation = SP_TRY(PlannerInstallationOf(work.cluster));
  SP_TRY(CheckVersion(work.revision.spec, *work.cluster));
  return CheckVerdict{.message = work.cluster->spec.name};
}

base::Result<CheckVerdict> CheckRelease(StepContext& context, StartWork& work) {
  std::optional<Release> release = SP_TRY(ReleaseInMemory(context, work.revision, work.cluster));
  if (!release) {
    return CheckVerdict{
        true, "its dependencies are not fetched yet: release it first to have it checked"};
  }
  work.release = *std::move(release);
  return CheckVerdict{.message = work.release.state == Release::State::kReleased
                                     ? "is released"
                                     : "compiles; it is released by the upgrade"};
}

}  // namespace

base::Result<UpgradePlan> PlanUpgrade(const JobSystem& system, std::string_view job_id,
                                      const JobCommand& command, std::stop_token stop) {
  const JobViewPtr job = system.board.Find(job_id);
  if (job == nullptr) {
    return base::Error(base::ErrorCode::kNotFound, "there is no such job");
  }
  Operation nobody;
  nobody.subject = {SubjectKind::kJob, std::string(job_id), job->state.job.name,
                    job->state.job.team_id};
  nobody.kind = command.kind;
  nobody.memory["desired"] = ToString(job->state.job.desired);
  JobOperations keeper(system);
  StepContext context(keeper, system, nobody, "PLAN", std::move(stop));

  StartWork work;
  work.command = command;
  const int number = RevisionAsked(command, job->state);
  std::optional<Revision> revision = SP_TRY(system.store.FindRevision(job_id, number));
  if (!revision) {
    return base::Error(base::ErrorCode::kNotFound,
                       "the job has no revision " + std::to_string(number));
  }
  nobody.memory["revision"] = std::to_string(number);
  work.revision = *std::move(revision);
  work.parallelism = command.parallelism.value_or(work.revision.spec.parallelism);
  UpgradePlan plan{
      .revision = number, .deployed = job->state.job.deployed, .parallelism = work.parallelism};

  Add(plan, "CHECK", CheckTarget(context, work));
  if (plan.checks.back().state == StepState::kFailed) {
    return plan;
  }
  Add(plan, "COMPILE", CheckRelease(context, work));
  const bool compiled = plan.checks.back().state == StepState::kSucceeded;
  for (const NamedCheck& one : UpgradeChecks()) {
    if (!compiled && (one.name == "ARTIFACTS" || one.name == "REHEARSE")) {
      Add(plan, one.name, CheckVerdict{true, "it is not compiled"});
      continue;
    }
    Add(plan, one.name, one.check(context, work));
    if (one.name == "CHOOSE_PATH") {
      if (plan.checks.back().state == StepState::kFailed) {
        return plan;  // all others follow from it
      }
      plan.path = PathOf(context);
      if (const std::string chosen = context.Recall("restore_snapshot"); !chosen.empty()) {
        work.command.restore = Restore{.from = Restore::From::kSnapshot, .snapshot_id = chosen};
      }
    }
    if (one.name == "WAY_BACK" && plan.checks.back().state == StepState::kSucceeded) {
      plan.back_to = std::stoi(context.Recall("last_stable"));
    }
  }
  return plan;
}

}  // namespace streampark::console
