// SPDX-License-Identifier: Apache-2.0
#include "testing/postgres_server.h"

#include <csignal>

#include <gtest/gtest.h>

#include "streampark/connectors/sql/testing/query_rows.h"

namespace streampark::connectors::postgres::testing {
namespace {

const std::string kPrograms = "/usr/lib/postgresql/15/bin/";

}  // namespace

PostgresServer& PostgresServer::Get() {
  static PostgresServer server("logical");
  return server;
}

PostgresServer::PostgresServer(const std::string& wal_level) : process_(SIGINT) {
  const std::string folder = process_.folder();
  process_.Prepare({kPrograms + "initdb", "-D", folder + "/data", "-U", "postgres", "-A", "trust",
                    "--no-sync", "--locale=C.UTF-8", "-E", "UTF8"});
  process_.Start({kPrograms + "postgres", "-D", folder + "/data", "-k", folder, "-c",
                  "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=32MB", "-c",
                  "max_connections=200", "-c", "wal_level=" + wal_level, "-c", "jit=off"},
                 [address = sql::ParseAddress(Url("")).value()] {
                   return PostgresSession::Connect(address).ok();
                 });
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
  return "postgres://" + user + "@/postgres?host=" + process_.folder().string() + parameters;
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
  return sql::testing::RowsOf(*SessionAt(url), query);
}

}  // namespace streampark::connectors::postgres::testing
