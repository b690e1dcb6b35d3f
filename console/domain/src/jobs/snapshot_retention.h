// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "streampark/console/accounts/settings.h"
#include "streampark/console/jobs/job.h"

namespace streampark::console {

/// Which of a job's snapshots may go for good, oldest first: those for which every line holds.
///
///   the job                      | is not deleted, and nothing is under way with it
///   its files                    | were written by an attempt of the job
///   a person                     | gave it neither name nor note
///   HoldersOf                    | names nobody
///   newer ones that can be used  | are at least `snapshots_kept`
///   its data                     | is older than `snapshots_kept_for`
///
/// A pure function; whoever deletes asks HoldersOf again, under the job's lock.
std::vector<Snapshot> Expendable(std::vector<Snapshot> snapshots, const JobState& job,
                                 const Settings& settings, base::Timestamp now);

}  // namespace streampark::console
