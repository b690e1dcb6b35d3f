// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/base64.h"

#include <algorithm>

#include <openssl/evp.h>

namespace streampark::base {

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string ToBase64(std::string_view bytes, Base64 alphabet) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  if (alphabet == Base64::kUrl) {
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    text.erase(text.find_last_not_of('=') + 1);
  }
  return text;
}

std::optional<std::string> FromBase64(std::string_view text, Base64 alphabet) {
  std::string padded(text);
  if (padded.size() % 4 == 0 && padded.ends_with('=')) {
    padded.erase(padded.ends_with("==") ? padded.size() - 2 : padded.size() - 1);
  }
  if (alphabet == Base64::kUrl) {
    if (padded.find_first_of("+/") != std::string::npos) {
      return std::nullopt;
    }
    std::ranges::replace(padded, '-', '+');
    std::ranges::replace(padded, '_', '/');
  }
  // OpenSSL passes over spaces, and takes bits that stand for nothing.
  if (padded.size() % 4 == 1 || padded.find_first_not_of(kAlphabet) != std::string::npos) {
    return std::nullopt;
  }
  const std::size_t missing = (4 - padded.size() % 4) % 4;
  if (missing > 0 && (kAlphabet.find(padded.back()) & (missing == 1 ? 3U : 15U)) != 0) {
    return std::nullopt;
  }
  padded.append(missing, '=');
  std::string bytes(padded.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(padded.data()),
                                     static_cast<int>(padded.size()));
  if (length < 0) {
    return std::nullopt;
  }
  bytes.resize(static_cast<std::size_t>(length) - missing);
  return bytes;
}

}  // namespace streampark::base
