// SPDX-License-Identifier: Apache-2.0
#include "mariadb_dialect.h"

#include <algorithm>

#include "streampark/connectors/value_text.h"

#include "mariadb_types.h"

namespace streampark::connectors::mariadb {
namespace {

using sql::NativeColumn;

base::Error NoValue(const NativeColumn& column, std::string_view text) {
  return {base::ErrorCode::kSnapshotInvalid,
          "'" + std::string(text) + "' is no position in '" + column.name + "'"};
}

bool IsHex(std::string_view text) {
  return text.size() % 2 == 0 &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

}  // namespace

std::string MariadbDialect::Quote(std::string_view identifier) const {
  std::string quoted = "`";
  for (const char c : identifier) {
    quoted.append(c == '`' ? 2 : 1, c);
  }
  return quoted + "`";
}

base::Result<std::string> MariadbDialect::Literal(const NativeColumn& column,
                                                  std::string_view text) const {
  const Type& type = *column.natural;
  const std::string plain(text);
  switch (type.kind()) {
    case TypeKind::kInt8:
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
      return ParseDecimal(text, 20, 0) ? base::Result<std::string>(plain) : NoValue(column, text);
    case TypeKind::kDecimal:
      return ParseDecimal(text, 38, type.scale()) ? base::Result<std::string>(plain)
                                                  : NoValue(column, text);
    case TypeKind::kBytes:
      return IsHex(text) ? base::Result<std::string>("X'" + plain + "'") : NoValue(column, text);
    case TypeKind::kDate:
      return ParseDate(text) ? base::Result<std::string>("DATE'" + plain + "'")
                             : NoValue(column, text);
    case TypeKind::kTime:
      return ParseTime(text) ? base::Result<std::string>("TIME'" + plain + "'")
                             : NoValue(column, text);
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return ParseTimestamp(text) ? base::Result<std::string>("TIMESTAMP'" + plain + "'")
                                  : NoValue(column, text);
    case TypeKind::kString:
      return QuoteText(text);
    default:
      return NoValue(column, text);
  }
}

std::string MariadbDialect::KeyAsText(const NativeColumn& column) const {
  return column.natural->kind() == TypeKind::kBytes ? "LOWER(HEX(" + Quote(column.name) + "))"
                                                    : "CAST(" + Quote(column.name) + " AS CHAR)";
}

base::Result<std::string> MariadbDialect::Reading(const NativeColumn& column,
                                                  const Type& wanted) const {
  const WireType type = WireType::Of(column);
  if (CanRead(type, wanted)) {
    return Quote(column.name);
  }
  if (wanted.kind() == TypeKind::kString && column.natural &&
      column.natural->kind() != TypeKind::kBytes) {
    return "CAST(" + Quote(column.name) + " AS CHAR)";
  }
  return base::Error(base::ErrorCode::kValidationFailed,
                     "the column '" + column.name + "' has the type " + column.native +
                         ", which is not read as " + wanted.ToString())
      .WithHint(column.natural ? "it is " + column.natural->ToString() +
                                     "; for anything else cast it in a query"
                               : column.refusal);
}

std::string MariadbDialect::Skip(std::int64_t rows) const {
  return " LIMIT 18446744073709551615 OFFSET " + std::to_string(rows);
}

base::Result<std::string> MariadbDialect::TypeFor(const Type& type, KeyPart part) const {
  switch (type.kind()) {
    case TypeKind::kBoolean:
    case TypeKind::kInt8:
      return "tinyint";
    case TypeKind::kInt16:
      return "smallint";
    case TypeKind::kInt32:
      return "int";
    case TypeKind::kInt64:
      return "bigint";
    case TypeKind::kFloat32:
      return "float";
    case TypeKind::kFloat64:
      return "double";
    case TypeKind::kDecimal:
      return "decimal(" + std::to_string(type.precision()) + "," + std::to_string(type.scale()) +
             ")";
    case TypeKind::kString:
      // An index ends at 3072 bytes; equal is what is equal byte by byte.
      if (part == KeyPart::kUnique) {
        return "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin";
      }
      return part == KeyPart::kYes ? "varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
                                   : "longtext CHARACTER SET utf8mb4";
    case TypeKind::kBytes:
      return part == KeyPart::kYes ? "varbinary(255)" : "longblob";
    case TypeKind::kDate:
      return "date";
    case TypeKind::kTime:
      return "time(6)";
    case TypeKind::kTimestamp:
      return "datetime(6)";
    case TypeKind::kTimestampTz:
      return part == KeyPart::kYes ? "timestamp(6)" : "timestamp(6) NULL";
    case TypeKind::kList:
    case TypeKind::kMap:
    case TypeKind::kStruct:
      break;
  }
  return base::Error(base::ErrorCode::kValidationFailed,
                     "MariaDB has no column type for " + type.ToString())
      .WithHint("write it as STRING, in JSON");
}

std::string_view MariadbDialect::table_options() const {
  return " ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4";
}

std::string MariadbDialect::CreateTemporary(const std::string& table,
                                            const std::string& columns) const {
  return "CREATE TEMPORARY TABLE " + table + " (" + columns + ")" + std::string(table_options());
}

std::string MariadbDialect::OnConflictUpdate(const sql::Names& columns,
                                             const sql::Names& key) const {
  std::string sets;
  for (const std::string& column : columns) {
    if (std::ranges::find(key, column) == key.end()) {
      sets += (sets.empty() ? "" : ", ") + Quote(column) + " = VALUES(" + Quote(column) + ")";
    }
  }
  return " ON DUPLICATE KEY UPDATE " +
         (sets.empty() ? Quote(key[0]) + " = VALUES(" + Quote(key[0]) + ")" : sets);
}

std::string MariadbDialect::OnConflictIgnore(const std::string& target,
                                             const sql::Names& key) const {
  // Not INSERT IGNORE, which lets by what else is wrong with a row.
  const std::string own = target + "." + Quote(key[0]);
  return " ON DUPLICATE KEY UPDATE " + own + " = " + own;
}

std::string MariadbDialect::DeleteKeys(const std::string& target, const sql::Names& key,
                                       const std::string& keys) const {
  std::string statement = "DELETE streampark_t FROM " + target + " AS streampark_t JOIN (" + keys +
                          ") AS streampark_k ON ";
  for (std::size_t i = 0; i < key.size(); ++i) {
    statement += (i == 0 ? "" : " AND ") + ("streampark_t." + Quote(key[i])) + " = streampark_k." +
                 Quote(key[i]);
  }
  return statement;
}

}  // namespace streampark::connectors::mariadb
