// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "streampark/base/result.h"

namespace streampark::base {

enum class FileMode { kOwnerOnly = 0600, kReadable = 0644 };

/// The whole file; IO_ERROR when it is not there or longer than `limit` bytes.
Result<std::string> ReadFile(const std::filesystem::path& file, std::size_t limit = 64U << 20U);

/// Writes aside, syncs, renames: readers see the old or the new whole. STORAGE_FULL when there is
/// no room.
Status WriteFileAtomically(const std::filesystem::path& file, std::string_view content,
                           FileMode mode = FileMode::kReadable);

/// `root / name` when that stays inside `root` (no absolute name, no `..`, no link out);
/// INVALID_REQUEST otherwise. What it names need not exist.
Result<std::filesystem::path> ConfinedPath(const std::filesystem::path& root,
                                           std::string_view name);

/// IO_ERROR or STORAGE_FULL for an errno, with the path in the message.
Error FileError(int error_number, std::string_view doing, const std::filesystem::path& path);

/// Holds an exclusive advisory lock on a file for as long as it lives.
class FileLock {
 public:
  /// DATA_FOLDER_IN_USE when another process holds it.
  static Result<FileLock> Acquire(const std::filesystem::path& file);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace streampark::base
