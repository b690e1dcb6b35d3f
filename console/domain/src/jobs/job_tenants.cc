// SPDX-License-Identifier: Apache-2.0
#include "jobs/job_office.h"

namespace streampark::console {
namespace {

ClusterTenants::Tenant TenantOf(const JobView& view) {
  const JobState& state = view.state;
  return {state.job.id, state.job.name, state.job.team_id,
          state.live() ? state.attempt->engine_job_id : ""};
}

bool MakesAnAttempt(const OperationMark& operation) {
  return operation.kind == OperationKind::kStart || operation.kind == OperationKind::kRestart;
}

}  // namespace

std::vector<ClusterTenants::Tenant> JobTenants::LiveOn(std::string_view cluster_id) const {
  std::vector<Tenant> tenants;
  for (const JobViewPtr& view : system_.board.Select([&](const JobView& one) {
         const JobState& state = one.state;
         return state.live() ? state.attempt->cluster_id == cluster_id
                             : state.operation && MakesAnAttempt(*state.operation) &&
                                   state.job.cluster_id == cluster_id;
       })) {
    tenants.push_back(TenantOf(*view));
  }
  return tenants;
}

std::vector<ClusterTenants::Tenant> JobTenants::TargetedAt(std::string_view cluster_id) const {
  std::vector<Tenant> tenants;
  for (const JobViewPtr& view : system_.board.Select([&](const JobView& one) {
         return one.state.job.cluster_id == cluster_id &&
                one.state.job.desired != DesiredState::kDeleted;
       })) {
    tenants.push_back(TenantOf(*view));
  }
  return tenants;
}

std::optional<ClusterTenants::Tenant> JobTenants::Owner(std::string_view cluster_id,
                                                        std::string_view engine_job_id) const {
  (void)cluster_id;  // our ids are unique everywhere
  if (const JobViewPtr view = system_.board.FindByEngineId(engine_job_id)) {
    return TenantOf(*view);
  }
  const auto attempt = system_.store.FindAttemptByEngineId(engine_job_id);
  if (!attempt.ok() || !*attempt) {
    return std::nullopt;
  }
  const JobViewPtr view = system_.board.Find((*attempt)->job_id);
  return view == nullptr ? std::nullopt : std::optional(TenantOf(*view));
}

base::Status JobTenants::CanSuspend(std::string_view job_id) const {
  const JobViewPtr view = system_.board.Find(job_id);
  if (view == nullptr) {
    return base::Error(base::ErrorCode::kNotFound, "there is no such job");
  }
  const JobState& state = view->state;
  if (state.operation) {
    const bool suspending =
        state.operation->kind == OperationKind::kStop && state.operation->savepoint == "YES";
    if (suspending) {
      return base::Ok();
    }
    return base::Error(base::ErrorCode::kOperationInFlight,
                       std::string(ToString(state.operation->kind)) + " of " + state.job.name +
                           " is under way")
        .WithRelatedId(state.operation->id);
  }
  if (!state.live()) {
    return base::Ok();
  }
  if (state.observed.reachability == Reachability::kUnreachable) {
    return base::Error(base::ErrorCode::kClusterUnreachable,
                       "the cluster of " + state.job.name + " does not answer");
  }
  if (view->badge.badge != Badge::kRunning && view->badge.badge != Badge::kDegraded) {
    return base::Error(base::ErrorCode::kIllegalState,
                       state.job.name + " cannot be saved now: " + view->badge.reason.message);
  }
  return base::Ok();
}

base::Result<std::string> JobTenants::Answered(std::string_view job_id,
                                               std::string_view idempotency_key) const {
  const Subject subject{
      .kind = SubjectKind::kJob, .id = std::string(job_id), .name = "", .team_id = ""};
  const auto first = SP_TRY(system_.operations.FindByKey(subject, idempotency_key));
  return first ? first->id : std::string();
}

base::Result<std::string> JobTenants::Suspend(std::string_view job_id, const Requester& requester,
                                              std::string_view idempotency_key) {
  const JobViewPtr view = system_.board.Find(job_id);
  if (view == nullptr) {
    return base::Error(base::ErrorCode::kNotFound, "there is no such job");
  }
  // However the first one ended, and the job has moved on since.
  if (std::string first = SP_TRY(Answered(job_id, idempotency_key)); !first.empty()) {
    return first;
  }
  if (view->state.operation && view->state.operation->kind == OperationKind::kStop &&
      view->state.operation->savepoint == "YES") {
    return view->state.operation->id;
  }
  if (!view->state.live() && !view->state.operation) {
    return std::string();
  }
  JobCommand command;
  command.kind = OperationKind::kStop;
  command.savepoint = SavepointChoice::kYes;
  return SP_TRY(desk_.Command(job_id, command, requester, idempotency_key)).id;
}

base::Result<std::string> JobTenants::Resume(std::string_view job_id, const Requester& requester,
                                             std::string_view idempotency_key) {
  const JobViewPtr view = system_.board.Find(job_id);
  if (view == nullptr) {
    return base::Error(base::ErrorCode::kNotFound, "there is no such job");
  }
  if (std::string first = SP_TRY(Answered(job_id, idempotency_key)); !first.empty()) {
    return first;
  }
  if (view->state.operation && MakesAnAttempt(*view->state.operation)) {
    return view->state.operation->id;
  }
  if (view->state.live() && !view->state.operation) {
    return std::string();
  }
  JobCommand command;
  command.kind = OperationKind::kStart;
  return SP_TRY(desk_.Command(job_id, command, requester, idempotency_key)).id;
}

std::optional<base::Status> JobTenants::EndOf(std::string_view operation_id) const {
  const auto found = system_.operations.Find(operation_id);
  if (!found.ok() || (*found && (*found)->open())) {
    return std::nullopt;
  }
  if (!*found) {
    return base::Error(base::ErrorCode::kNotFound, "the operation is gone");
  }
  return (*found)->error ? base::Status(*(*found)->error) : base::Ok();
}

}  // namespace streampark::console
