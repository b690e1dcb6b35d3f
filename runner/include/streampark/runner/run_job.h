// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
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
/// second, and may be null. With a `control` folder, laid out as docs/adr/0029-native-engine.md says, it tells there how the job goes and
/// does what is asked there. Call it before other threads are started, since it blocks these signals.
base::Result<JobEnd> RunJob(LoadedJob& job, const base::Clock& clock,
                            const std::function<void(const std::string& line)>& tell,
                            const std::filesystem::path& control = {});

/// Writes into a control folder how the job ended, for ever; what was written first stays. `error` is null when it did not fail.
base::Status WriteEnd(const std::filesystem::path& control, const JobEnd& end,
                      const base::Error* error, base::Timestamp at);

}  // namespace streampark::runner
