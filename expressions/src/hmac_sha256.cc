// SPDX-License-Identifier: Apache-2.0
#include "hmac_sha256.h"

#include <algorithm>
#include <array>
#include <utility>

#include <openssl/crypto.h>

namespace streampark::expressions {

// By the low-level calls: EVP in OpenSSL 3 allocates for each copy of a context, which costs more than the digest of a short text.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

HmacSha256::HmacSha256(std::string_view key) {
  std::array<unsigned char, SHA256_CBLOCK> block{};
  if (key.size() > block.size()) {
    SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), block.data());
  } else {
    std::copy(key.begin(), key.end(), block.begin());
  }
  for (auto [context, pad] : {std::pair(&inner_, 0x36), std::pair(&outer_, 0x5c)}) {
    std::array<unsigned char, SHA256_CBLOCK> padded{};
    for (std::size_t i = 0; i < block.size(); ++i) {
      padded[i] = static_cast<unsigned char>(block[i] ^ pad);
    }
    SHA256_Init(context);
    SHA256_Update(context, padded.data(), padded.size());
    OPENSSL_cleanse(padded.data(), padded.size());
  }
  OPENSSL_cleanse(block.data(), block.size());
}

void HmacSha256::Hex(std::string_view bytes, char* out) const {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256_CTX context = inner_;
  SHA256_Update(&context, bytes.data(), bytes.size());
  SHA256_Final(digest.data(), &context);
  context = outer_;
  SHA256_Update(&context, digest.data(), digest.size());
  SHA256_Final(digest.data(), &context);
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  for (const unsigned char byte : digest) {
    *out++ = kHexDigits[byte >> 4U];
    *out++ = kHexDigits[byte & 0xfU];
  }
}

#pragma GCC diagnostic pop

}  // namespace streampark::expressions
