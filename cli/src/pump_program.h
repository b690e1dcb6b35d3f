// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/connectors/connector.h"
#include "streampark/pump/pump_file.h"
#include "streampark/runner/loaded_job.h"

/// A job that moves tables, as commands are given it.
namespace streampark::cli {

struct PumpInput {
  std::filesystem::path file;
  std::vector<std::filesystem::path> configs =
      {};  // a later one goes before an earlier one, all of them before the file
  std::vector<std::string> settings = {};  // key=value, before all
  std::filesystem::path secrets = {};
};

/// Whether `run` and `describe` take it for a pump job: by its ending, .yaml or .yml.
bool IsPumpFile(const std::filesystem::path& file);

/// Where it keeps who it is: by itself below the person's own state.
base::Result<pump::PumpFile> LoadPump(const PumpInput& input);

/// `file`, `connectors` and `clock` outlive what is made.
base::Result<std::unique_ptr<runner::LoadedJob>> MakePumpJob(
    const pump::PumpFile& file, const connectors::ConnectorRegistry& connectors,
    const base::Clock& clock);

}  // namespace streampark::cli
