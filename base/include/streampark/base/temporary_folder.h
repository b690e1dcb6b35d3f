// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "streampark/base/result.h"

namespace streampark::base {

/// A folder of its own, mode 0700, removed with all that is in it when the object goes.
class TemporaryFolder {
 public:
  /// Below `parent`, which is made when it is not there; the system's temporary folder when empty.
  static Result<TemporaryFolder> Create(const std::filesystem::path& parent = {});
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  ~TemporaryFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace streampark::base
