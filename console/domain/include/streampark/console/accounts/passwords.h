// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <string_view>

#include "streampark/base/random.h"
#include "streampark/base/result.h"

namespace streampark::console {

/// Argon2id with 19 MiB, two passes and one lane. One hash at a time, so that memory stays bounded;
/// a few may wait, more get UNAVAILABLE. Thread-safe.
class Passwords {
 public:
  explicit Passwords(base::Random& random) : random_(random) {}

  /// The encoded hash with its salt and parameters.
  base::Result<std::string> Hash(std::string_view password);
  /// Whether the password is that of the encoded hash. An empty hash takes as long and never
  /// matches: for users that do not exist.
  base::Result<bool> Matches(std::string_view password, std::string_view encoded);

 private:
  /// The one place at the hash; absent when too many wait.
  base::Result<std::unique_lock<std::mutex>> Enter();

  base::Random& random_;
  std::mutex one_at_a_time_;
  std::atomic<int> waiting_ = 0;
};

}  // namespace streampark::console
