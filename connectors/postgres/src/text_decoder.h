// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/sql/native_column.h"

namespace streampark::connectors::postgres {

/// Reads values of one column of the server's, as its log has them (the text of the type's output function in a session of ConnectTo), into
/// a column. What comes out, and what is refused in which words, is what a select gives (PostgresDialect::Reading and ValueDecoder).
class TextDecoder {
 public:
  /// VALIDATION_FAILED when such values are not read as `type`; it says as what they are.
  static base::Result<TextDecoder> Make(const sql::NativeColumn& column, const Type& type);

  /// Why it is no value of the column's type; then nothing is appended.
  std::optional<std::string> Append(std::string_view text, ColumnBuilder& column) const;

 private:
  TextDecoder(std::uint32_t oid, const Type& type) : oid_(oid), type_(type) {}
  std::optional<std::string> AppendText(std::string_view text, ColumnBuilder& column) const;
  std::optional<std::string> AppendArray(std::string_view text, ColumnBuilder& column) const;

  std::uint32_t oid_;
  Type type_;
};

}  // namespace streampark::connectors::postgres
