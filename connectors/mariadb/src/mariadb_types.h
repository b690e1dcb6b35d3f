// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "streampark/connectors/sql/native_column.h"

#include "libmariadb.h"

namespace streampark::connectors::mariadb {

/// A column's type as a session tells it; `NativeColumn::code` has the first three, `modifier` the decimals.
struct WireType {
  enum_field_types type = MYSQL_TYPE_STRING;
  bool is_unsigned = false;
  bool is_binary = false;  // texts of the character set `binary`
  int decimals = 0;        // of numbers and of seconds

  static WireType Of(const MYSQL_FIELD& field);
  static WireType Of(const sql::NativeColumn& column);
  std::uint32_t code() const;

  bool is_whole() const;
  bool is_text() const;
};

/// What a field of a result becomes; native, natural and what else follows from the field alone. See the README's table.
sql::NativeColumn ColumnOf(const MYSQL_FIELD& field);

/// Whether values of that type are read as `wanted`.
bool CanRead(const WireType& from, const Type& wanted);
/// Whether values of `type` are written to such a column.
bool CanWrite(const WireType& to, const Type& type);

}  // namespace streampark::connectors::mariadb
