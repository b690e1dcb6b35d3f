// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/connectors/batch.h"
#include "streampark/connectors/comparable_source.h"

/// Rows of two systems as the same bytes when they are the same. What form a column's values get follows from all sides of it:
///
/// | one side, the other                     | form      | equal are                                                              |
/// |-----------------------------------------|-----------|------------------------------------------------------------------------|
/// | whole numbers or booleans               | kWhole    | the same number; true is 1                                             |
/// | decimals (or whole numbers), a scale that holds both | kDecimal | the same number, whatever zeros are at its end            |
/// | other numbers, or texts that hold them  | kNumber   | the same; a text that is no number (`NaN`) is itself                   |
/// | a float, any number                     | kFloat    | the same double; -0 is 0, NaN is NaN; what no double is, is a kNumber  |
/// | texts                                   | kText     | the same UTF-8, whatever the collation                                 |
/// | texts, one of them CHAR(n)              | kPadded   | the same but for spaces at the end                                     |
/// | texts, one of them a UUID               | kUuid     | the same hex digits, upper or lower, with or without dashes            |
/// | bytes                                   | kBytes    | the same                                                               |
/// | dates, times and instants, or their texts | kDate, kTime, kTimestamp | the same microsecond; a date is its midnight; a text that is none is itself |
/// | lists                                   | kList     | as many elements, each the same                                        |
/// | anything else                           | kShown    | shown the same                                                         |
///
/// Null is null alone: no empty text, no zero.
namespace streampark::pump {

/// What a column is on one side.
struct ColumnSide {
  connectors::Type type;
  connectors::TextKind texts = connectors::TextKind::kPlain;
};

class CanonicalColumn {
 public:
  enum class Form : std::uint8_t {
    kWhole,
    kDecimal,
    kNumber,
    kFloat,
    kText,
    kPadded,
    kUuid,
    kBytes,
    kDate,
    kTime,
    kTimestamp,
    kInstant,  // as kTimestamp, of texts with a zone
    kList,
    kShown,
  };

  /// `sides`: what the column is at each place that it is read from, at least one.
  explicit CanonicalColumn(const std::vector<ColumnSide>& sides);

  Form form() const { return form_; }
  /// Appends the value of a row of a column of either side, so that where it ends is known.
  void Append(const connectors::Column& column, std::int64_t row, std::string& out) const;

 private:
  void AppendValue(const connectors::Column& column, std::int64_t row, std::string& out) const;
  bool AppendTime(const connectors::Column& column, std::int64_t row, std::string& out) const;

  Form form_ = Form::kShown;
  int scale_ = 0;                          // of kDecimal
  std::vector<CanonicalColumn> elements_;  // of kList: one
};

/// `-12.50`, `1e3`: sign, digits without zeros at either end, power of ten: `-125e-1`; empty when it is no number.
std::string CanonicalNumber(std::string_view text);

}  // namespace streampark::pump
