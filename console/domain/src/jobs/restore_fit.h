// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "streampark/base/result.h"
#include "streampark/console/jobs/job.h"

namespace streampark::console {

/// What operators of a job were called, by their ids: snapshots often hold only these.
using OperatorNames = std::map<std::string, std::string>;

/// Whether a release can take over a snapshot's state, as the engine will judge it:
///
///   the snapshot's operator                        | verdict
///   -----------------------------------------------+---------------------------------------------
///   has no state                                   | fits
///   is one of the release's                        | fits when its max parallelism is not below
///                                                  | that operator's parallelism; else
///                                                  | VALIDATION_FAILED
///   is none of the release's                       | STATE_NOT_RESTORED, unless `left_behind` is
///                                                  | kAllowed
///
/// The error has a field for each such operator. A release without a compiled plan has no lasting
/// operator ids: everything fits, and the engine decides.
enum class LeftBehind { kRefused, kAllowed };
base::Status CheckFit(const Release& release, int parallelism, int spec_parallelism,
                      const engines::SnapshotInspection& snapshot, const OperatorNames& names,
                      LeftBehind left_behind);

}  // namespace streampark::console
