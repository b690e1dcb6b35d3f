// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "streampark/core/record.h"

/// Which key group a key belongs to. The groups are part of every savepoint, so nothing here ever changes, and none of it
/// depends on a platform or on the standard library's hash.
///
/// - An integer, enum, bool, date or instant hashes as its 64 bits, sign-extended: a key that is widened keeps its group.
///   A float or double hashes as a double, -0 as 0.
/// - A string hashes as its bytes. A record or pair folds its fields in order; an absent optional is one fixed value.
/// - The fold is wyhash's (https://github.com/wangyi-fudan/wyhash, public domain): a product of 128 bits, halves xored.
/// - The group is Flink's: murmur over the 32-bit hash, modulo the number of groups
///   (org.apache.flink.runtime.state.KeyGroupRangeAssignment).
namespace streampark::core {

inline std::uint64_t FoldHash(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a ^ 0xa0761d6478bd642fULL) * (b ^ 0xe7037ed1a0b428dbULL);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline std::uint64_t HashBytes(std::string_view bytes) {
  std::uint64_t hash = bytes.size();
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    hash = FoldHash(hash, word);
    bytes.remove_prefix(8);
  }
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data(), bytes.size());
  return FoldHash(hash, word);
}

template <typename K>
std::uint64_t HashKey(const K& key);

namespace detail {
template <typename T>
constexpr bool kIsOptional = false;
template <typename T>
constexpr bool kIsOptional<std::optional<T>> = true;
template <typename T>
constexpr bool kIsTuple = false;
template <typename... T>
constexpr bool kIsTuple<std::tuple<T...>> = true;
template <typename A, typename B>
constexpr bool kIsTuple<std::pair<A, B>> = true;
template <typename T>
constexpr bool kIsTimePoint = false;
template <typename C, typename D>
constexpr bool kIsTimePoint<std::chrono::time_point<C, D>> = true;
}  // namespace detail

template <typename K>
std::uint64_t HashKey(const K& key) {
  if constexpr (std::is_enum_v<K> || std::integral<K>) {
    return FoldHash(8, static_cast<std::uint64_t>(static_cast<std::int64_t>(key)));
  } else if constexpr (std::floating_point<K>) {
    const double wide = key == K{0} ? 0.0 : static_cast<double>(key);
    std::uint64_t bits = 0;
    std::memcpy(&bits, &wide, 8);
    return FoldHash(8, bits);
  } else if constexpr (detail::kIsTimePoint<K>) {
    return HashKey(static_cast<std::int64_t>(key.time_since_epoch().count()));
  } else if constexpr (std::convertible_to<const K&, std::string_view>) {
    return HashBytes(key);
  } else if constexpr (detail::kIsOptional<K>) {
    return key ? FoldHash(1, HashKey(*key)) : FoldHash(0, 0);
  } else if constexpr (detail::kIsTuple<K>) {
    std::uint64_t hash = 0;
    std::apply([&](const auto&... field) { ((hash = FoldHash(hash, HashKey(field))), ...); }, key);
    return hash;
  } else {
    static_assert(Record<K>,
                  "a key is an integer, a string, a bool, an enum, an instant, a double, a "
                  "std::pair or std::tuple of those, or a "
                  "struct with SP_RECORD");
    std::uint64_t hash = 0;
    ForEachField<K>([&](const auto& field) { hash = FoldHash(hash, HashKey(key.*field.member)); });
    return hash;
  }
}

/// Flink's MathUtils.murmurHash of one 32-bit value, made non-negative.
inline std::uint32_t FlinkMurmur(std::uint32_t code) {
  code *= 0xcc9e2d51U;
  code = (code << 15) | (code >> 17);
  code *= 0x1b873593U;
  code = (code << 13) | (code >> 19);
  code = code * 5 + 0xe6546b64U;
  code ^= 4;
  code ^= code >> 16;
  code *= 0x85ebca6bU;
  code ^= code >> 13;
  code *= 0xc2b2ae35U;
  code ^= code >> 16;
  const auto signed_code = static_cast<std::int32_t>(code);
  if (signed_code >= 0) {
    return code;
  }
  return signed_code != INT32_MIN ? static_cast<std::uint32_t>(-signed_code) : 0;
}

/// 0 ≤ group < groups.
inline int KeyGroupOf(std::uint64_t hash, int groups) {
  const auto code = static_cast<std::uint32_t>(hash ^ (hash >> 32));
  return static_cast<int>(FlinkMurmur(code) % static_cast<std::uint32_t>(groups));
}
/// The subtask that a group belongs to at this parallelism, as on Flink.
inline int SubtaskOf(int group, int groups, int parallelism) {
  return group * parallelism / groups;
}

/// Key groups [first, last) of one subtask, as on Flink.
struct KeyGroupRange {
  int first = 0;
  int last = 0;
  bool Contains(int group) const { return group >= first && group < last; }
};
inline KeyGroupRange KeyGroupsOf(int subtask, int groups, int parallelism) {
  return {(subtask * groups + parallelism - 1) / parallelism,
          ((subtask + 1) * groups + parallelism - 1) / parallelism};
}

}  // namespace streampark::core
