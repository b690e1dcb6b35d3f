// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

/// Eight bytes at a time in a machine word (Mycroft's test for a zero byte): its lowest set bit is exact, the ones above
/// it need not be, and only the lowest is used.
namespace streampark::formats {

static_assert(std::endian::native == std::endian::little);

inline constexpr std::uint64_t kLowBits = 0x0101010101010101ULL;
inline constexpr std::uint64_t kHighBits = 0x8080808080808080ULL;

inline std::uint64_t LoadEight(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// High bits where `word` has a byte of zero.
inline std::uint64_t ZeroBytes(std::uint64_t word) { return (word - kLowBits) & ~word & kHighBits; }

/// High bits where `word` has the byte `c`.
inline std::uint64_t BytesEqual(std::uint64_t word, char c) {
  return ZeroBytes(word ^ (kLowBits * static_cast<unsigned char>(c)));
}

inline std::ptrdiff_t LowestByte(std::uint64_t mask) { return std::countr_zero(mask) >> 3; }

/// The first `a` or `b`, or the end.
inline const char* FindEither(const char* at, const char* end, char a, char b) {
  for (; end - at >= 8; at += 8) {
    const std::uint64_t word = LoadEight(at);
    const std::uint64_t found = BytesEqual(word, a) | BytesEqual(word, b);
    if (found != 0) {
      return at + LowestByte(found);
    }
  }
  while (at < end && *at != a && *at != b) {
    ++at;
  }
  return at;
}

}  // namespace streampark::formats
