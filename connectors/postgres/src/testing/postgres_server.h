// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "streampark/base/process.h"
#include "streampark/base/temporary_folder.h"

#include "postgres_session.h"

namespace streampark::connectors::postgres::testing {

/// A PostgreSQL of this test program's own: its data lie in a temporary folder, it listens on a unix socket there, and it ends with the
/// program. Run as `nobody` when we are root, since the server refuses root.
class PostgresServer {
 public:
  /// Started at the first call.
  static PostgresServer& Get();
  ~PostgresServer();

  /// Makes an empty schema, and one more with `_aside` behind its name; the address that leads to it, for a superuser. Nobody needs a password.
  std::string NewSchema();
  /// The schema's name.
  static std::string SchemaOf(const std::string& url);
  std::string Url(const std::string& parameters, const std::string& user = "postgres") const;

 private:
  PostgresServer();

  const base::TemporaryFolder folder_;
  std::unique_ptr<base::ChildProcess> process_;
  int schemas_ = 0;
};

/// Of an address that NewSchema gave.
std::unique_ptr<sql::Session> SessionAt(const std::string& url);
/// Runs statements there; a failure fails the test.
void Execute(const std::string& url, const std::string& statements);
/// Rows as `a|b|NULL`.
std::vector<std::string> RowsAt(const std::string& url, const std::string& query);

}  // namespace streampark::connectors::postgres::testing
