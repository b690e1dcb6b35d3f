// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "streampark/connectors/batch_builder.h"

namespace streampark::connectors::postgres {

/// Reads values of one type of the server's, in binary, into a column.
class ValueDecoder {
 public:
  /// Absent when values of that type are not read as `type`: then the select has to cast.
  static std::optional<ValueDecoder> Make(std::uint32_t oid, const Type& type);

  /// Why it is no value of the column's type; then nothing is appended.
  std::optional<std::string> Append(std::string_view bytes, ColumnBuilder& column) const;

 private:
  ValueDecoder(std::uint32_t oid, const Type& type);
  std::optional<std::string> AppendArray(std::string_view bytes, ColumnBuilder& column) const;

  std::uint32_t oid_;
  std::uint32_t element_;  // of an array; else 0
  std::size_t width_;      // of a value of fixed width; else 0
  Type type_;
};

}  // namespace streampark::connectors::postgres
