// SPDX-License-Identifier: Apache-2.0
#include "streampark/store/connection.h"

#include <cerrno>

#include <sqlite3.h>

#include "streampark/base/check.h"

namespace streampark::store {
namespace {

base::ErrorCode CodeOf(int extended, int system_error) {
  const int primary = extended & 0xff;
  if (primary == SQLITE_FULL ||
      (primary == SQLITE_IOERR && (system_error == ENOSPC || system_error == EDQUOT))) {
    return base::ErrorCode::kStorageFull;
  }
  if (extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY) {
    return base::ErrorCode::kNameTaken;
  }
  return base::ErrorCode::kStorageFailed;
}

bool IsOfTheDisk(int extended) {
  const int primary = extended & 0xff;
  return primary == SQLITE_FULL || primary == SQLITE_IOERR || primary == SQLITE_READONLY ||
         primary == SQLITE_CANTOPEN;
}

}  // namespace

bool Row::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
std::int64_t Row::integer(int column) const { return sqlite3_column_int64(statement_, column); }
double Row::number(int column) const { return sqlite3_column_double(statement_, column); }

std::string_view Row::view(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return text == nullptr
             ? std::string_view()
             : std::string_view(text,
                                static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

std::optional<std::int64_t> Row::optional_integer(int column) const {
  return is_null(column) ? std::nullopt : std::optional(integer(column));
}
std::optional<std::string> Row::optional_text(int column) const {
  return is_null(column) ? std::nullopt : std::optional(text(column));
}
std::optional<base::Timestamp> Row::optional_time(int column) const {
  return is_null(column) ? std::nullopt : std::optional(time(column));
}

std::string Placeholders(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text.append(i == 0 ? "?" : ", ?");
  }
  return text;
}

std::string ContainsPattern(std::string_view part) {
  std::string pattern = "%";
  for (const char c : part) {
    if (c == '%' || c == '_' || c == '\\') {
      pattern.push_back('\\');
    }
    pattern.push_back(c);
  }
  pattern.push_back('%');
  return pattern;
}

Connection::Bound::~Bound() {
  if (statement != nullptr) {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
  }
}

base::Result<std::unique_ptr<Connection>> Connection::Open(const std::filesystem::path& file,
                                                           const Options& options) {
  sqlite3* handle = nullptr;
  const int flags =
      (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int opened = sqlite3_open_v2(file.c_str(), &handle, flags,
                                     options.vfs.empty() ? nullptr : options.vfs.c_str());
  std::unique_ptr<Connection> connection(new Connection(handle));
  if (opened != SQLITE_OK) {
    return connection->LastError("cannot open the database " + file.string());
  }
  sqlite3_busy_timeout(handle, static_cast<int>(options.busy_timeout.count()));
  // A quoted name that is no column must be an error, not a text.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  SP_TRY(connection->ExecuteScript(
      "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -" +
      std::to_string(options.cache_kib)));
  if (!options.read_only) {
    SP_TRY(connection->ExecuteScript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"));
  }
  return connection;
}

Connection::~Connection() {
  for (const auto& [sql, statement] : prepared_) {
    sqlite3_finalize(statement);
  }
  sqlite3_close(handle_);
}

base::Result<sqlite3_stmt*> Connection::Prepare(std::string_view sql) {
  if (const auto it = prepared_.find(sql); it != prepared_.end()) {
    // A statement is used by one loop at a time: a callback that runs the same one again is a
    // defect.
    SP_CHECK(sqlite3_stmt_busy(it->second) == 0);
    return it->second;
  }
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
    return LastError("cannot prepare '" + std::string(sql) + "'");
  }
  SP_CHECK(statement != nullptr);
  prepared_.emplace(sql, statement);
  return statement;
}

base::Status Connection::CheckParameters(sqlite3_stmt* statement, std::size_t given) {
  const int wanted = sqlite3_bind_parameter_count(statement);
  if (wanted != static_cast<int>(given)) {
    return base::Error(base::ErrorCode::kInternal, "a statement takes " + std::to_string(wanted) +
                                                       " parameters and was given " +
                                                       std::to_string(given))
        .WithCause(sqlite3_sql(statement));
  }
  return base::Ok();
}

base::Result<bool> Connection::Step(sqlite3_stmt* statement) {
  switch (sqlite3_step(statement)) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      return LastError("the database refused");
  }
}

base::Status Connection::ExecuteScript(std::string_view sql) {
  if (sqlite3_exec(handle_, std::string(sql).c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return LastError("the database refused");
  }
  return base::Ok();
}

std::int64_t Connection::ChangedRows() const { return sqlite3_changes64(handle_); }

base::Error Connection::LastError(std::string_view doing) {
  const int extended = sqlite3_extended_errcode(handle_);
  base::Error error =
      base::Error(CodeOf(extended, sqlite3_system_errno(handle_)), std::string(doing))
          .WithCause(sqlite3_errmsg(handle_));
  if (IsOfTheDisk(extended) && !disk_error_) {
    disk_error_ = error;
  }
  return error;
}

void Connection::BindNull(sqlite3_stmt* statement, int index) {
  sqlite3_bind_null(statement, index);
}
void Connection::BindInteger(sqlite3_stmt* statement, int index, std::int64_t value) {
  sqlite3_bind_int64(statement, index, value);
}
void Connection::BindNumber(sqlite3_stmt* statement, int index, double value) {
  sqlite3_bind_double(statement, index, value);
}
void Connection::BindText(sqlite3_stmt* statement, int index, std::string_view value) {
  // The argument lives until the statement has run: no copy is needed. A null pointer would bind
  // NULL.
  sqlite3_bind_text(statement, index, value.data() == nullptr ? "" : value.data(),
                    static_cast<int>(value.size()), SQLITE_STATIC);
}

}  // namespace streampark::store
