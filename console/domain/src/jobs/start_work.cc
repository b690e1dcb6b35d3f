// SPDX-License-Identifier: Apache-2.0
#include "jobs/start_work.h"

#include "jobs/job_releases.h"

namespace streampark::console {

base::Result<StartWork> LoadStartWork(StepContext& context) {
  StartWork work;
  work.command = SP_TRY(context.Command());
  const std::string& job_id = context.operation.subject.id;
  std::optional<Revision> revision =
      SP_TRY(context.system.store.FindRevision(job_id, std::stoi(context.Recall("revision"))));
  if (!revision) {
    return base::Error(base::ErrorCode::kNotFound, "the revision does not exist");
  }
  work.revision = *std::move(revision);
  work.cluster = SP_TRY(context.ClusterOf(work.revision.spec.cluster_id));
  work.installation = SP_TRY(PlannerInstallationOf(work.cluster));
  std::optional<Release> release = SP_TRY(
      context.system.store.FindRelease(job_id, work.revision.digest, work.installation.version));
  if (!release || release->state != Release::State::kReleased) {
    return base::Error(base::ErrorCode::kReleaseFailed, "the revision is not released");
  }
  work.release = *std::move(release);
  work.parallelism = work.command.parallelism.value_or(work.revision.spec.parallelism);
  return work;
}

engines::PlannerKey PlannerOf(const StepContext& context, const StartWork& work) {
  return context.system.dependencies.PlannerFor(work.installation, work.release.artifacts);
}

}  // namespace streampark::console
