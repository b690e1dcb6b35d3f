// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// How the objects of checkpoints are called.
namespace streampark::core {

constexpr std::string_view kCheckpointPrefix = "chk-";
constexpr std::string_view kRecordName = "_record";
constexpr std::string_view kLineageName = "_lineage";
constexpr std::string_view kSharedFolder = "_shared/";
constexpr std::string_view kStateSuffix = ".state";
constexpr std::string_view kBackendSuffix = ".backend";

inline std::string CheckpointName(std::uint64_t checkpoint) {
  return std::string(kCheckpointPrefix) + std::to_string(checkpoint);
}
/// A node's name as a file's: names are people's.
std::string CheckpointFileName(std::string_view node, int subtask, std::string_view suffix);

}  // namespace streampark::core
