// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "streampark/base/result.h"
#include "streampark/runner/loaded_job.h"

namespace streampark::runner {

/// How a job that did not fail has ended.
struct JobEnd {
  enum class Kind : std::uint8_t { kFinished, kStopped, kCancelled };
  Kind kind = Kind::kFinished;
  std::string savepoint;  // its folder; of kStopped alone
};

/// Runs the job until it has ended, or the process is told to end: SIGINT and SIGTERM stop it with a savepoint where `native.savepoint.directory`
/// says where to, and else cancel it; a second one cancels it at once. `tell` is called with a line for people once a
/// second, and may be null. Call it before other threads are started, since it blocks these signals.
base::Result<JobEnd> RunJob(LoadedJob& job, const base::Clock& clock,
                            const std::function<void(const std::string& line)>& tell);

}  // namespace streampark::runner
