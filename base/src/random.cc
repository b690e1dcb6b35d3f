// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/random.h"

#include <cerrno>
#include <vector>

#include <sys/random.h>

#include "streampark/base/check.h"

namespace streampark::base {
namespace {

std::vector<std::uint8_t> RandomBytes(Random& random, std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  random.Fill(bytes);
  return bytes;
}

}  // namespace

void SecureRandom::Fill(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::getrandom(bytes.data(), bytes.size(), 0);
    if (count < 0) {
      SP_CHECK(errno == EINTR);
      continue;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

std::string RandomToken(Random& random, std::size_t count) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  std::uint32_t bits = 0;
  int held = 0;
  for (const std::uint8_t byte : RandomBytes(random, count)) {
    bits = (bits << 8U) | byte;
    held += 8;
    while (held >= 6) {
      held -= 6;
      text.push_back(kDigits[(bits >> static_cast<unsigned>(held)) & 63U]);
    }
  }
  if (held > 0) {
    text.push_back(kDigits[(bits << static_cast<unsigned>(6 - held)) & 63U]);
  }
  return text;
}

std::string RandomHex(Random& random, std::size_t count) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : RandomBytes(random, count)) {
    text.push_back(kDigits[byte >> 4U]);
    text.push_back(kDigits[byte & 15U]);
  }
  return text;
}

std::string RandomPassword(Random& random, std::size_t length) {
  constexpr std::string_view kReadable = "abcdefghjkmnpqrstuvwxyz23456789";
  // Bytes beyond the last whole multiple would favour the first characters.
  constexpr std::uint8_t kFair = 256 / kReadable.size() * kReadable.size();
  std::string password;
  while (password.size() < length) {
    for (const std::uint8_t byte : RandomBytes(random, length)) {
      if (byte < kFair && password.size() < length) {
        password.push_back(kReadable[byte % kReadable.size()]);
      }
    }
  }
  return password;
}

}  // namespace streampark::base
