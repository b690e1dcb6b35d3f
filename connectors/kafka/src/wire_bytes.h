// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Kafka's protocol as bytes (https://kafka.apache.org/protocol): numbers are big-endian; "compact" is the newer form of texts and arrays, whose
/// length is one more than it says, as a varint, and "tags" are fields that nobody here knows.
namespace streampark::connectors::kafka {

class WireWriter {
 public:
  template <std::signed_integral Whole>
  WireWriter& Number(Whole value) {
    for (int shift = static_cast<int>(sizeof(Whole) - 1) * 8; shift >= 0; shift -= 8) {
      bytes_.push_back(static_cast<char>(value >> shift));
    }
    return *this;
  }
  WireWriter& Text(std::string_view text) {
    Number(static_cast<std::int16_t>(text.size()));
    bytes_.append(text);
    return *this;
  }
  WireWriter& Bytes(std::string_view bytes) {
    Number(static_cast<std::int32_t>(bytes.size()));
    bytes_.append(bytes);
    return *this;
  }
  WireWriter& Varint(std::uint32_t value) {
    for (; value >= 0x80; value >>= 7) {
      bytes_.push_back(static_cast<char>(value | 0x80));
    }
    bytes_.push_back(static_cast<char>(value));
    return *this;
  }
  WireWriter& CompactCount(std::size_t count) {
    return Varint(static_cast<std::uint32_t>(count + 1));
  }
  WireWriter& CompactText(std::string_view text) {
    CompactCount(text.size());
    bytes_.append(text);
    return *this;
  }
  WireWriter& NoTags() { return Varint(0); }

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Reads an answer. What does not fit makes it failed, and gives zeros and empty texts from then on.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  template <std::signed_integral Whole>
  Whole Number() {
    std::uint64_t value = 0;
    for (const char byte : Take(sizeof(Whole))) {
      value = value << 8 | static_cast<std::uint8_t>(byte);
    }
    return static_cast<Whole>(value);
  }
  /// Empty also for null.
  std::string_view Text() {
    const auto size = Number<std::int16_t>();
    return Take(size < 0 ? 0 : static_cast<std::size_t>(size));
  }
  std::string_view Bytes() {
    const auto size = Number<std::int32_t>();
    return Take(size < 0 ? 0 : static_cast<std::size_t>(size));
  }
  std::uint32_t Varint() {
    std::uint32_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      const std::string_view byte = Take(1);
      if (byte.empty()) {
        return 0;
      }
      value |= (static_cast<std::uint32_t>(byte[0]) & 0x7F) << shift;
      if ((byte[0] & 0x80) == 0) {
        return value;
      }
    }
    failed_ = true;
    return 0;
  }
  /// 0 also for null, and for more than the bytes that are left could hold.
  std::size_t CompactCount() {
    const std::uint32_t count = Varint();
    if (count > rest_.size() + 1) {
      failed_ = true;
    }
    return failed_ || count == 0 ? 0 : count - 1;
  }
  std::string_view CompactText() { return Take(CompactCount()); }
  void SkipTags() {
    for (std::uint32_t left = Varint(); left > 0 && !failed_; --left) {
      Varint();
      Take(Varint());
    }
  }

  bool failed() const { return failed_; }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view Take(std::size_t size) {
    if (failed_ || size > rest_.size()) {
      failed_ = true;
      return {};
    }
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace streampark::connectors::kafka
