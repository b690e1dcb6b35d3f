// SPDX-License-Identifier: Apache-2.0
#include "streampark/http/jobs/job_routes.h"

#include "jobs/job_handlers.h"

namespace streampark::http {

void BindJobRoutes(Router& router, JobRouteServices services) {
  router.ResolveTeam("jobId", [services](std::string_view id) -> base::Result<std::string> {
    const console::JobViewPtr view = services.jobs.board().Find(id);
    if (view == nullptr) {
      return base::Error(base::ErrorCode::kNotFound, "there is no such job");
    }
    return view->state.job.team_id;
  });
  router.ResolveTeam("operationId", [services](std::string_view id) -> base::Result<std::string> {
    const auto operation = SP_TRY(services.jobs.operations().store().Find(id));
    if (!operation) {
      return base::Error(base::ErrorCode::kNotFound, "there is no such operation");
    }
    return operation->subject.team_id;
  });
  router.ResolveTeam("resourceId", [services](std::string_view id) -> base::Result<std::string> {
    const auto resource = SP_TRY(services.jobs.resources().Find(id));
    if (!resource) {
      return base::Error(base::ErrorCode::kNotFound, "there is no such resource");
    }
    return resource->team_id;
  });
  BindAutomation(router, services);
  BindJobLists(router, services);
  BindJobEdits(router, services);
  BindJobOperations(router, services);
  BindJobHistory(router, services);
  BindJobDetails(router, services);
  BindJobLogs(router, services);
  BindSqlHelp(router, services);
  BindResources(router, services);
}

}  // namespace streampark::http
