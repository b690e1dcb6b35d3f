// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/step.h"

namespace streampark::console {

/// What the steps of a start share, read anew in each.
struct StartWork {
  Revision revision;
  ClusterPtr cluster;
  engines::Installation installation;
  Release release;
  JobCommand command;
  int parallelism = 1;
};

/// RELEASE_FAILED when the revision is not released; CLUSTER_UNREACHABLE when the cluster is not
/// started.
base::Result<StartWork> LoadStartWork(StepContext& context);

/// The planner with the release's jars.
engines::PlannerKey PlannerOf(const StepContext& context, const StartWork& work);

/// Decides what the start restores, checks it, and records the attempt.
const JobStep& TheRestoreStep();

}  // namespace streampark::console
