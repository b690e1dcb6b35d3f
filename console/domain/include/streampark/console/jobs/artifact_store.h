// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"

namespace streampark::console {

/// Bytes by digest: ROOT/ab/cdef….jar. What stands there is whole and never changes; who refers to
/// it is counted in the database. Thread-safe.
class ArtifactStore {
 public:
  explicit ArtifactStore(std::filesystem::path root) : root_(std::move(root)) {}

  /// Moves (or, across devices, copies) `file` into the store and gives its digest. The same bytes
  /// twice are kept once.
  base::Result<std::string> Adopt(const std::filesystem::path& file);
  std::filesystem::path PathOf(std::string_view digest) const;
  bool Has(std::string_view digest) const;
  /// Deletes what no digest of `referenced` (sorted) names and is older than an hour, so that
  /// nothing goes that somebody is about to refer to. Gives the number of deleted files.
  int Sweep(const std::vector<std::string>& referenced);

 private:
  const std::filesystem::path root_;
  std::mutex mutex_;
};

}  // namespace streampark::console
