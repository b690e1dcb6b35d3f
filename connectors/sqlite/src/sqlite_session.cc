// SPDX-License-Identifier: Apache-2.0
#include "sqlite_session.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>

#include "sqlite_dialect.h"
#include "sqlite_rows.h"

namespace streampark::connectors::sqlite {
namespace {

using base::ErrorCode;
using sql::Dialect;
using sql::Names;
using sql::NativeColumn;
using sql::TableName;
using sql::TextRow;

constexpr int kWaitMillis = 30'000;

ErrorCode CodeOf(int code, std::string_view message) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_PROTOCOL:
      return ErrorCode::kIoError;
    case SQLITE_FULL:
      return ErrorCode::kStorageFull;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
      return ErrorCode::kValidationFailed;
    case SQLITE_CANTOPEN:
      return ErrorCode::kNotFound;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
      return ErrorCode::kForbidden;
    default:
      return message.starts_with("no such table") ? ErrorCode::kNotFound
                                                  : ErrorCode::kInvalidRequest;
  }
}

std::string SchemaOf(const TableName& table) {
  return table.schema.empty() ? "main" : table.schema;
}

/// `DECIMAL(10, 2)`: the two numbers of a declared type.
std::optional<std::pair<int, int>> NumbersOf(const std::string& declared) {
  const auto open = declared.find('(');
  if (open == std::string::npos) {
    return std::nullopt;
  }
  int precision = 0;
  int scale = 0;
  const char* const end = declared.data() + declared.size();
  auto at = std::from_chars(declared.data() + open + 1, end, precision).ptr;
  while (at != end && (*at == ',' || *at == ' ')) {
    ++at;
  }
  std::from_chars(at, end, scale);
  return std::pair(precision, scale);
}

/// By what people mean with a declared type, then by SQLite's own rules of affinity.
Type NaturalOf(const std::string& native) {
  std::string declared = native;
  std::ranges::transform(declared, declared.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const auto has = [&](const char* word) { return declared.find(word) != std::string::npos; };
  if (declared.starts_with("TIMESTAMPTZ")) {
    return TypeKind::kTimestampTz;
  }
  if (declared.starts_with("TIMESTAMP") || declared.starts_with("DATETIME")) {
    return TypeKind::kTimestamp;
  }
  if (declared.starts_with("DATE")) {
    return TypeKind::kDate;
  }
  if (declared.starts_with("TIME")) {
    return TypeKind::kTime;
  }
  if (declared.starts_with("BOOL")) {
    return TypeKind::kBoolean;
  }
  if (has("INT")) {
    return TypeKind::kInt64;
  }
  if (has("CHAR") || has("CLOB") || has("TEXT") || declared.empty()) {
    return TypeKind::kString;
  }
  if (has("BLOB") || has("BINARY")) {
    return TypeKind::kBytes;
  }
  if (has("REAL") || has("FLOA") || has("DOUB")) {
    return TypeKind::kFloat64;
  }
  if (const auto numbers = NumbersOf(declared); numbers && numbers->first >= 1 &&
                                                numbers->first <= 38 && numbers->second >= 0 &&
                                                numbers->second <= numbers->first) {
    return Type::Decimal(numbers->first, numbers->second);
  }
  return TypeKind::kString;
}

/// Texts of a column with NUMERIC affinity: a number that is written in full.
bool HoldsNumbers(std::string_view declared, TypeKind kind) {
  return kind == TypeKind::kString &&
         (declared.starts_with("NUMERIC") || declared.starts_with("DECIMAL") ||
          declared.starts_with("numeric") || declared.starts_with("decimal"));
}

Names ColumnOf(const std::vector<TextRow>& rows, std::size_t column) {
  Names names;
  for (const TextRow& row : rows) {
    names.push_back(row.at(column).value_or(""));
  }
  return names;
}

}  // namespace

base::Error ErrorOf(sqlite3* database) {
  const std::string message = sqlite3_errmsg(database);
  const int code = sqlite3_extended_errcode(database);
  const ErrorCode ours = CodeOf(code, message);
  return base::Error(ours, message)
      .WithCause("SQLite " + std::to_string(code))
      .WithHint((code & 0xff) == SQLITE_BUSY ? "another process writes to the file" : "");
}

base::Result<StatementHandle> Prepare(sqlite3* database, const std::string& statement) {
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(database, statement.data(), static_cast<int>(statement.size()), &prepared,
                         nullptr) != SQLITE_OK) {
    return ErrorOf(database);
  }
  return StatementHandle(prepared);
}

base::Result<std::unique_ptr<SqliteSession>> SqliteSession::Connect(const sql::Address& address) {
  sqlite3* opened = nullptr;
  const int status =
      sqlite3_open_v2(address.database.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
  DatabaseHandle database(opened);
  if (status != SQLITE_OK) {
    base::Error refused = ErrorOf(opened);
    return status == SQLITE_CANTOPEN
               ? std::move(refused).WithHint(
                     "the file has to be there, and writable: an empty one will do")
               : refused;
  }
  sqlite3_busy_timeout(opened, kWaitMillis);
  return std::unique_ptr<SqliteSession>(new SqliteSession(std::move(database)));
}

base::Status SqliteSession::Execute(const std::string& statement) {
  SP_TRY(Query(statement));
  return base::Ok();
}

base::Result<std::vector<TextRow>> SqliteSession::Query(const std::string& query) {
  const auto statement = SP_TRY(Prepare(database_.get(), query));
  std::vector<TextRow> rows;
  for (;;) {
    const int step = sqlite3_step(statement.get());
    if (step == SQLITE_DONE) {
      return rows;
    }
    if (step != SQLITE_ROW) {
      return ErrorOf(database_.get());
    }
    TextRow& row = rows.emplace_back();
    for (int i = 0; i < sqlite3_column_count(statement.get()); ++i) {
      auto& value = row.emplace_back();
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement.get(), i));
      if (text != nullptr) {
        value.emplace(text, static_cast<std::size_t>(sqlite3_column_bytes(statement.get(), i)));
      }
    }
  }
}

