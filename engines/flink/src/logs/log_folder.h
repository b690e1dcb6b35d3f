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

/// The `bytes` from `offset` on, or the last ones. NOT_FOUND when there is no such file.
base::Result<engines::LogPiece> ReadLogFile(const std::filesystem::path& folder,
                                            std::string_view log_id,
                                            std::optional<std::int64_t> offset, std::int64_t bytes);

}  // namespace streampark::flink
