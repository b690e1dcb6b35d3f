// SPDX-License-Identifier: Apache-2.0
#include "jobs/snapshot_search.h"

#include <algorithm>
#include <set>

#include "streampark/base/log.h"

#include "jobs/attempts.h"
#include "jobs/job_releases.h"
#include "jobs/snapshot_place.h"

namespace streampark::console {
namespace {

// The engine's and the file system's clock may be a little behind ours.
constexpr base::Millis kSkew{2000};

bool IsOf(const engines::FoundSnapshot& found, const Attempt& attempt) {
  return !found.engine_job.empty() && attempt.engine_job_id.starts_with(found.engine_job);
}

/// Where the job's snapshots lie on the cluster as it is, and where its attempts were told to write.
std::vector<std::string> FoldersOf(const Cluster& cluster, std::string_view job_id,
                                   const std::vector<Attempt>& attempts) {
  std::set<std::string> folders;
  for (const std::string& one :
       {CheckpointDirectoryOf(cluster, job_id), SavepointDirectoryOf(cluster, job_id)}) {
    folders.insert(one);
  }
  for (const Attempt& attempt : attempts) {
    folders.insert(OptionOf(attempt.options, kCheckpointFolderKeys));
    folders.insert(OptionOf(attempt.options, kSavepointFolderKeys));
  }
  folders.erase("");
  return {folders.begin(), folders.end()};
}

}  // namespace

base::Result<std::vector<engines::FoundSnapshot>> SnapshotSearch::Look(
    const Cluster& cluster, const std::vector<std::string>& folders,
    const std::stop_token& stop) const {
  const engines::Installation installation =
      SP_TRY(PlannerInstallationOf(system_.clusters.Find(cluster.id)));
  const engines::PlannerKey planner = system_.dependencies.PlannerFor(installation, {});
  std::vector<engines::FoundSnapshot> all;
  for (const std::string& folder : folders) {
    auto found = system_.journal.Look(
        "LIST_SNAPSHOTS", [&] { return system_.planner.ListSnapshots(planner, folder, stop); });
    if (!found.ok() && found.error().code() == base::ErrorCode::kNotFound) {
      continue;
    }
    for (engines::FoundSnapshot& one : SP_TRY(std::move(found))) {
      if (one.complete) {
        all.push_back(std::move(one));
      }
    }
  }
  return all;
}

base::Result<std::vector<Snapshot>> SnapshotSearch::Find(std::string_view job_id,
                                                         std::stop_token stop) const {
  const JobViewPtr job = system_.board.Find(job_id);
  const ClusterPtr cluster =
      job == nullptr ? nullptr : system_.clusters.Find(job->state.job.cluster_id);
  if (cluster == nullptr) {
    return base::Error(base::ErrorCode::kNotFound, "the job, or its cluster, does not exist");
  }
  const std::vector<Attempt> attempts = SP_TRY(system_.store.ListAttempts(job_id, 200, 0));
  const auto found = SP_TRY(Look(*cluster, FoldersOf(*cluster, job_id, attempts), stop));
  std::vector<Snapshot> added;
  SP_TRY(system_.book.Edit(job_id, [&](JobEdit& edit) -> base::Status {
    for (const engines::FoundSnapshot& one : found) {
      const auto owner = std::find_if(attempts.begin(), attempts.end(),
                                      [&](const Attempt& attempt) { return IsOf(one, attempt); });
      // A running attempt's checkpoints come and go by the engine's own will.
      const bool live = edit.state.live() && owner != attempts.end() &&
                        owner->id == edit.state.attempt->id &&
                        one.kind == engines::SnapshotKind::kCheckpoint;
      if (live || !SP_TRY(SnapshotsAt(system_.store, one.path)).empty()) {
        continue;
      }
      Snapshot snapshot{.job_id = std::string(job_id),
                        .attempt_id = owner == attempts.end() ? "" : owner->id,
                        .revision = owner == attempts.end() ? 0 : owner->revision,
                        .kind = one.kind,
                        .path = one.path,
                        .triggered_at = one.modified_at,
                        .completed_at = one.modified_at};
      snapshot.id = SP_TRY(AddSnapshot(system_, edit, snapshot));
      if (!snapshot.id.empty()) {  // else: it was deleted by us, and has not gone yet
        added.push_back(std::move(snapshot));
      }
    }
    return base::Ok();
  }));
  std::sort(added.begin(), added.end(),
            [](const Snapshot& a, const Snapshot& b) { return a.triggered_at > b.triggered_at; });
  return added;
}

base::Result<std::optional<engines::FoundSnapshot>> SnapshotSearch::FindSavepoint(
    const Attempt& attempt, base::Timestamp since, std::stop_token stop) const {
  const ClusterPtr cluster = system_.clusters.Find(attempt.cluster_id);
  if (cluster == nullptr) {
    return std::optional<engines::FoundSnapshot>();
  }
  std::vector<engines::FoundSnapshot> found =
      SP_TRY(Look(*cluster, FoldersOf(*cluster, attempt.job_id, {attempt}), stop));
  std::erase_if(found, [&](const engines::FoundSnapshot& one) {
    return one.kind != engines::SnapshotKind::kSavepoint || !IsOf(one, attempt) ||
           one.modified_at < since - kSkew;
  });
  return found.size() == 1 ? std::optional(std::move(found.front())) : std::nullopt;
}

}  // namespace streampark::console
