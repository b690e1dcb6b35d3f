// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/sql/key_text.h"

#include "streampark/connectors/value_text.h"

namespace streampark::connectors::sql {

bool CanBeKey(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kInt8:
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
    case TypeKind::kDecimal:
    case TypeKind::kString:
    case TypeKind::kBytes:
    case TypeKind::kDate:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return true;
    default:
      return false;
  }
}

std::string KeyText(const Column& column, std::int64_t row) {
  std::string text;
  switch (column.type.kind()) {
    case TypeKind::kInt8:
      return std::to_string(column.value<std::int8_t>(row));
    case TypeKind::kInt16:
      return std::to_string(column.value<std::int16_t>(row));
    case TypeKind::kInt32:
      return std::to_string(column.value<std::int32_t>(row));
    case TypeKind::kInt64:
      return std::to_string(column.value<std::int64_t>(row));
    case TypeKind::kDecimal:
      AppendDecimal(column.value<Int128>(row), column.type.scale(), text);
      return text;
    case TypeKind::kString:
      return std::string(column.text(row));
    case TypeKind::kBytes:
      for (const char byte : column.text(row)) {
        constexpr char kDigits[] = "0123456789abcdef";
        text.push_back(kDigits[static_cast<unsigned char>(byte) >> 4U]);
        text.push_back(kDigits[static_cast<unsigned char>(byte) & 0xfU]);
      }
      return text;
    case TypeKind::kDate:
      AppendDate(column.value<std::int32_t>(row), text);
      return text;
    case TypeKind::kTime:
      AppendTime(column.value<std::int64_t>(row), text);
      return text;
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      AppendTimestamp(column.value<std::int64_t>(row), ' ', text);
      return text;
    default:
      SP_CHECK(false);
  }
}

}  // namespace streampark::connectors::sql
