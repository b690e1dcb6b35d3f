// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "streampark/base/result.h"

namespace streampark::connectors::sql {

enum class DatabaseKind : std::uint8_t { kPostgres, kMariadb, kSqlite };

/// Where a database is: what `url`, `username` and `password` say together.
///
/// | written                                              | what                                                    |
/// |------------------------------------------------------|---------------------------------------------------------|
/// | `postgres://user:password@host:5432/database?sslmode=require` | also `postgresql://`, `jdbc:postgresql://`     |
/// | `mariadb://user:password@host:3306/database`         | also `mysql://`, `jdbc:mariadb://`, `jdbc:mysql://`     |
/// | `sqlite:/folder/file.db`                             | also `jdbc:sqlite:`                                     |
///
/// A host that begins with `/` is the folder (PostgreSQL) or the file (MariaDB) of a unix socket, written as `%2Frun%2Fpostgresql` or as
/// the parameter `host`, as libpq has it.
struct Address {
  DatabaseKind kind = DatabaseKind::kPostgres;
  std::string host;
  int port = 0;          // 0: the database's own
  std::string database;  // of SQLite the path
  std::string user;
  std::string password;
  std::map<std::string, std::string> parameters;

  /// For people and errors: without the password and the parameters.
  std::string ToString() const;
};

/// INVALID_REQUEST, without what was between the `:` and the `@`.
base::Result<Address> ParseAddress(std::string_view url);

}  // namespace streampark::connectors::sql
