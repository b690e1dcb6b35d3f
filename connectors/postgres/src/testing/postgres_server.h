// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "streampark/connectors/testing/server_process.h"

#include "postgres_session.h"

namespace streampark::connectors::postgres::testing {

/// A PostgreSQL of this test program's own (server_process.h), on a unix socket in its folder; it ends with the program.
class PostgresServer {
 public:
  /// The one that tests share, whose log is logical; started at the first call.
  static PostgresServer& Get();
  explicit PostgresServer(const std::string& wal_level);

  /// Makes an empty schema, and one more with `_aside` behind its name; the address that leads to it, for a superuser. Nobody needs a password.
  std::string NewSchema();
  /// The schema's name.
  static std::string SchemaOf(const std::string& url);
  std::string Url(const std::string& parameters, const std::string& user = "postgres") const;

 private:
  connectors::testing::ServerProcess process_;
  int schemas_ = 0;
};

/// Of an address that NewSchema gave.
std::unique_ptr<sql::Session> SessionAt(const std::string& url);
/// Runs statements there; a failure fails the test.
void Execute(const std::string& url, const std::string& statements);
/// Rows as `a|b|NULL`.
std::vector<std::string> RowsAt(const std::string& url, const std::string& query);

}  // namespace streampark::connectors::postgres::testing
