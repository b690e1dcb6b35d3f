// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace streampark::connectors::postgres {

/// Numbers as PostgreSQL has them in binary: the greatest byte first.
template <std::integral T>
T FromWire(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  if constexpr (sizeof(T) == 2) {
    return static_cast<T>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
  } else if constexpr (sizeof(T) == 4) {
    return static_cast<T>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
  } else if constexpr (sizeof(T) == 8) {
    return static_cast<T>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
  } else {
    return value;
  }
}

template <std::integral T>
void AppendToWire(T value, std::string& out) {
  const T turned = FromWire<T>(reinterpret_cast<const char*>(&value));
  out.append(reinterpret_cast<const char*>(&turned), sizeof turned);
}

template <std::integral T>
void WriteToWire(T value, char* at) {
  const T turned = FromWire<T>(reinterpret_cast<const char*>(&value));
  std::memcpy(at, &turned, sizeof turned);
}

/// Takes numbers and bytes off the front. What is too short makes it failed, and gives zeros from then on.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  template <std::integral T>
  T Take() {
    const std::string_view bytes = Bytes(sizeof(T));
    return failed_ ? T{} : FromWire<T>(bytes.data());
  }
  std::string_view Bytes(std::size_t count) {
    if (failed_ || count > rest_.size()) {
      failed_ = true;
      return {};
    }
    const auto taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  /// Up to a zero byte, which is taken too.
  std::string_view Text() {
    const auto end = rest_.find('\0');
    if (end == std::string_view::npos) {
      failed_ = true;
      return {};
    }
    const auto text = Bytes(end);
    Bytes(1);
    return text;
  }

  bool failed() const { return failed_; }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

/// From the epoch, 1970, to PostgreSQL's, 2000.
inline constexpr std::int32_t kEpochDays = 10'957;
inline constexpr std::int64_t kEpochMicros = std::int64_t{kEpochDays} * 86'400'000'000;

}  // namespace streampark::connectors::postgres
