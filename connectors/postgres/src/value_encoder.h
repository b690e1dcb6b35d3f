// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "streampark/connectors/batch.h"
#include "streampark/connectors/value_text.h"

namespace streampark::connectors::postgres {

/// Writes values of a column in the binary form of one of the server's types. What the server would round, cut or refuse by the type alone is
/// refused here.
class ValueEncoder {
 public:
  /// Absent when no value of `type` is one of that type of the server's.
  static std::optional<ValueEncoder> Make(std::uint32_t oid, std::int32_t modifier,
                                          const Type& type);

  /// Appends the value's length and its bytes, or the length of null. Why it does not fit; then what was appended is of no use.
  std::optional<std::string> AppendField(const Column& column, std::int64_t row,
                                         std::string& out) const;
  /// Appends the value's bytes. Why it does not fit; then what was appended is of no use.
  std::optional<std::string> Append(const Column& column, std::int64_t row, std::string& out) const;

 private:
  ValueEncoder(std::uint32_t oid, std::int32_t modifier) : oid_(oid), modifier_(modifier) {}

  std::optional<std::string> AppendWhole(std::int64_t value, std::string& out) const;
  std::optional<std::string> AppendText(std::string_view text, std::string& out) const;
  std::optional<std::string> AppendDecimal(Int128 unscaled, int scale, std::string& out) const;
  std::optional<std::string> AppendMicros(std::int64_t micros, std::string& out) const;
  std::optional<std::string> AppendArray(const Column& column, std::int64_t row,
                                         std::string& out) const;

  std::optional<std::string> AppendOther(const Column& column, std::int64_t row,
                                         std::string& out) const;

  /// A value of a column of the same width as the type is its bytes, turned round.
  enum class Way : std::uint8_t { kOther, kTwo, kFour, kEight, kDays };

  std::uint32_t oid_;
  std::int32_t modifier_;
  Way way_ = Way::kOther;
};

}  // namespace streampark::connectors::postgres
