// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace streampark::base {

/// The end of the one UTF-8 sequence that begins at `at` with a byte of 0x80 or more; null when it is none, as are
/// surrogates, overlong forms and what lies beyond U+10FFFF (Unicode 15, table 3-7).
inline const char* SkipSequence(const char* at, const char* end) {
  const auto byte = [&](std::ptrdiff_t i) { return static_cast<unsigned char>(at[i]); };
  const auto follows = [&](std::ptrdiff_t i) { return (byte(i) & 0xc0U) == 0x80U; };
  const unsigned lead = byte(0);
  if (lead >= 0xc2 && lead <= 0xdf) {
    return end - at >= 2 && follows(1) ? at + 2 : nullptr;
  }
  if (lead >= 0xe0 && lead <= 0xef) {
    if (end - at < 3 || !follows(1) || !follows(2)) {
      return nullptr;
    }
    const bool overlong = lead == 0xe0 && byte(1) < 0xa0;
    const bool surrogate = lead == 0xed && byte(1) > 0x9f;
    return overlong || surrogate ? nullptr : at + 3;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    if (end - at < 4 || !follows(1) || !follows(2) || !follows(3)) {
      return nullptr;
    }
    const bool overlong = lead == 0xf0 && byte(1) < 0x90;
    const bool beyond = lead == 0xf4 && byte(1) > 0x8f;
    return overlong || beyond ? nullptr : at + 4;
  }
  return nullptr;
}

[[gnu::always_inline]] inline bool IsAscii(std::string_view text) {
  const auto bits_at = [&]<typename Word>(std::size_t at, Word bits) {
    std::memcpy(&bits, text.data() + at, sizeof bits);
    return bits;
  };
  constexpr std::uint64_t kHigh = 0x8080808080808080ULL;
  const auto size = text.size();
  if (size >= 8) {
    const auto eight_at = [&](std::size_t at) { return bits_at(at, std::uint64_t{}); };
    std::size_t at = 0;
    for (; at + 32 < size; at += 32) {
      if (((eight_at(at) | eight_at(at + 8) | eight_at(at + 16) | eight_at(at + 24)) & kHigh) !=
          0) {
        return false;
      }
    }
    std::uint64_t bits = eight_at(size - 8);  // may overlap the one before
    for (; at + 8 < size; at += 8) {
      bits |= eight_at(at);
    }
    return (bits & kHigh) == 0;
  }
  if (size >= 4) {
    const auto bits = bits_at(0, std::uint32_t{}) | bits_at(size - 4, std::uint32_t{});
    return (bits & static_cast<std::uint32_t>(kHigh)) == 0;
  }
  for (std::size_t at = 0; at < size; ++at) {
    if (static_cast<signed char>(text[at]) < 0) {
      return false;
    }
  }
  return true;
}

/// IsUtf8 of a text that is not ASCII alone.
inline bool IsUtf8BeyondAscii(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    std::uint64_t eight = ~std::uint64_t{0};
    if (end - at >= 8) {
      std::memcpy(&eight, at, sizeof eight);
    }
    if ((eight & 0x8080808080808080ULL) == 0) {
      at += 8;
    } else if (static_cast<signed char>(*at) >= 0) {
      ++at;
    } else {
      at = SkipSequence(at, end);
      if (at == nullptr) {
        return false;
      }
    }
  }
  return true;
}

[[gnu::always_inline]] inline bool IsUtf8(std::string_view text) {
  return IsAscii(text) || IsUtf8BeyondAscii(text);
}

/// Takes one code point off the front of a text that is not empty; absent, and nothing taken, when it does not begin with one.
inline std::optional<char32_t> TakeCodePoint(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) {
    text.remove_prefix(1);
    return lead;
  }
  const char* const end = SkipSequence(text.data(), text.data() + text.size());
  if (end == nullptr) {
    return std::nullopt;
  }
  const auto length = static_cast<std::size_t>(end - text.data());
  char32_t code = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    code = code << 6U | (static_cast<unsigned char>(text[i]) & 0x3fU);
  }
  text.remove_prefix(length);
  return code;
}

/// Writes U+`code`, which is no surrogate; how many bytes that took: at most 4.
inline std::size_t WriteUtf8(std::uint32_t code, char* out) {
  if (code < 0x80) {
    out[0] = static_cast<char>(code);
    return 1;
  }
  if (code < 0x800) {
    out[0] = static_cast<char>(0xc0 | code >> 6);
    out[1] = static_cast<char>(0x80 | (code & 0x3f));
    return 2;
  }
  if (code < 0x10000) {
    out[0] = static_cast<char>(0xe0 | code >> 12);
    out[1] = static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out[2] = static_cast<char>(0x80 | (code & 0x3f));
    return 3;
  }
  out[0] = static_cast<char>(0xf0 | code >> 18);
  out[1] = static_cast<char>(0x80 | (code >> 12 & 0x3f));
  out[2] = static_cast<char>(0x80 | (code >> 6 & 0x3f));
  out[3] = static_cast<char>(0x80 | (code & 0x3f));
  return 4;
}

}  // namespace streampark::base
