// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/base/clock.h"
#include "streampark/base/random.h"
#include "streampark/base/ulid.h"
#include "streampark/console/clusters/cluster_directory.h"
#include "streampark/console/clusters/installation.h"
#include "streampark/console/jobs/dependency_resolver.h"
#include "streampark/console/jobs/job_options.h"
#include "streampark/console/operations/journal.h"
#include "streampark/engines/engine.h"

#include "jobs/ended_attempts.h"
#include "jobs/job_book.h"

namespace streampark::console {

/// What the parts of the jobs slice work on; outlives them all.
struct JobSystem {
  const JobsOptions& options;
  const base::Clock& clock;
  base::Random& random;
  base::UlidGenerator& ids;
  JobStore& store;
  OperationStore& operations;
  OperationLog& log;
  Journal& journal;
  JobBoard& board;
  JobBook& book;
  EndedAttempts& ended;
  ClusterDirectory& clusters;
  InstallationDirectory& installations;
  DependencyResolver& dependencies;
  engines::JobDriver& driver;
  engines::Planner& planner;
};

}  // namespace streampark::console
