// SPDX-License-Identifier: Apache-2.0
#include "testing/postgres_server.h"

#include <csignal>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

#include "streampark/base/os_user.h"

namespace streampark::connectors::postgres::testing {
namespace {

using namespace std::chrono_literals;

const std::string kPrograms = "/usr/lib/postgresql/15/bin/";

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

PostgresServer& PostgresServer::Get() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer() : folder_(FolderOf(WhoRunsIt())) {
  const auto user = WhoRunsIt();
  const std::string data = folder_.path() / "data";
  const auto made =
      base::RunCommand({.argv = {kPrograms + "initdb", "-D", data, "-U", "postgres", "-A", "trust",
                                 "--no-sync", "--locale=C.UTF-8", "-E", "UTF8"},
                        .working_directory = folder_.path(),
                        .user = user},
                       base::Millis(120'000));
  SP_CHECK(made.ok() && made->exit_code == 0);
  const std::string socket_folder = folder_.path();
  process_ = std::make_unique<base::ChildProcess>(
      base::ChildProcess::Start(
          {.argv = {kPrograms + "postgres", "-D", data, "-k", socket_folder, "-c",
                    "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=32MB", "-c",
                    "max_connections=200", "-c", "wal_level=logical", "-c", "jit=off"},
           .working_directory = folder_.path(),
           .user = user},
          folder_.path() / "log")
          .value());
  const auto address = sql::ParseAddress(Url("")).value();
  for (int tries = 0; tries < 1'200 && !PostgresSession::Connect(address).ok(); ++tries) {
    SP_CHECK(base::IsAlive(process_->id()));
    std::this_thread::sleep_for(50ms);
  }
  SP_CHECK(PostgresSession::Connect(address).ok());
}

PostgresServer::~PostgresServer() {
  base::Signal(process_->id(), SIGINT);  // ends without waiting for its clients
}

std::string PostgresServer::NewSchema() {
  const std::string name = "test" + std::to_string(++schemas_);
  Execute(Url(""), "CREATE SCHEMA " + name + "; CREATE SCHEMA " + name + "_aside");
  return Url("&currentSchema=" + name);
}

std::string PostgresServer::SchemaOf(const std::string& url) {
  return url.substr(url.rfind('=') + 1);
}

std::string PostgresServer::Url(const std::string& parameters, const std::string& user) const {
  return "postgres://" + user + "@/postgres?host=" + folder_.path().string() + parameters;
}

std::unique_ptr<sql::Session> SessionAt(const std::string& url) {
  auto session = PostgresSession::Connect(sql::ParseAddress(url).value());
  EXPECT_TRUE(session.ok()) << session.error().ToString();
  return std::move(session).value();
}

void Execute(const std::string& url, const std::string& statements) {
  const auto done = SessionAt(url)->Execute(statements);
  EXPECT_TRUE(done.ok()) << done.error().ToString() << " in " << statements;
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

}  // namespace streampark::connectors::postgres::testing
