// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "streampark/connectors/testing/server_process.h"

#include "mariadb_session.h"

namespace streampark::connectors::mariadb::testing {

/// A MariaDB of this test program's own (server_process.h), on a unix socket in its folder; it ends with the program.
class MariadbServer {
 public:
  /// Started at the first call.
  static MariadbServer& Get();

  /// Makes an empty database; the address that leads to it, for root, who needs no password.
  std::string NewDatabase();
  std::string Url(const std::string& database, const std::string& user = "root") const;

 private:
  MariadbServer();

  connectors::testing::ServerProcess process_;
  int databases_ = 0;
};

/// Of an address that NewDatabase gave.
std::unique_ptr<sql::Session> SessionAt(const std::string& url);
/// Runs statements there; a failure fails the test.
void Execute(const std::string& url, const std::vector<std::string>& statements);
/// Rows as `a|b|NULL`.
std::vector<std::string> RowsAt(const std::string& url, const std::string& query);
/// Of stages that nobody has merged.
std::vector<std::string> StagesAt(const std::string& url);

}  // namespace streampark::connectors::mariadb::testing
