// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// RFC 4648, the standard alphabet.
namespace streampark::formats {

inline constexpr std::string_view kBase64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

inline void AppendBase64(std::string_view bytes, std::string& out) {
  std::size_t i = 0;
  const auto byte = [&](std::size_t at) {
    return at < bytes.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at]))
                             : 0;
  };
  for (; i < bytes.size(); i += 3) {
    const std::uint32_t three = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    out.push_back(kBase64Alphabet[three >> 18]);
    out.push_back(kBase64Alphabet[three >> 12 & 63]);
    out.push_back(i + 1 < bytes.size() ? kBase64Alphabet[three >> 6 & 63] : '=');
    out.push_back(i + 2 < bytes.size() ? kBase64Alphabet[three & 63] : '=');
  }
}

/// Writes at most 3/4 of `text` to `out`; how many bytes, or absent when it is no base 64. Padding may be missing.
inline std::optional<std::size_t> ReadBase64(std::string_view text, char* out) {
  static constexpr auto kValues = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(255);
    for (std::size_t i = 0; i < kBase64Alphabet.size(); ++i) {
      values[static_cast<unsigned char>(kBase64Alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
  }();
  if (text.size() % 4 == 0) {
    text.remove_suffix(text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0);
  }
  if (text.size() % 4 == 1) {
    return std::nullopt;
  }
  std::size_t written = 0;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const std::uint8_t value = kValues[static_cast<unsigned char>(c)];
    if (value == 255) {
      return std::nullopt;
    }
    bits = bits << 6 | value;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out[written++] = static_cast<char>(bits >> held);
    }
  }
  return (bits & ((1U << held) - 1)) == 0 ? std::optional(written) : std::nullopt;
}

}  // namespace streampark::formats
