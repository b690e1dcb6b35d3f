// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/http/jobs/job_routes.h"

/// The families of the job routes.
namespace streampark::http {

void BindAutomation(Router& router, const JobRouteServices& services);
void BindJobLists(Router& router, const JobRouteServices& services);
void BindJobEdits(Router& router, const JobRouteServices& services);
void BindJobOperations(Router& router, const JobRouteServices& services);
void BindJobHistory(Router& router, const JobRouteServices& services);
void BindJobDetails(Router& router, const JobRouteServices& services);
void BindJobLogs(Router& router, const JobRouteServices& services);
void BindSqlHelp(Router& router, const JobRouteServices& services);
void BindResources(Router& router, const JobRouteServices& services);

}  // namespace streampark::http
