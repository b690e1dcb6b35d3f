// SPDX-License-Identifier: Apache-2.0
#include "testing/mariadb_server.h"

#include <csignal>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "streampark/base/os_user.h"

namespace streampark::connectors::mariadb::testing {
namespace {

using namespace std::chrono_literals;

std::optional<base::OsUser> WhoRunsIt() {
  return base::MaySwitchUser() ? base::FindOsUser("nobody").value() : std::nullopt;
}

base::TemporaryFolder FolderOf(const std::optional<base::OsUser>& user) {
  // In memory where that can be had: no test is about a disk.
  const std::filesystem::path memory = "/dev/shm";
  auto folder =
      base::TemporaryFolder::Create(std::filesystem::is_directory(memory) ? memory : "").value();
  if (user) {
    base::GiveFolderTo(*user, folder.path()).value();
  }
  return folder;
}

}  // namespace

MariadbServer& MariadbServer::Get() {
  static MariadbServer server;
  return server;
}

MariadbServer::MariadbServer() : folder_(FolderOf(WhoRunsIt())) {
  const auto user = WhoRunsIt();
  const std::string folder = folder_.path();
  const auto made = base::RunCommand(
      {.argv = {"/usr/bin/mariadb-install-db", "--no-defaults", "--datadir=" + folder + "/data",
                "--basedir=/usr", "--auth-root-authentication-method=normal", "--skip-test-db",
                "--skip-name-resolve"},
       .working_directory = folder_.path(),
       .user = user},
      base::Millis(120'000));
  SP_CHECK(made.ok() && made->exit_code == 0);
  process_ = std::make_unique<base::ChildProcess>(
      base::ChildProcess::Start(
          {.argv = {"/usr/sbin/mariadbd", "--no-defaults", "--datadir=" + folder + "/data",
                    "--socket=" + folder + "/socket", "--pid-file=" + folder + "/pid",
                    "--skip-networking", "--skip-name-resolve",
                    "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M",
                    "--innodb-flush-method=nosync", "--performance-schema=OFF", "--log-bin=log",
                    "--binlog-format=ROW", "--max-connections=200"},
           .working_directory = folder_.path(),
           .user = user},
          folder_.path() / "log")
          .value());
  const auto address = sql::ParseAddress(Url("mysql")).value();
  for (int tries = 0; tries < 1'200 && !MariadbSession::Connect(address).ok(); ++tries) {
    SP_CHECK(base::IsAlive(process_->id()));
    std::this_thread::sleep_for(50ms);
  }
  SP_CHECK(MariadbSession::Connect(address).ok());
}

MariadbServer::~MariadbServer() { base::Signal(process_->id(), SIGTERM); }

std::string MariadbServer::NewDatabase() {
  const std::string name = "test" + std::to_string(++databases_);
  Execute(Url("mysql"), {"CREATE DATABASE " + name + " CHARACTER SET utf8mb4",
                         "CREATE DATABASE " + name + "_aside"});
  return Url(name);
}

std::string MariadbServer::Url(const std::string& database, const std::string& user) const {
  std::string socket = folder_.path().string() + "/socket";
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
  const auto found = SessionAt(url)->Query(query);
  EXPECT_TRUE(found.ok()) << found.error().ToString() << " in " << query;
  std::vector<std::string> rows;
  for (const auto& row : *found) {
    std::string& text = rows.emplace_back();
    for (const auto& value : row) {
      text += (&value == row.data() ? "" : "|") + value.value_or("NULL");
    }
  }
  return rows;
}

std::vector<std::string> StagesAt(const std::string& url) {
  return RowsAt(url,
                "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA IN "
                "(DATABASE(), CONCAT(DATABASE(), '_aside')) AND LEFT(TABLE_NAME, "
                "16) = 'streampark_stage'");
}

}  // namespace streampark::connectors::mariadb::testing