base::Result<std::vector<NativeColumn>> SqliteSession::Describe(const std::string& select) {
  const auto statement = SP_TRY(Prepare(database_.get(), select));
  std::vector<NativeColumn> columns;
  for (int i = 0; i < sqlite3_column_count(statement.get()); ++i) {
    NativeColumn& column = columns.emplace_back();
    column.name = sqlite3_column_name(statement.get(), i);
    const char* declared = sqlite3_column_decltype(statement.get(), i);
    column.native = declared != nullptr ? declared : "";
    column.natural = NaturalOf(column.native);
    column.code = declared != nullptr ? 1 : 0;
    const char* table = sqlite3_column_table_name(statement.get(), i);
    const char* origin = sqlite3_column_origin_name(statement.get(), i);
    const TypeKind kind = column.natural->kind();
    const char* collation = "BINARY";
    int required = 0;
    int key = 0;
    if (table != nullptr && origin != nullptr &&
        sqlite3_table_column_metadata(
            database_.get(), sqlite3_column_database_name(statement.get(), i), table, origin,
            nullptr, &collation, &required, &key, nullptr) == SQLITE_OK &&
        (required != 0 || (key != 0 && kind == TypeKind::kInt64))) {
      column.nullability = Nullability::kRequired;
    }
    column.texts = HoldsNumbers(column.native, kind) ? TextKind::kNumber : TextKind::kPlain;
    if (kind == TypeKind::kInt64) {
      column.sorting = "number";
    } else if (kind == TypeKind::kBytes) {
      column.sorting = "bytes";
    } else if (kind == TypeKind::kString && column.texts == TextKind::kPlain) {
      column.sorting =
          std::string_view(collation) == "BINARY" ? "utf-8" : "sqlite " + std::string(collation);
    }
  }
  return columns;
}

base::Result<Names> SqliteSession::PrimaryKey(const TableName& table) {
  return ColumnOf(
      SP_TRY(Query("SELECT name FROM pragma_table_info(" + Dialect::QuoteText(table.table) + ", " +
                   Dialect::QuoteText(SchemaOf(table)) + ") WHERE pk > 0 ORDER BY pk")),
      0);
}

base::Result<std::vector<Names>> SqliteSession::UniqueKeys(const TableName& table) {
  std::vector<Names> keys = {SP_TRY(PrimaryKey(table))};
  const std::string schema = Dialect::QuoteText(SchemaOf(table));
  const auto indexes =
      SP_TRY(Query("SELECT name FROM pragma_index_list(" + Dialect::QuoteText(table.table) + ", " +
                   schema + ") WHERE \"unique\" = 1 AND partial = 0"));
  for (const TextRow& index : indexes) {
    keys.push_back(ColumnOf(SP_TRY(Query("SELECT name FROM pragma_index_info(" +
                                         Dialect::QuoteText(index.at(0).value_or("")) + ", " +
                                         schema + ") ORDER BY seqno")),
                            0));
  }
  return keys;
}

base::Result<std::optional<std::int64_t>> SqliteSession::EstimateRows(const TableName& /*table*/) {
  return std::optional<std::int64_t>();
}

base::Result<std::vector<TableName>> SqliteSession::Tables() {
  std::vector<TableName> tables;
  for (TextRow& row : SP_TRY(Query("SELECT 'main', name FROM main.sqlite_master WHERE type = "
                                   "'table' AND substr(name, 1, 7) <> "
                                   "'sqlite_'"))) {
    tables.push_back({row.at(0).value_or(""), row.at(1).value_or("")});
  }
  return tables;
}

base::Result<std::string> SqliteSession::OwnSchema() {
  const auto rows = SP_TRY(Query("SELECT 'main'"));
  return rows.empty() ? std::string() : rows[0].at(0).value_or("");
}

base::Result<Names> SqliteSession::TablesLike(const std::string& schema,
                                              const std::string& prefix) {
  return ColumnOf(
      SP_TRY(Query("SELECT name FROM " + SqliteDialect().Quote(SchemaOf({schema, ""})) +
                   ".sqlite_master WHERE type = 'table' AND substr(name, 1, " +
                   std::to_string(prefix.size()) + ") = " + Dialect::QuoteText(prefix))),
      0);
}

base::Status SqliteSession::BeginReading(const std::string& /*snapshot*/) {
  return Execute("BEGIN");
}

base::Status SqliteSession::EndReading() { return Execute("COMMIT"); }

base::Result<std::unique_ptr<sql::RowStream>> SqliteSession::Stream(const std::string& select,
                                                                    const SchemaPtr& schema) {
  return MakeRowStream(database_.get(), SP_TRY(Prepare(database_.get(), select)), schema);
}

base::Result<std::unique_ptr<sql::Loader>> SqliteSession::Load(const sql::LoadTarget& target,
                                                               const SchemaPtr& schema) {
  return MakeRowLoader(database_.get(), target, schema);
}

}  // namespace streampark::connectors::sqlite
