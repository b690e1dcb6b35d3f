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

/// The revision that a command means when it names none.
int RevisionAsked(const JobCommand& command, const JobState& state);
/// The revision's release; when it has none that fits, what one would be: compiled, not kept. Absent
/// when its dependencies would have to be fetched first. As the steps VALIDATE and COMPILE.
base::Result<std::optional<Release>> ReleaseInMemory(StepContext& context, const Revision& revision,
                                                     const ClusterPtr& cluster);

/// REHEARSE: sees before anything is stopped that the new release can take over the state there is.
const JobStep& TheRehearseStep();
/// RESTORE, or RESTORE_BACK: decides what the start restores, checks it, and records the attempt.
const JobStep& TheRestoreStep();
const JobStep& TheRestoreBackStep();
/// RESTORE_BACK SLOTS_BACK SUBMIT_BACK RUN_BACK: a start within the same operation, of what it
/// remembers as `revision`.
std::vector<const JobStep*> StartAgainSteps();

/// Ends what a start has brought about outside: the job is looked for, cancelled under its id, and
/// awaited. A cluster that does not answer leaves the attempt as it is: nobody knows.
base::Result<Next> PutRight(StepContext& context);
/// Records how an attempt ended while it was started or watched; the error to fail with.
base::Error StartFailed(StepContext& context, const Cluster& cluster, const Attempt& attempt,
                        const engines::JobObservation& seen);
base::Error StartVanished(StepContext& context);

/// A snapshot as the planner sees it; absent when it cannot be looked at from here, which is said.
/// CANCELLED; STATE_NOT_RESTORED and VALIDATION_FAILED when the release does not fit it (as
/// CheckFit).
base::Result<std::optional<engines::SnapshotInspection>> InspectAndFit(StepContext& context,
                                                                       const StartWork& work,
                                                                       const std::string& path);
/// The snapshot that a person chose; one given as a path is the job's known row of that place, else
/// a new one that is not saved yet. NOT_FOUND, SNAPSHOT_UNCONFIRMED, IN_USE while it is being
/// deleted.
base::Result<Snapshot> ChosenSnapshot(StepContext& context, const std::string& snapshot_id,
                                      const std::string& path);
base::Error Unusable(const std::string& path, const engines::SnapshotInspection& seen);

}  // namespace streampark::console
