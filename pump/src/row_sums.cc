// SPDX-License-Identifier: Apache-2.0
#include "row_sums.h"

// In line: a library to load for one function would be one more thing that can be missing.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace streampark::pump {

RowHash::RowHash(base::Random& random) { random.Fill(secret_); }

Hash128 RowHash::operator()(std::string_view bytes) const {
  const XXH128_hash_t hash =
      XXH3_128bits_withSecret(bytes.data(), bytes.size(), secret_.data(), secret_.size());
  return static_cast<Hash128>(hash.high64) << 64U | hash.low64;
}

}  // namespace streampark::pump
