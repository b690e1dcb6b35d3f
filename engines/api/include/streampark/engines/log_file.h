// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "streampark/base/result.h"
#include "streampark/engines/observation.h"

/// Log files on this machine, and names of logs. All functions may be called from any thread.
namespace streampark::engines {

/// The most that one call reads of a log.
inline constexpr std::int64_t kLongestPiece = 4 << 20;

/// Makes the text of a piece that was cut anywhere out of a file valid UTF-8: half characters at
/// its ends are left to the neighbours (offset and next_offset move), broken ones inside become
/// '?'. `next_offset` is set from what remains.
void TrimToWholeCharacters(LogPiece& piece);

/// Size and time of a regular file; absent when it is none. Id and title are its name.
std::optional<LogFile> DescribeLogFile(const std::filesystem::path& file);

/// The `bytes` from `offset` on, or the last ones; of a file that was rotated since, from its begin.
/// NOT_FOUND when there is no such file in the folder, or it is a link.
base::Result<LogPiece> ReadLogFile(const std::filesystem::path& folder, std::string_view log_id,
                                   std::optional<std::int64_t> offset, std::int64_t bytes);

/// The id of a log that is one job's own, on an engine whose jobs have some: who may see another job
/// of the same cluster does not see it.
std::string LogOfJob(std::string_view engine_job_id, std::string_view name);
/// The engine's id of the job; empty for a log of a cluster's process.
std::string JobOfLog(std::string_view log_id);

}  // namespace streampark::engines
