// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/console/accounts/directory.h"
#include "streampark/console/clusters/cluster_directory.h"
#include "streampark/console/code/job_applier.h"
#include "streampark/console/jobs/job_desk.h"
#include "streampark/http/router.h"

namespace streampark::http {

/// What the routes of jobs as code work on; all outlive the router.
struct CodeServices {
  console::JobApplier& applier;
  console::JobDesk& desk;
  const console::ClusterDirectory& clusters;
  const console::Directory& directory;
};

/// Binds planJobFile, applyJobFile and getJobFile.
void BindCodeRoutes(Router& router, CodeServices services);

}  // namespace streampark::http
