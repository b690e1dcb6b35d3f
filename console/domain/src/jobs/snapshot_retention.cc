// SPDX-License-Identifier: Apache-2.0
#include "jobs/snapshot_retention.h"

#include <algorithm>

#include "jobs/restore_choice.h"

namespace streampark::console {

std::vector<Snapshot> Expendable(std::vector<Snapshot> snapshots, const JobState& job,
                                 const Settings& settings, base::Timestamp now) {
  if (job.job.desired == DesiredState::kDeleted || job.operation) {
    return {};
  }
  std::vector<Snapshot> expendable;
  int usable = 0;  // newer than the one looked at
  for (Snapshot& one : Candidates(std::move(snapshots))) {
    const bool own = !one.attempt_id.empty();
    const bool noted = !one.name.empty() || !one.note.empty();
    if (own && !noted && usable >= settings.snapshots_kept &&
        one.triggered_at + settings.snapshots_kept_for < now && HoldersOf(one, job).empty()) {
      expendable.insert(expendable.begin(), std::move(one));
      continue;
    }
    usable += one.verification == Verification::kInvalid ? 0 : 1;
  }
  return expendable;
}

}  // namespace streampark::console
