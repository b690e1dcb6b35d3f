// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace streampark::store {

/// One row of a result, valid inside the callback that it is handed to. Columns count from 0;
/// asking for one that is not there or of another kind gives an empty value.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double number(int column) const;
  bool boolean(int column) const { return integer(column) != 0; }
  /// Valid until the callback returns.
  std::string_view view(int column) const;
  std::string text(int column) const { return std::string(view(column)); }
  /// Times are stored as milliseconds since 1970.
  base::Timestamp time(int column) const { return base::Timestamp(base::Millis(integer(column))); }

  std::optional<std::int64_t> optional_integer(int column) const;
  std::optional<std::string> optional_text(int column) const;
  std::optional<base::Timestamp> optional_time(int column) const;

 private:
  sqlite3_stmt* statement_;
};

/// "?, ?, ?" for an IN list of `count` texts.
std::string Placeholders(std::size_t count);
/// The pattern for LIKE … ESCAPE '\\' that finds `part` anywhere, with its own wildcards taken
/// literally.
std::string ContainsPattern(std::string_view part);

/// One connection to the database, used by one thread at a time. Statements are prepared once and
/// kept. Parameters are `?`, bound in order from: integers, bool, double, texts, base::Timestamp,
/// nullptr and optionals of them; a vector of
/// texts fills as many `?` as it has elements (see Placeholders()). Keep to SQL that PostgreSQL and
/// MySQL know too (no `INSERT OR`, `ON CONFLICT … DO UPDATE` only by id, no `WITHOUT ROWID`).
///
/// Errors: STORAGE_FULL; NAME_TAKEN when a unique index refuses; STORAGE_FAILED for anything else.
class Connection {
 public:
  struct Options {
    bool read_only = false;
    base::Millis busy_timeout = base::Millis(5000);
    int cache_kib = 1024;
    std::string vfs = {};  // what SQLite works on; empty: the files of the machine
  };
  static base::Result<std::unique_ptr<Connection>> Open(const std::filesystem::path& file,
                                                        const Options& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs a statement to its end; the number of rows that it changed.
  template <typename... Args>
  base::Result<std::int64_t> Execute(std::string_view sql, const Args&... args) {
    const Bound bound = SP_TRY(Bind(sql, args...));
    while (SP_TRY(Step(bound.statement))) {
    }
    return ChangedRows();
  }

  /// Hands each row to `on_row(const Row&)`.
  template <typename OnRow, typename... Args>
    requires std::invocable<OnRow, const Row&>
  base::Status ForEach(std::string_view sql, OnRow&& on_row, const Args&... args) {
    const Bound bound = SP_TRY(Bind(sql, args...));
    while (SP_TRY(Step(bound.statement))) {
      on_row(Row(bound.statement));
    }
    return base::Ok();
  }

  /// All rows, each made into a value by `make(const Row&)`.
  template <typename Make, typename... Args>
    requires std::invocable<Make, const Row&>
  auto Select(std::string_view sql, Make&& make, const Args&... args)
      -> base::Result<std::vector<std::invoke_result_t<Make, const Row&>>> {
    std::vector<std::invoke_result_t<Make, const Row&>> rows;
    SP_TRY(ForEach(
        sql, [&](const Row& row) { rows.push_back(make(row)); }, args...));
    return rows;
  }

  /// The first row as a value; absent when there is none.
  template <typename Make, typename... Args>
    requires std::invocable<Make, const Row&>
  auto SelectOne(std::string_view sql, Make&& make, const Args&... args)
      -> base::Result<std::optional<std::invoke_result_t<Make, const Row&>>> {
    const Bound bound = SP_TRY(Bind(sql, args...));
    std::optional<std::invoke_result_t<Make, const Row&>> found;
    if (SP_TRY(Step(bound.statement))) {
      found = make(Row(bound.statement));
    }
    return found;
  }

  /// Several statements without parameters: migrations.
  base::Status ExecuteScript(std::string_view sql);

  /// The first error of the disk itself (full, read-only, broken) since this was last asked.
  std::optional<base::Error> TakeDiskError() { return std::exchange(disk_error_, std::nullopt); }

 private:
  /// A prepared statement with its parameters; made fit for the next use when it goes.
  struct Bound {
    explicit Bound(sqlite3_stmt* prepared) : statement(prepared) {}
    Bound(Bound&& other) noexcept : statement(std::exchange(other.statement, nullptr)) {}
    Bound& operator=(Bound&&) = delete;
    ~Bound();
    sqlite3_stmt* statement;
  };

  explicit Connection(sqlite3* handle) : handle_(handle) {}

  template <typename... Args>
  base::Result<Bound> Bind(std::string_view sql, const Args&... args) {
    Bound bound(SP_TRY(Prepare(sql)));
    [[maybe_unused]] int index = 0;
    SP_TRY(CheckParameters(bound.statement, (std::size_t{0} + ... + CountOf(args))));
    (BindOne(bound.statement, index, args), ...);
    return bound;
  }
  template <typename T>
  static std::size_t CountOf(const T& value) {
    if constexpr (std::is_same_v<T, std::vector<std::string>>) {
      return value.size();
    } else {
      return 1;
    }
  }
  /// Binds to the parameter after `index`, which it moves on.
  template <typename T>
  static void BindOne(sqlite3_stmt* statement, int& index, const T& value) {
    if constexpr (std::is_same_v<T, std::vector<std::string>>) {
      for (const std::string& text : value) {
        BindText(statement, ++index, text);
      }
    } else if constexpr (std::is_same_v<T, std::nullptr_t>) {
      BindNull(statement, ++index);
    } else if constexpr (std::is_integral_v<T>) {
      BindInteger(statement, ++index, static_cast<std::int64_t>(value));
    } else if constexpr (std::is_floating_point_v<T>) {
      BindNumber(statement, ++index, value);
    } else if constexpr (std::is_same_v<T, base::Timestamp>) {
      BindInteger(statement, ++index, value.time_since_epoch().count());
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
      BindText(statement, ++index, value);
    } else if (value.has_value()) {
      BindOne(statement, index, *value);
    } else {
      BindNull(statement, ++index);
    }
  }

  base::Result<sqlite3_stmt*> Prepare(std::string_view sql);
  base::Status CheckParameters(sqlite3_stmt* statement, std::size_t given);
  /// True when there is a row.
  base::Result<bool> Step(sqlite3_stmt* statement);
  std::int64_t ChangedRows() const;
  base::Error LastError(std::string_view doing);
  static void BindNull(sqlite3_stmt* statement, int index);
  static void BindInteger(sqlite3_stmt* statement, int index, std::int64_t value);
  static void BindNumber(sqlite3_stmt* statement, int index, double value);
  static void BindText(sqlite3_stmt* statement, int index, std::string_view value);

  sqlite3* handle_;
  std::map<std::string, sqlite3_stmt*, std::less<>> prepared_;
  std::optional<base::Error> disk_error_;
};

}  // namespace streampark::store
