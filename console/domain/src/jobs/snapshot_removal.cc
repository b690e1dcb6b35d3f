// SPDX-License-Identifier: Apache-2.0
#include "jobs/snapshot_removal.h"

#include <algorithm>

#include "streampark/base/json.h"
#include "streampark/base/log.h"

#include "jobs/job_releases.h"
#include "jobs/restore_choice.h"
#include "jobs/snapshot_place.h"

namespace streampark::console {
namespace {

// Under the job, not under the snapshot's row: the row goes, and what it stood for stays deleted.
Intent IntentOf(const Snapshot& snapshot) {
  return {.operation_id = snapshot.job_id,
          .step = "DELETE_SNAPSHOT",
          .verb = "DELETE_SNAPSHOT",
          .key = snapshot.path,
          .detail = json::serialize(json::object{{"snapshotId", snapshot.id}})};
}

base::Result<std::optional<JournalEntry>> DeletionOf(const JobSystem& system,
                                                     const Snapshot& snapshot) {
  const Intent intent = IntentOf(snapshot);
  return system.operations.FindEntry(intent.operation_id, intent.step, intent.verb, intent.key);
}

}  // namespace

base::Result<bool> IsInDeletion(const JobSystem& system, const Snapshot& snapshot) {
  const std::optional<JournalEntry> entry = SP_TRY(DeletionOf(system, snapshot));
  return entry &&
         (entry->state == JournalEntry::State::kOpen || entry->state == JournalEntry::State::kDone);
}

base::Result<bool> IsDeleted(const JobSystem& system, const Snapshot& snapshot) {
  const std::optional<JournalEntry> entry = SP_TRY(DeletionOf(system, snapshot));
  return entry && entry->state == JournalEntry::State::kDone;
}

base::Status SnapshotRemoval::Remove(std::string_view job_id, std::string_view snapshot_id,
                                     Held held, std::stop_token stop) const {
  Snapshot snapshot;
  std::string cluster_id;
  bool files = false;
  SP_TRY(system_.book.Edit(job_id, [&](JobEdit& edit) -> base::Status {
    const std::optional<Snapshot> known = SP_TRY(system_.store.FindSnapshot(snapshot_id));
    if (!known || known->job_id != job_id) {
      return base::Error(base::ErrorCode::kNotFound, "the job has no such snapshot");
    }
    const std::vector<std::string> holders = HoldersOf(*known, edit.state);
    if (held == Held::kRefused && !holders.empty()) {
      return base::Error(base::ErrorCode::kInUse, "the snapshot is needed by " + holders.front());
    }
    if (edit.state.operation) {
      return base::Error(base::ErrorCode::kOperationInFlight,
                         "an operation is under way that may need the snapshot")
          .WithRelatedId(edit.state.operation->id);
    }
    snapshot = *known;
    cluster_id = edit.state.job.cluster_id;
    files = SP_TRY(OwnsFiles(snapshot));
    if (files) {
      return system_.journal.Announce(IntentOf(snapshot));
    }
    edit.changes.removed_snapshots.push_back(snapshot.id);
    return base::Ok();
  }));
  return files ? Finish(snapshot, cluster_id, std::move(stop)) : base::Ok();
}

void SnapshotRemoval::Resume(std::stop_token stop) const {
  const auto open = system_.store.ListSnapshotsInDeletion();
  if (!open.ok()) {
    return;
  }
  for (const Snapshot& snapshot : *open) {
    const JobViewPtr job = system_.board.Find(snapshot.job_id);
    if (job == nullptr || stop.stop_requested()) {
      continue;
    }
    const base::Status done = Finish(snapshot, job->state.job.cluster_id, stop);
    base::LogInfo("the deletion of a snapshot is taken up again",
                  {{"job", snapshot.job_id},
                   {"path", snapshot.path},
                   {"outcome", done.ok() ? std::string("gone") : done.error().ToString()}});
  }
}

base::Status SnapshotRemoval::Finish(const Snapshot& snapshot, std::string_view cluster_id,
                                     std::stop_token stop) const {
  const auto deleted = system_.journal.Perform(
      IntentOf(snapshot),
      // What is gone is gone: a repeat has no second effect and needs no look before it.
      {.observe = [] { return base::Result<std::optional<std::string>>(std::nullopt); },
       .act = [&]() -> base::Result<std::string> {
         const engines::Installation installation =
             SP_TRY(PlannerInstallationOf(system_.clusters.Find(cluster_id)));
         SP_TRY(system_.planner.DeleteSnapshot(system_.dependencies.PlannerFor(installation, {}),
                                               snapshot.path, stop));
         return std::string("deleted");
       }});
  if (!deleted.ok()) {
    return deleted.error();
  }
  SP_TRY(system_.book.Edit(snapshot.job_id, [&](JobEdit& edit) -> base::Status {
    edit.changes.removed_snapshots.push_back(snapshot.id);
    return base::Ok();
  }));
  return base::Ok();
}

base::Result<bool> SnapshotRemoval::OwnsFiles(const Snapshot& snapshot) const {
  if (snapshot.path.empty() || snapshot.attempt_id.empty()) {
    return false;
  }
  const std::optional<Attempt> attempt = SP_TRY(system_.store.FindAttempt(snapshot.attempt_id));
  if (!attempt || attempt->job_id != snapshot.job_id) {
    return false;
  }
  const std::vector<Snapshot> rows = SP_TRY(SnapshotsAt(system_.store, snapshot.path));
  return std::all_of(rows.begin(), rows.end(),
                     [&](const Snapshot& row) { return row.id == snapshot.id; });
}

}  // namespace streampark::console
