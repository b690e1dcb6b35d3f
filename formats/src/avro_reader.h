// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
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
  explicit AvroCursor(std::string_view bytes) : rest_(bytes) {}

  bool failed() const { return failed_; }
  std::size_t left() const { return rest_.size(); }

  /// A zigzag varint.
  std::int64_t Long() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) {
        break;
      }
      const auto byte = static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if ((byte & 0x80U) == 0) {
        return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
      }
    }
    failed_ = true;
    return 0;
  }
  std::string_view Raw(std::size_t count) {
    if (failed_ || count > rest_.size()) {
      failed_ = true;
      return {};
    }
    const std::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }
  /// A length and so many bytes.
  std::string_view Bytes() {
    const std::int64_t size = Long();
    if (size < 0) {
      failed_ = true;
    }
    return Raw(static_cast<std::size_t>(size));
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
  void Fail() { failed_ = true; }

 private:
  std::string_view rest_;
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
  struct Plan {
    AvroTypePtr from;
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

  void Read(AvroCursor& in, const Plan& plan, connectors::ColumnBuilder* column);
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
