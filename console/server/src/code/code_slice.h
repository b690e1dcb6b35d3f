// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/console/clusters/cluster_directory.h"
#include "streampark/console/code/job_applier.h"
#include "streampark/console/jobs/job_desk.h"
#include "streampark/http/code/code_routes.h"

#include "core.h"

namespace streampark::server {

/// Jobs as code: plan, apply and the job file of a job. Has no threads and no state.
class CodeSlice {
 public:
  CodeSlice(const Core& core, console::JobDesk& desk, const console::ClusterDirectory& clusters)
      : applier_(desk, clusters, core.directory),
        services_{applier_, desk, clusters, core.directory} {}

  void Bind(http::Router& router) { http::BindCodeRoutes(router, services_); }

 private:
  console::JobApplier applier_;
  http::CodeServices services_;
};

}  // namespace streampark::server
