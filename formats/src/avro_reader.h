// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/formats/format.h"

#include "avro_schema.h"

namespace streampark::formats {

/// Avro's binary encoding, front to back. A read past the end makes it failed; it gives zeros and empty texts from then
/// on.
class AvroCursor {
 public:
  explicit AvroCursor(std::string_view bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool failed() const { return failed_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  /// A zigzag varint.
  [[gnu::always_inline]] std::int64_t Long() {
    if (left() < 8) [[unlikely]] {
      return LongNearTheEnd();
    }
    // All seven-bit groups of up to eight bytes at once; `ends` has the top bit of each byte that ends a number.
    std::uint64_t word = 0;
    std::memcpy(&word, at_, sizeof word);
    const std::uint64_t ends = ~word & 0x8080808080808080ULL;
    if (ends == 0) [[unlikely]] {
      return LongNearTheEnd();
    }
    at_ += (static_cast<unsigned>(std::countr_zero(ends)) + 1) / 8;
    word &= (ends ^ (ends - 1)) & 0x7f7f7f7f7f7f7f7fULL;
    word = (word & 0x007f007f007f007fULL) | (word & 0x7f007f007f007f00ULL) >> 1;
    word = (word & 0x00003fff00003fffULL) | (word & 0x3fff00003fff0000ULL) >> 2;
    word = (word & 0x000000000fffffffULL) | (word & 0x0fffffff00000000ULL) >> 4;
    return FromZigzag(word);
  }
  /// The same where it most often is one byte: a length, a branch of a union.
  [[gnu::always_inline]] std::int64_t ShortLong() {
    if (at_ != end_ && static_cast<signed char>(*at_) >= 0) [[likely]] {
      return FromZigzag(static_cast<std::uint8_t>(*at_++));
    }
    return Long();
  }
  [[gnu::always_inline]] std::string_view Raw(std::size_t count) {
    if (count > left()) [[unlikely]] {
      Fail();
      return {};
    }
    const std::string_view bytes(at_, count);
    at_ += count;
    return bytes;
  }
  /// A length and so many bytes.
  [[gnu::always_inline]] std::string_view Bytes() {
    // A negative one is larger than what is left, too.
    return Raw(static_cast<std::size_t>(ShortLong()));
  }
  template <typename T>
  T Fixed() {
    T value{};
    const std::string_view bytes = Raw(sizeof(T));
    if (!bytes.empty()) {
      std::memcpy(&value, bytes.data(), sizeof(T));
    }
    return value;
  }
  void Fail() {
    failed_ = true;
    at_ = end_;
  }

 private:
  static std::int64_t FromZigzag(std::uint64_t value) {
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
  }
  [[gnu::noinline]] std::int64_t LongNearTheEnd() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(*at_++);
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if ((byte & 0x80U) == 0) {
        return FromZigzag(value);
      }
    }
    Fail();
    return 0;
  }

  const char* at_;
  const char* end_;
  bool failed_ = false;
};

/// Data of a writer's schema to rows of ours: fields by name, what is not wanted is skipped, numbers are widened
/// where nothing is lost.
class AvroRows {
 public:
  /// VALIDATION_FAILED names the column that cannot be read from this schema.
  static base::Result<AvroRows> Make(AvroTypePtr writer, const connectors::Schema& schema);

  enum class Outcome : std::uint8_t { kRow, kRefused, kBroken };
  /// Reads one datum and ends its row, unless it is refused: its values do not fit, and the next one can be read.
  /// Broken: the bytes are no such datum, and nothing after them can be read.
  enum class Rest : std::uint8_t { kNextRow, kRefused };
  Outcome ReadRow(AvroCursor& in, BatchBuilder& rows, Rest rest = Rest::kNextRow);
  const std::string& refusal() const { return refusal_; }

 private:
  /// What is to be done with a value, where nothing more has to be known than that; else kByType.
  enum class Action : std::uint8_t {
    kByType,
    kSkipNull,
    kSkipLong,
    kSkipBytes,
    kLong,
    kMillis,
    kText,
    kRecord,
    kUnion
  };
  struct Plan {
    AvroTypePtr from;
    Action action = Action::kByType;
    bool wanted = false;  // else it is skipped
    bool fits = true;     // of a branch: whether its value has a place in the column
    bool required = false;
    std::string name;
    std::vector<Plan> children;       // as those of `from`
    std::vector<int> target;          // of a record's field the column, or -1
    std::vector<std::size_t> absent;  // columns that the record lacks
  };
  AvroRows() = default;
  static Plan Skipping(AvroTypePtr from);
  static base::Result<Plan> Resolve(AvroTypePtr from, const connectors::Field& to);
  static base::Status ResolveRecord(const std::vector<connectors::Field>& fields, Plan& plan);

  static Action ActionOf(const AvroType& from, const connectors::Field& to);
  bool ReadSimple(AvroCursor& in, const Plan& plan, connectors::ColumnBuilder* column);
  void Read(AvroCursor& in, const Plan& plan, connectors::ColumnBuilder* column);
  void ReadByType(AvroCursor& in, const Plan& plan, connectors::ColumnBuilder* column);
  void ReadRecord(AvroCursor& in, const Plan& plan, connectors::ColumnBuilder* column);
  void ReadBlocks(AvroCursor& in, const Plan& plan, connectors::ColumnBuilder* column);
  void ReadUnion(AvroCursor& in, const Plan& plan, connectors::ColumnBuilder* column);
  void AppendWhole(std::int64_t value, const Plan& plan, connectors::ColumnBuilder& column);
  void AppendText(std::string_view text, const Plan& plan, connectors::ColumnBuilder& column);
  void AppendDecimal(std::string_view bytes, const Plan& plan, connectors::ColumnBuilder& column);
  void Refuse(const Plan& plan, std::string_view why, connectors::ColumnBuilder& column);

  Plan root_;
  std::string refusal_;
  std::int64_t elements_left_ = 0;
};

}  // namespace streampark::formats
