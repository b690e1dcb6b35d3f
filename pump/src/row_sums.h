// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "streampark/base/random.h"

namespace streampark::pump {

__extension__ using Hash128 = unsigned __int128;

/// XXH3 of 128 bits (https://github.com/Cyan4973/xxHash) with a secret that is drawn anew: whoever fills tables does not know it. Thread-safe.
class RowHash {
 public:
  explicit RowHash(base::Random& random);
  Hash128 operator()(std::string_view bytes) const;

 private:
  std::array<std::uint8_t, 192> secret_;
};

/// Rows in any order: how many, and the sum of their hashes modulo 2^128. A row twice counts twice.
struct RowSum {
  std::int64_t rows = 0;
  Hash128 sum = 0;

  void Add(Hash128 row) {
    ++rows;
    sum += row;
  }
  void Add(const RowSum& other) {
    rows += other.rows;
    sum += other.sum;
  }
  bool operator==(const RowSum&) const = default;
};

/// The sums of rows by what names them: a row is in the bucket of its name's hash. A power of two of them.
using RowBuckets = std::vector<RowSum>;

inline std::size_t BucketOf(Hash128 name, std::size_t buckets) {
  return static_cast<std::size_t>(name) & (buckets - 1);
}

}  // namespace streampark::pump
