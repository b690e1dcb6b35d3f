// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <semaphore>

#include "streampark/base/json.h"
#include "streampark/http/body.h"
#include "streampark/http/paging.h"
#include "streampark/http/requester.h"

#include "jobs/job_handlers.h"
#include "jobs/job_json.h"
#include "jobs/operation_json.h"

namespace streampark::http {
namespace {

using api::Permission;

base::Result<Response> ListOperations(const JobRouteServices& services, const Request& request) {
  const console::JobViewPtr job = SP_TRY(JobOf(services, request));
  const Page page = SP_TRY(PageOf(request, "operations"));
  const console::OperationPage found = SP_TRY(services.jobs.operations().store().List(
      console::SubjectKind::kJob, job->state.job.id, static_cast<int>(page.limit),
      page.after.empty() ? "" : page.after.front()));
  json::array items;
  for (const console::Operation& one : found.items) {
    items.push_back(OperationToJson(one));
  }
  return Response::Json(
      PageJson(std::move(items),
               found.next_after.empty() ? "" : EncodeCursor("operations", {found.next_after})));
}

base::Result<Response> Operate(const JobRouteServices& services, const Request& request) {
  const console::JobViewPtr job = SP_TRY(JobOf(services, request));
  const json::object body = SP_TRY(JsonBody(request));
  const console::JobCommand command = SP_TRY(console::CommandFromJson(json::value(body)));
  if (command.kind == console::OperationKind::kDelete) {
    SP_TRY(request.caller.Require(Permission::kJobEdit, job->state.job.team_id, "the job"));
  }
  if (command.kind == console::OperationKind::kAdopt) {
    // Who may stop everything on the cluster may take one of its jobs under this team's care.
    const console::ClusterPtr cluster = services.clusters.Find(job->state.job.cluster_id);
    SP_TRY(request.caller.Require(Permission::kClusterOperate,
                                  cluster == nullptr ? "" : cluster->spec.team_id, "the cluster"));
  }
  const auto key = SP_TRY(IdempotencyKey(request));
  const console::Operation operation = SP_TRY(services.jobs.desk().Command(
      job->state.job.id, command, RequesterOf(request.caller), key.value_or("")));
  return Response::Json(OperationToJson(operation), 202)
      .WithAudit(job->state.job.id, job->state.job.team_id);
}

/// The threads that answer this are those of every other request, and it may wait for a planner.
constexpr std::ptrdiff_t kMostPlans = 2;

base::Result<Response> PlanUpgrade(const JobRouteServices& services,
                                   std::counting_semaphore<kMostPlans>& places,
                                   const Request& request) {
  const console::JobViewPtr job = SP_TRY(JobOf(services, request));
  json::object asked{{"kind", request.Query("kind").value_or("UPGRADE")}};
  for (const char* name : {"revision", "parallelism"}) {
    if (request.Query(name)) {
      asked[name] = SP_TRY(IntegerQuery(request, name, 1, 1, 1'000'000));
    }
  }
  if (const auto mode = request.Query("mode")) {
    asked["mode"] = *mode;
  }
  const console::JobCommand command = SP_TRY(console::CommandFromJson(json::value(asked)));
  if (!console::IsRenewal(command.kind)) {
    return base::Error(base::ErrorCode::kValidationFailed, "nothing is planned for this kind")
        .WithField({"/kind", "must be UPGRADE, RESCALE or ROLLBACK", ""});
  }
  if (!places.try_acquire()) {
    return base::Error(base::ErrorCode::kUnavailable, "other plans are being made")
        .WithHint("try again in a few seconds");
  }
  const auto plan = services.jobs.PlanUpgrade(job->state.job.id, command, request.stop);
  places.release();
  if (!plan.ok()) {
    return plan.error();
  }
  json::array checks;
  for (const console::UpgradePlan::Check& one : plan->checks) {
    checks.push_back(json::object{
        {"name", one.name},
        {"state", ToString(one.state)},
        {"message", one.message},
        {"error", one.error ? json::value(ProblemJson(*one.error)) : json::value(nullptr)}});
  }
  const auto number = [](std::optional<int> value) {
    return value ? json::value(*value) : json::value(nullptr);
  };
  return Response::Json(
      json::object{{"revision", plan->revision},
                   {"deployed", number(plan->deployed)},
                   {"parallelism", plan->parallelism},
                   {"path", plan->path ? json::value(ToString(*plan->path)) : json::value(nullptr)},
                   {"backTo", number(plan->back_to)},
                   {"checks", std::move(checks)}});
}

base::Result<console::Operation> OperationOf(const JobRouteServices& services,
                                             const Request& request) {
  std::optional<console::Operation> operation =
      SP_TRY(services.jobs.operations().store().Find(request.PathParameter("operationId")));
  if (!operation) {
    return base::Error(base::ErrorCode::kNotFound, "there is no such operation");
  }
  return *std::move(operation);
}

base::Result<Response> GetOperation(const JobRouteServices& services, const Request& request) {
  return Response::Json(OperationToJson(SP_TRY(OperationOf(services, request))));
}

base::Result<Response> Cancel(const JobRouteServices& services, const Request& request) {
  const console::Operation operation = SP_TRY(OperationOf(services, request));
  const std::string& team_id = operation.subject.team_id;
  switch (operation.subject.kind) {
    case console::SubjectKind::kJob:
      return Response::Json(OperationToJson(SP_TRY(services.jobs.desk().Cancel(operation.id))),
                            202);
    case console::SubjectKind::kCluster:
      SP_TRY(request.caller.Require(Permission::kClusterOperate, team_id, "the cluster"));
      break;
    case console::SubjectKind::kInstallation:
      SP_TRY(request.caller.Require(Permission::kInstallationEdit, team_id, "the installation"));
      break;
  }
  return Response::Json(OperationToJson(SP_TRY(services.cancel_elsewhere(operation))), 202);
}

}  // namespace

void BindJobOperations(Router& router, const JobRouteServices& services) {
  const auto bind = [&](std::string_view id, auto handler) {
    router.Bind(id,
                [services, handler](const Request& request) { return handler(services, request); });
  };
  bind("listJobOperations", ListOperations);
  bind("operateJob", Operate);
  auto places = std::make_shared<std::counting_semaphore<kMostPlans>>(kMostPlans);
  router.Bind("planUpgrade", [services, places](const Request& request) {
    return PlanUpgrade(services, *places, request);
  });
  bind("getOperation", GetOperation);
  bind("cancelOperation", Cancel);
}

}  // namespace streampark::http
