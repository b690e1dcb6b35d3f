// SPDX-License-Identifier: Apache-2.0
#include "jobs/housekeeper.h"

#include "streampark/base/log.h"

#include "jobs/job_releases.h"

namespace streampark::console {

void Housekeeper::Tidy(std::stop_token stop) {
  const base::Timestamp limit = system_.clock.Now() - settings_.Current()->deleted_jobs_kept;
  for (const JobViewPtr& view : system_.board.Select([&](const JobView& one) {
         const Job& job = one.state.job;
         return job.deleted_at && *job.deleted_at < limit && !one.state.operation;
       })) {
    if (stop.stop_requested()) {
      return;
    }
    if (view->state.job.delete_snapshots && !DeleteSnapshots(*view, stop)) {
      continue;
    }
    const base::Status purged = system_.book.Purge(view->state.job.id);
    base::LogInfo("a deleted job's time is over",
                  {{"job", view->state.job.id},
                   {"outcome", purged.ok() ? std::string("gone") : purged.error().ToString()}});
  }
  const auto referenced = resources_.ReferencedDigests();
  if (referenced.ok()) {
    artifacts_.Sweep(*referenced);
  }
}

bool Housekeeper::DeleteSnapshots(const JobView& job, std::stop_token stop) {
  const ClusterPtr cluster = system_.clusters.Find(job.state.job.cluster_id);
  const auto installation = PlannerInstallationOf(cluster);
  const auto snapshots = system_.store.ListSnapshots(job.state.job.id, 0, "");
  if (!snapshots.ok()) {
    return false;
  }
  if (!installation.ok()) {
    return true;  // nothing is left that could read them
  }
  bool all = true;
  for (const Snapshot& one : snapshots->items) {
    if (one.path.empty()) {
      continue;
    }
    const base::Status deleted = system_.planner.DeleteSnapshot(
        system_.dependencies.PlannerFor(*installation, {}), one.path, stop);
    if (!deleted.ok() && base::Traits(deleted.error().code()).retryable) {
      all = false;
    }
  }
  return all;
}

}  // namespace streampark::console
