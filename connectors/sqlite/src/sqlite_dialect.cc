// SPDX-License-Identifier: Apache-2.0
#include "sqlite_dialect.h"

#include <algorithm>

#include "streampark/connectors/value_text.h"

namespace streampark::connectors::sqlite {
namespace {

using sql::NativeColumn;

bool IsWholeKind(TypeKind kind) {
  return kind == TypeKind::kInt8 || kind == TypeKind::kInt16 || kind == TypeKind::kInt32 ||
         kind == TypeKind::kInt64;
}

/// Times and decimals are texts in the file.
bool IsTextInside(TypeKind kind) {
  return kind == TypeKind::kString || kind == TypeKind::kDecimal || kind == TypeKind::kDate ||
         kind == TypeKind::kTime || kind == TypeKind::kTimestamp || kind == TypeKind::kTimestampTz;
}

base::Error NoPosition(const NativeColumn& column, std::string_view text) {
  return {base::ErrorCode::kSnapshotInvalid,
          "'" + std::string(text) + "' is no position in '" + column.name + "'"};
}

}  // namespace

std::string SqliteDialect::Quote(std::string_view identifier) const {
  std::string quoted = "\"";
  for (const char c : identifier) {
    quoted.append(c == '"' ? 2 : 1, c);
  }
  return quoted + "\"";
}

base::Result<std::string> SqliteDialect::Literal(const NativeColumn& column,
                                                 std::string_view text) const {
  const TypeKind kind = column.natural->kind();
  if (IsWholeKind(kind)) {
    return ParseDecimal(text, 19, 0) ? base::Result<std::string>(std::string(text))
                                     : NoPosition(column, text);
  }
  if (kind == TypeKind::kBytes) {
    const bool hex = text.size() % 2 == 0 &&
                     text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    return hex ? base::Result<std::string>("x'" + std::string(text) + "'")
               : NoPosition(column, text);
  }
  return text.find('\0') == std::string_view::npos ? base::Result<std::string>(QuoteText(text))
                                                   : NoPosition(column, text);
}

std::string SqliteDialect::KeyAsText(const NativeColumn& column) const {
  return column.natural->kind() == TypeKind::kBytes ? "lower(hex(" + Quote(column.name) + "))"
                                                    : "CAST(" + Quote(column.name) + " AS TEXT)";
}

base::Result<std::string> SqliteDialect::Reading(const NativeColumn& column,
                                                 const Type& wanted) const {
  const TypeKind natural = column.natural->kind();
  const TypeKind kind = wanted.kind();
  const std::string name = Quote(column.name);
  if (wanted == *column.natural || (IsWholeKind(natural) && IsWholeKind(kind)) ||
      (IsTextInside(natural) && IsTextInside(kind)) ||
      (IsWholeKind(natural) && (kind == TypeKind::kBoolean || kind == TypeKind::kDecimal)) ||
      (natural == TypeKind::kFloat64 && kind == TypeKind::kFloat32)) {
    return name;
  }
  if (kind == TypeKind::kString && natural != TypeKind::kBytes) {
    return "CAST(" + name + " AS TEXT)";
  }
  return base::Error(base::ErrorCode::kValidationFailed,
                     "the column '" + column.name + "' is declared " + column.native +
                         ", which is not read as " + wanted.ToString())
      .WithHint("it is " + column.natural->ToString() + "; for anything else cast it in a query");
}

std::string SqliteDialect::Skip(std::int64_t rows) const {
  return " LIMIT -1 OFFSET " + std::to_string(rows);
}

base::Result<std::string> SqliteDialect::TypeFor(const Type& type, KeyPart /*part*/) const {
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return "BOOLEAN";
    case TypeKind::kInt8:
    case TypeKind::kInt16:
    case TypeKind::kInt32:
    case TypeKind::kInt64:
      return "INTEGER";
    case TypeKind::kFloat32:
    case TypeKind::kFloat64:
      return "REAL";
    case TypeKind::kBytes:
      return "BLOB";
    case TypeKind::kDecimal:  // exact: NUMERIC would make doubles of them
      return "TEXT";
    case TypeKind::kString:
      return "TEXT";
    case TypeKind::kDate:
      return "DATE_TEXT";
    case TypeKind::kTime:
      return "TIME_TEXT";
    case TypeKind::kTimestamp:
      return "TIMESTAMP_TEXT";
    case TypeKind::kTimestampTz:
      return "TIMESTAMPTZ_TEXT";
    case TypeKind::kList:
    case TypeKind::kMap:
    case TypeKind::kStruct:
      break;
  }
  return base::Error(base::ErrorCode::kValidationFailed,
                     "SQLite has no column type for " + type.ToString())
      .WithHint("write it as STRING, in JSON");
}

std::string SqliteDialect::OnConflictUpdate(const sql::Names& columns,
                                            const sql::Names& key) const {
  std::string sets;
  for (const std::string& column : columns) {
    if (std::ranges::find(key, column) == key.end()) {
      sets += (sets.empty() ? "" : ", ") + Quote(column) + " = excluded." + Quote(column);
    }
  }
  return " ON CONFLICT (" + QuoteAll(key) + ") DO " +
         (sets.empty() ? "NOTHING" : "UPDATE SET " + sets);
}

std::string SqliteDialect::OnConflictIgnore(const std::string& /*target*/,
                                            const sql::Names& key) const {
  return " ON CONFLICT (" + QuoteAll(key) + ") DO NOTHING";
}

std::string SqliteDialect::DeleteKeys(const std::string& target, const sql::Names& key,
                                      const std::string& keys) const {
  return "DELETE FROM " + target + " WHERE (" + QuoteAll(key) + ") IN (" + keys + ")";
}

}  // namespace streampark::connectors::sqlite
