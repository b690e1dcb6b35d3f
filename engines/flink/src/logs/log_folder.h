// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/engines/observation.h"

namespace streampark::flink {

/// The log files of a managed cluster's processes: `jobmanager*` and `taskmanager-N*` in one
/// folder. A log's id is its name. An absent folder has no logs.
base::Result<std::vector<engines::LogFile>> ListLogFolder(const std::filesystem::path& folder);

}  // namespace streampark::flink
