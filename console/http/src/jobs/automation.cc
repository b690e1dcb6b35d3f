// SPDX-License-Identifier: Apache-2.0
// Decisions, attentions and holds.
#include "streampark/base/json.h"
#include "streampark/http/body.h"
#include "streampark/http/paging.h"

#include "jobs/automation_json.h"
#include "jobs/job_handlers.h"
#include "jobs/job_json.h"

namespace streampark::http {
namespace {

using api::Permission;
using console::Pause;

base::Result<Response> ListDecisions(const JobRouteServices& services, const Request& request) {
  const console::JobViewPtr job = SP_TRY(JobOf(services, request));
  const Page page = SP_TRY(PageOf(request, "decisions"));
  const auto found =
      SP_TRY(services.jobs.automation().Decisions(job->state.job.id, static_cast<int>(page.limit),
                                                  page.after.empty() ? "" : page.after.front()));
  json::array items;
  for (const console::Decision& one : found.items) {
    items.push_back(DecisionToJson(one));
  }
  return Response::Json(
      PageJson(std::move(items),
               found.next_after.empty() ? "" : EncodeCursor("decisions", {found.next_after})));
}

base::Result<Response> ListAttentions(const JobRouteServices& services, const Request& request) {
  console::TeamSet teams = request.caller.TeamsWith(Permission::kJobView);
  if (const auto team = request.Query("team")) {
    teams = console::TeamSet::Of({SP_TRY(console::RequireTeam(services.directory, request.caller,
                                                              Permission::kJobView, *team))
                                      .id});
  }
  json::array items;
  json::object counts;
  for (const console::Attention& one : services.jobs.automation().OpenAttentions(teams)) {
    items.push_back(
        AttentionToJson(one, services.jobs.board(), services.directory.TeamName(one.team_id)));
    json::value& count = counts[ToString(one.rule)];
    count = (count.is_int64() ? count.get_int64() : 0) + 1;
  }
  return Response::Json(json::object{{"items", std::move(items)}, {"counts", std::move(counts)}});
}

Response HoldsAnswer(const JobRouteServices& services, Pause::Scope scope,
                     std::string_view subject_id) {
  return Response::Json(HoldsToJson(services.jobs.automation().HoldsOn(scope, subject_id)));
}

base::Result<Response> Switch(const JobRouteServices& services, const Request& request,
                              Pause::Scope scope, const std::string& subject_id) {
  const json::object body = SP_TRY(JsonBody(request));
  FieldReader in(body);
  if (!in.Has("paused")) {
    in.Fault("paused", "is missing");
  }
  const bool paused = in.Flag("paused");
  const std::string reason = in.Text("reason", {.required = paused, .longest = 500});
  if (paused && in.Has("reason") && reason.find_first_not_of(" \t\n\r") == std::string::npos) {
    in.Fault("reason", "must say why");
  }
  SP_TRY(in.Finish());
  console::AutomationDesk& automation = services.jobs.automation();
  if (paused) {
    SP_TRY(automation.Hold({scope,
                            subject_id,
                            {request.caller.user_id(), request.caller.user_name()},
                            services.clock.Now(),
                            reason}));
  } else {
    SP_TRY(automation.Release(scope, subject_id));
  }
  return HoldsAnswer(services, scope, subject_id);
}

}  // namespace

void BindAutomation(Router& router, const JobRouteServices& services) {
  const auto bind = [&](std::string_view id, auto handler) {
    router.Bind(id,
                [services, handler](const Request& request) { return handler(services, request); });
  };
  bind("listDecisions", ListDecisions);
  bind("listAttentions", ListAttentions);
  const auto bind_holds = [&](std::string_view get, std::string_view set, Pause::Scope scope,
                              std::string_view parameter) {
    const auto subject = [parameter](const Request& request) {
      return parameter.empty() ? std::string() : std::string(request.PathParameter(parameter));
    };
    router.Bind(get, [services, scope, subject](const Request& request) -> base::Result<Response> {
      return HoldsAnswer(services, scope, subject(request));
    });
    router.Bind(set, [services, scope, subject](const Request& request) -> base::Result<Response> {
      return Switch(services, request, scope, subject(request));
    });
  };
  bind_holds("getJobAutomation", "setJobAutomation", Pause::Scope::kJob, "jobId");
  bind_holds("getClusterAutomation", "setClusterAutomation", Pause::Scope::kCluster, "clusterId");
  bind_holds("getFleetAutomation", "setFleetAutomation", Pause::Scope::kFleet, "");
}

}  // namespace streampark::http
