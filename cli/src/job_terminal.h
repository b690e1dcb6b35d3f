// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/runner/run_job.h"

namespace streampark::cli {

/// Runs a job to its end; on a terminal a line says how it goes. See runner::RunJob.
base::Result<runner::JobEnd> RunInTerminal(runner::LoadedJob& job, const base::Clock& clock,
                                           const std::filesystem::path& control);
/// Says how it ended, and how to go on.
void TellEnd(const std::string& name, const runner::JobEnd& end);

}  // namespace streampark::cli
