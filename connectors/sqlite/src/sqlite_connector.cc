// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/sqlite.h"

#include "sqlite_database.h"
#include "sqlite_dialect.h"
#include "sqlite_session.h"

namespace streampark::connectors {
namespace sqlite {
namespace {

class SqliteDatabase final : public sql::Database {
 public:
  explicit SqliteDatabase(sql::Address address) : address_(std::move(address)) {}

  const sql::Dialect& dialect() const override { return dialect_; }
  std::string address() const override { return address_.ToString(); }
  base::Result<std::unique_ptr<sql::Session>> Connect() const override {
    auto session = SqliteSession::Connect(address_);
    if (!session.ok()) {
      return std::move(session).error().Annotate("opening " + address());
    }
    return std::move(session).value();
  }

 private:
  const sql::Address address_;
  const SqliteDialect dialect_;
};

}  // namespace

sql::DatabasePtr OpenSqlite(sql::Address address) {
  return std::make_shared<SqliteDatabase>(std::move(address));
}

std::unique_ptr<Connector> MakeSqliteConnectorOver(
    std::function<base::Result<sql::DatabasePtr>(sql::Address)> open) {
  return sql::MakeSqlConnector(
      {.name = "sqlite",
       .text = "SQLite: tables and queries of a file, written exactly once.",
       .kind = sql::DatabaseKind::kSqlite,
       .open = std::move(open)});
}

}  // namespace sqlite

std::unique_ptr<Connector> MakeSqliteConnector() {
  return sqlite::MakeSqliteConnectorOver(
      [](sql::Address address) { return sqlite::OpenSqlite(std::move(address)); });
}

}  // namespace streampark::connectors
