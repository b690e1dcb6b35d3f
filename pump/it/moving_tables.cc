// SPDX-License-Identifier: Apache-2.0
#include "moving_tables.h"

#include <memory>
#include <utility>

#include "streampark/core/job_options.h"

namespace streampark::pump::testing {

base::Status MovingTables::Pump(const std::string& yaml, std::stop_token stop,
                                const std::filesystem::path& state) {
  const PumpFile file = SP_TRY(PumpFile::Parse(yaml, "job.yaml"));
  StreamContext context(StreamContext::Setup{.name = file.name,
                                             .config = file.config,
                                             .connectors = &connectors_,
                                             .clock = &clock_,
                                             .dirty = SP_TRY(core::DirtyRecordsFrom(file.config))});
  try {
    AddPump(context, file, connectors_, clock_);
  } catch (const InvalidJob& invalid) {
    return invalid.error();
  }
  auto options = SP_TRY(core::NativeOptionsFrom(file.config, file.name));
  options.checkpoint_folder = state.empty() ? folder_.path() / "state" : state;
  options.restart = {.attempts = restarts_, .first_pause = base::Millis(1)};
  const auto job = SP_TRY(core::NativeJob::Make(context.plan(), options, clock_, random_));
  auto ended = job->Run(std::move(stop));
  written_ = 0;
  for (const auto& one : job->status().operators) {
    written_ += one.name == "written" ? one.rows_in : 0;
  }
  return ended;
}

base::Result<std::string> MovingTables::DryRun(const std::string& yaml) const {
  return pump::DryRun(SP_TRY(PumpFile::Parse(yaml, "job.yaml")), connectors_, clock_);
}

base::Result<VerifyReport> MovingTables::Verify(
    const std::string& yaml, const VerifyOptions& options, std::stop_token stop,
    const std::function<void(const VerifyProgress&)>& tell) const {
  return pump::Verify(SP_TRY(PumpFile::Parse(yaml, "job.yaml")), connectors_, clock_, options, tell,
                      std::move(stop));
}

}  // namespace streampark::pump::testing
