// SPDX-License-Identifier: Apache-2.0
#include "postgres_dialect.h"

#include <algorithm>
#include <charconv>

#include "postgres_types.h"

namespace streampark::connectors::postgres {
namespace {

using sql::NativeColumn;

/// value_text.h counts years before the common era from 0 down and marks long ones with `+`; the server says BC and marks nothing.
std::string ServersYear(std::string_view text) {
  if (text.starts_with('+')) {
    return std::string(text.substr(1));
  }
  if (!text.starts_with('-')) {
    return text.starts_with("0000-") ? "0001" + std::string(text.substr(4)) + " BC"
                                     : std::string(text);
  }
  int year = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), year);
  if (error != std::errc()) {
    return std::string(text);
  }
  std::string shown = std::to_string(year + 1);
  shown.insert(0, shown.size() < 4 ? 4 - shown.size() : 0, '0');
  return shown + std::string(end, text.data() + text.size()) + " BC";
}

bool IsTime(const NativeColumn& column) {
  return column.code == kDate || column.code == kTimestamp || column.code == kTimestamptz;
}

int WidthOfWhole(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kInt16:
      return 2;
    case TypeKind::kInt32:
      return 4;
    case TypeKind::kInt64:
      return 8;
    default:
      return 0;
  }
}

}  // namespace

std::string PostgresDialect::Quote(std::string_view identifier) const {
  std::string quoted = "\"";
  for (const char c : identifier) {
    quoted.append(c == '"' ? 2 : 1, c);
  }
  return quoted + "\"";
}

base::Result<std::string> PostgresDialect::Literal(const NativeColumn& column,
                                                   std::string_view text) const {
  if (text.find('\0') != std::string_view::npos) {
    return base::Error(base::ErrorCode::kSnapshotInvalid,
                       "a position in '" + column.name + "' holds a zero byte");
  }
  if (column.code == kBytea) {
    return "decode(" + QuoteText(text) + ", 'hex')";
  }
  return QuoteText(IsTime(column) ? ServersYear(text) : std::string(text)) + "::" + column.native;
}

std::string PostgresDialect::KeyAsText(const NativeColumn& column) const {
  return column.code == kBytea ? "encode(" + Quote(column.name) + ", 'hex')"
                               : Quote(column.name) + "::text";
}

base::Result<std::string> PostgresDialect::Reading(const NativeColumn& column,
                                                   const Type& wanted) const {
  const std::string name = Quote(column.name);
  const Type& natural = *column.natural;
  if (wanted == natural || (column.code == kNumeric && wanted.kind() == TypeKind::kDecimal)) {
    return IsDecoded(column.code) ? name : name + "::text";
  }
  if (wanted.kind() == TypeKind::kString) {
    return name + "::text";
  }
  const int width = WidthOfWhole(natural);
  if (width > 0 && WidthOfWhole(wanted) > width) {
    return name + (WidthOfWhole(wanted) == 4 ? "::int4" : "::int8");
  }
  if (width > 0 && wanted.kind() == TypeKind::kDecimal) {
    return name + "::numeric";
  }
  if (wanted.kind() == TypeKind::kFloat64 &&
      (natural.kind() == TypeKind::kFloat32 || (width > 0 && width < 8))) {
    return name + "::float8";
  }
  if (wanted.kind() == TypeKind::kTimestamp && natural.kind() == TypeKind::kDate) {
    return name + "::timestamp";
  }
  return base::Error(base::ErrorCode::kValidationFailed,
                     "the column '" + column.name + "' has the type " + column.native +
                         ", which is not read as " + wanted.ToString())
      .WithHint("it is " + natural.ToString() +
                ", or STRING; for anything else cast it in a query");
}

std::string PostgresDialect::Skip(std::int64_t rows) const {
  return " OFFSET " + std::to_string(rows);
}

base::Result<std::string> PostgresDialect::TypeFor(const Type& type, KeyPart /*part*/) const {
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return "boolean";
    case TypeKind::kInt8:
    case TypeKind::kInt16:
      return "smallint";
    case TypeKind::kInt32:
      return "integer";
    case TypeKind::kInt64:
      return "bigint";
    case TypeKind::kFloat32:
      return "real";
    case TypeKind::kFloat64:
      return "double precision";
    case TypeKind::kDecimal:
      return "numeric(" + std::to_string(type.precision()) + "," + std::to_string(type.scale()) +
             ")";
    case TypeKind::kString:
      return "text";
    case TypeKind::kBytes:
      return "bytea";
    case TypeKind::kDate:
      return "date";
    case TypeKind::kTime:
      return "time";
    case TypeKind::kTimestamp:
      return "timestamp";
    case TypeKind::kTimestampTz:
      return "timestamptz";
    case TypeKind::kList:
      if (type.children()[0].type.kind() != TypeKind::kList) {
        return SP_TRY(TypeFor(type.children()[0].type, KeyPart::kNo)) + "[]";
      }
      break;
    case TypeKind::kMap:
    case TypeKind::kStruct:
      break;
  }
  return base::Error(base::ErrorCode::kValidationFailed,
                     "PostgreSQL has no column type for " + type.ToString())
      .WithHint("write it as STRING, in JSON");
}

std::string PostgresDialect::CreateTemporary(const std::string& table,
                                             const std::string& columns) const {
  return "CREATE TEMPORARY TABLE " + table + " (" + columns + ") ON COMMIT DELETE ROWS";
}

std::string PostgresDialect::OnConflictUpdate(const sql::Names& columns,
                                              const sql::Names& key) const {
  std::string sets;
  for (const std::string& column : columns) {
    if (std::find(key.begin(), key.end(), column) == key.end()) {
      sets += (sets.empty() ? "" : ", ") + Quote(column) + " = EXCLUDED." + Quote(column);
    }
  }
  return " ON CONFLICT (" + QuoteAll(key) + ") DO " +
         (sets.empty() ? "NOTHING" : "UPDATE SET " + sets);
}

std::string PostgresDialect::OnConflictIgnore(const std::string& /*target*/,
                                              const sql::Names& key) const {
  return " ON CONFLICT (" + QuoteAll(key) + ") DO NOTHING";
}

std::string PostgresDialect::Empty(const std::string& target) const {
  return "TRUNCATE TABLE " + target;
}

std::string PostgresDialect::DeleteKeys(const std::string& target, const sql::Names& key,
                                        const std::string& keys) const {
  std::string statement =
      "DELETE FROM " + target + " AS streampark_t USING (" + keys + ") AS streampark_k WHERE ";
  for (std::size_t i = 0; i < key.size(); ++i) {
    statement += (i == 0 ? "" : " AND ") + ("streampark_t." + Quote(key[i])) + " = streampark_k." +
                 Quote(key[i]);
  }
  return statement;
}

std::string PostgresDialect::BeginLoading() const {
  return "BEGIN; SET LOCAL synchronous_commit TO off";
}

std::string PostgresDialect::Begin() const {
  // Stronger settings of the server's stay.
  return "BEGIN; SELECT set_config('synchronous_commit', 'on', true) WHERE "
         "current_setting('synchronous_commit') = 'off'";
}

std::string PostgresDialect::Seal(const std::string& stage, std::string_view what) const {
  return "COMMENT ON TABLE " + stage + " IS " + QuoteText(what);
}

}  // namespace streampark::connectors::postgres
