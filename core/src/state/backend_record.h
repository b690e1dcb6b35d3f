// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/core/disk_states.h"
#include "streampark/core/key_hash.h"

namespace streampark::core {

/// The store of one subtask at a checkpoint: a base of files that were captured together, and the changes since.
struct BackendRecord {
  struct File {
    std::string name;  // in the store's folder
    std::string kept;  // beside the checkpoints
    std::uint64_t bytes = 0;
  };
  KeyGroupRange groups;
  std::vector<DiskState> states;
  std::vector<File> base;
  std::vector<File> logs;  // in order

  std::uint64_t bytes() const;
  std::string Serialize() const;
  /// SNAPSHOT_INVALID.
  static base::Result<BackendRecord> Parse(std::string_view bytes);
};

}  // namespace streampark::core
