// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include <openssl/sha.h>

namespace streampark::expressions {

/// HMAC (RFC 2104) with SHA-256 under one key, for many short texts.
class HmacSha256 {
 public:
  static constexpr std::size_t kHexSize = 64;

  explicit HmacSha256(std::string_view key);
  /// Writes kHexSize lower-case hex digits.
  void Hex(std::string_view bytes, char* out) const;

 private:
  SHA256_CTX inner_, outer_;  // each has taken the block of its pad
};

}  // namespace streampark::expressions
