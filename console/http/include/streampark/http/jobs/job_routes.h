// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "streampark/base/clock.h"
#include "streampark/console/accounts/directory.h"
#include "streampark/console/clusters/cluster_directory.h"
#include "streampark/console/clusters/installation.h"
#include "streampark/console/events.h"
#include "streampark/console/jobs/jobs_module.h"
#include "streampark/engines/engine.h"
#include "streampark/http/router.h"

namespace streampark::http {

/// What the routes of jobs, SQL and resources work on; all outlive the router.
struct JobRouteServices {
  console::JobsModule& jobs;
  console::ClusterDirectory& clusters;
  console::InstallationDirectory& installations;
  const console::Directory& directory;
  const engines::Engine& engine;
  const base::Clock& clock;
  base::UlidGenerator& ids;
  /// Cancels an operation of a cluster or an installation.
  std::function<base::Result<console::Operation>(const console::Operation&)> cancel_elsewhere;
};

/// Binds all operations of the tags `jobs` (but for the job file's), `sql` and the resources, and
/// says whose team a job, an operation and a resource is.
void BindJobRoutes(Router& router, JobRouteServices services);

/// JobSummary of the API, made by hand: the board shows every job this way at each change.
console::JobBoard::Shown ShowJob(const console::JobView& view, const console::Directory& directory,
                                 const console::ClusterDirectory& clusters);

/// Publishes `job`, `job-removed`, `operation` and `counts` events from now on.
void PublishJobEvents(console::JobsModule& jobs, console::EventBus& events);

/// An operation as event, of whatever subject.
void PublishOperation(const console::Operation& operation, console::EventBus& events);

}  // namespace streampark::http
