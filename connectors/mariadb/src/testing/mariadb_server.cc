// SPDX-License-Identifier: Apache-2.0
#include "testing/mariadb_server.h"

#include <csignal>

#include <gtest/gtest.h>

#include "streampark/connectors/sql/testing/query_rows.h"

namespace streampark::connectors::mariadb::testing {

MariadbServer& MariadbServer::Get() {
  static MariadbServer server;
  return server;
}

MariadbServer::MariadbServer() : process_(SIGTERM) {
  const std::string folder = process_.folder();
  process_.Prepare({"/usr/bin/mariadb-install-db", "--no-defaults", "--datadir=" + folder + "/data",
                    "--basedir=/usr", "--auth-root-authentication-method=normal", "--skip-test-db",
                    "--skip-name-resolve"});
  process_.Start(
      {"/usr/sbin/mariadbd", "--no-defaults", "--datadir=" + folder + "/data",
       "--socket=" + folder + "/socket", "--pid-file=" + folder + "/pid", "--skip-networking",
       "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M",
       "--innodb-flush-method=nosync", "--performance-schema=OFF", "--log-bin=log",
       "--binlog-format=ROW", "--max-connections=200"},
      [address = sql::ParseAddress(Url("mysql")).value()] {
        return MariadbSession::Connect(address).ok();
      });
}

std::string MariadbServer::NewDatabase() {
  const std::string name = "test" + std::to_string(++databases_);
  Execute(Url("mysql"), {"CREATE DATABASE " + name + " CHARACTER SET utf8mb4",
                         "CREATE DATABASE " + name + "_aside"});
  return Url(name);
}

std::string MariadbServer::Url(const std::string& database, const std::string& user) const {
  std::string socket = process_.folder().string() + "/socket";
  for (std::size_t at = 0; (at = socket.find('/', at)) != std::string::npos;) {
    socket.replace(at, 1, "%2F");
  }
  return "mariadb://" + user + "@" + socket + "/" + database;
}

std::unique_ptr<sql::Session> SessionAt(const std::string& url) {
  auto session = MariadbSession::Connect(sql::ParseAddress(url).value());
  EXPECT_TRUE(session.ok()) << session.error().ToString();
  return std::move(session).value();
}

void Execute(const std::string& url, const std::vector<std::string>& statements) {
  const auto session = SessionAt(url);
  for (const std::string& statement : statements) {
    const auto done = session->Execute(statement);
    EXPECT_TRUE(done.ok()) << done.error().ToString() << " in " << statement;
  }
}

std::vector<std::string> RowsAt(const std::string& url, const std::string& query) {
  return sql::testing::RowsOf(*SessionAt(url), query);
}

std::vector<std::string> StagesAt(const std::string& url) {
  return RowsAt(url,
                "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA IN "
                "(DATABASE(), CONCAT(DATABASE(), '_aside')) AND LEFT(TABLE_NAME, "
                "16) = 'streampark_stage'");
}

}  // namespace streampark::connectors::mariadb::testing
