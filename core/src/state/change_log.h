// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "streampark/base/result.h"

namespace streampark::core {

/// A file of changes of state in the order in which they were made: chunks of length (4), checksum (8) and changes. For one thread.
class ChangeLog {
 public:
  /// Makes the file; what fails shows in Close.
  explicit ChangeLog(std::filesystem::path file);
  ~ChangeLog();
  ChangeLog(const ChangeLog&) = delete;
  ChangeLog& operator=(const ChangeLog&) = delete;

  void Append(std::string_view changes);
  /// All is in the file, and not yet durable. STORAGE_FULL and IO_ERROR, also of earlier calls.
  base::Status Close();
  const std::filesystem::path& file() const { return file_; }
  std::uint64_t bytes() const { return bytes_; }

  /// Calls `changes` with each chunk. SNAPSHOT_INVALID when it is damaged.
  static base::Status Read(const std::filesystem::path& file,
                           const std::function<void(std::string_view changes)>& changes);

 private:
  void Write();

  const std::filesystem::path file_;
  int descriptor_;
  base::Status failed_ = base::Ok();
  std::string waiting_;
  std::uint64_t bytes_ = 0;
};

/// Makes durable what the file has.
base::Status SyncFile(const std::filesystem::path& file);

}  // namespace streampark::core
