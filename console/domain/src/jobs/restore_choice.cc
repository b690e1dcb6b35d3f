// SPDX-License-Identifier: Apache-2.0
#include "jobs/restore_choice.h"

#include <algorithm>

namespace streampark::console {

base::Result<RestorePlan> PlanRestore(const JobState& before, const std::optional<Restore>& asked) {
  using From = RestorePlan::From;
  if (asked) {
    switch (asked->from) {
      case Restore::From::kNothing:
        return RestorePlan{};
      case Restore::From::kSnapshot:
        return RestorePlan{From::kOne, asked->snapshot_id, ""};
      case Restore::From::kPath:
        return RestorePlan{From::kOne, "", asked->path};
      case Restore::From::kLatest:
        return RestorePlan{From::kNewest, "", ""};
    }
  }
  const Job& job = before.job;
  if (!job.ran || job.stateless) {
    return RestorePlan{};
  }
  if (job.resume_unconfirmed) {
    return base::Error(base::ErrorCode::kSnapshotUnconfirmed,
                       "the job was stopped, but nothing proves that its savepoint is complete")
        .WithHint("choose what to restore: a snapshot, a path, the latest one, or nothing");
  }
  if (job.desired == DesiredState::kSuspended && !job.resume_snapshot_id.empty()) {
    return RestorePlan{From::kOne, job.resume_snapshot_id, ""};
  }
  if (job.desired == DesiredState::kStopped) {
    return base::Error(base::ErrorCode::kRestoreChoiceRequired,
                       "the job was stopped without a savepoint to go on from")
        .WithHint("choose what to restore: a snapshot, a path, the latest one, or nothing");
  }
  return RestorePlan{From::kNewest, "", ""};
}

std::vector<Snapshot> Candidates(std::vector<Snapshot> snapshots) {
  std::erase_if(snapshots, [](const Snapshot& one) {
    return one.path.empty() || !one.completed_at || one.verification == Verification::kUnconfirmed;
  });
  std::stable_sort(snapshots.begin(), snapshots.end(), [](const Snapshot& a, const Snapshot& b) {
    return a.triggered_at > b.triggered_at;
  });
  return snapshots;
}

std::vector<std::string> HoldersOf(const Snapshot& snapshot, const JobState& state) {
  std::vector<std::string> holders;
  if (state.job.resume_snapshot_id == snapshot.id) {
    holders.emplace_back("the suspended job: its next start restores it");
  }
  if (state.job.rollback_revision && state.job.rollback_snapshot_id == snapshot.id) {
    holders.emplace_back("a rollback to revision " + std::to_string(*state.job.rollback_revision));
  }
  if (state.live() && state.attempt->restored_from == snapshot.id) {
    holders.emplace_back("the running attempt, which was restored from it");
  }
  if (state.live() && state.attempt->id == snapshot.attempt_id &&
      snapshot.kind == engines::SnapshotKind::kCheckpoint) {
    holders.emplace_back("the running attempt: the engine itself keeps and removes it");
  }
  return holders;
}

}  // namespace streampark::console
