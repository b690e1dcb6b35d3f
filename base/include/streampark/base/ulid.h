// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "streampark/base/clock.h"
#include "streampark/base/random.h"

namespace streampark::base {

/// Makes ULIDs (github.com/ulid/spec): 26 characters of Crockford base 32, sorted by creation,
/// strictly increasing within a process even inside one millisecond. Thread-safe.
class UlidGenerator {
 public:
  UlidGenerator(const Clock& clock, Random& random) : clock_(clock), random_(random) {}
  std::string Next();

 private:
  const Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  std::uint64_t last_ms_ = 0;
  std::uint64_t tail_high_ = 0;  // 16 bits
  std::uint64_t tail_low_ = 0;   // 64 bits
};

bool IsUlid(std::string_view text);

}  // namespace streampark::base
