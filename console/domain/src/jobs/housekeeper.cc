// SPDX-License-Identifier: Apache-2.0
#include "jobs/housekeeper.h"

#include "streampark/base/log.h"

#include "jobs/job_releases.h"
#include "jobs/snapshot_removal.h"
#include "jobs/snapshot_retention.h"

namespace streampark::console {
namespace {

constexpr base::Millis kHistoryKept = std::chrono::days(180);
constexpr base::Millis kResolutionsKept = std::chrono::days(90);

}  // namespace

void Housekeeper::Tidy(std::stop_token stop) {
  SnapshotRemoval(system_).Resume(stop);
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
  for (const JobViewPtr& view : system_.board.Select([](const JobView&) { return true; })) {
    if (stop.stop_requested()) {
      return;
    }
    ThinOutSnapshots(*view, stop);
  }
  Prune();
  const auto referenced = resources_.ReferencedDigests();
  if (referenced.ok()) {
    artifacts_.Sweep(*referenced);
  }
}

void Housekeeper::Prune() {
  const base::Timestamp now = system_.clock.Now();
  for (const base::Status& pruned :
       {system_.store.PruneHistory(now - kHistoryKept), automation_.Prune(now - kHistoryKept),
        resources_.PruneResolutions(now - kResolutionsKept)}) {
    if (!pruned.ok()) {
      base::LogError("old rows could not be removed", {{"error", pruned.error()}});
    }
  }
}

void Housekeeper::ThinOutSnapshots(const JobView& job, std::stop_token stop) {
  const std::string& job_id = job.state.job.id;
  auto snapshots = system_.store.ListSnapshots(job_id, 0, "");
  if (!snapshots.ok()) {
    return;
  }
  for (const Snapshot& one : Expendable(std::move(snapshots->items), job.state,
                                        *settings_.Current(), system_.clock.Now())) {
    const base::Status gone =
        SnapshotRemoval(system_).Remove(job_id, one.id, SnapshotRemoval::Held::kRefused, stop);
    base::LogInfo("a snapshot's time is over",
                  {{"job", job_id},
                   {"path", one.path},
                   {"outcome", gone.ok() ? std::string("gone") : gone.error().ToString()}});
    if (!gone.ok()) {
      return;  // in the next round
    }
  }
}

bool Housekeeper::DeleteSnapshots(const JobView& job, std::stop_token stop) {
  const auto snapshots = system_.store.ListSnapshots(job.state.job.id, 0, "");
  if (!snapshots.ok()) {
    return false;
  }
  if (!PlannerInstallationOf(system_.clusters.Find(job.state.job.cluster_id)).ok()) {
    return true;  // nothing is left that could read them
  }
  const SnapshotRemoval removal(system_);
  bool all = true;
  for (const Snapshot& one : snapshots->items) {
    const base::Status deleted =
        removal.Remove(job.state.job.id, one.id, SnapshotRemoval::Held::kIgnored, stop);
    if (!deleted.ok() && base::Traits(deleted.error().code()).retryable) {
      all = false;
    }
  }
  return all;
}

}  // namespace streampark::console
