// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/mariadb.h"

#include "mariadb_database.h"
#include "mariadb_dialect.h"
#include "mariadb_session.h"

namespace streampark::connectors {
namespace mariadb {
namespace {

class MariadbDatabase final : public sql::Database {
 public:
  explicit MariadbDatabase(sql::Address address) : address_(std::move(address)) {}

  const sql::Dialect& dialect() const override { return dialect_; }
  std::string address() const override { return address_.ToString(); }
  base::Result<std::unique_ptr<sql::Session>> Connect() const override {
    auto session = MariadbSession::Connect(address_);
    if (!session.ok()) {
      return std::move(session).error().Annotate("connecting to " + address());
    }
    return std::move(session).value();
  }

 private:
  const sql::Address address_;
  const MariadbDialect dialect_;
};

}  // namespace

sql::DatabasePtr OpenMariadb(sql::Address address) {
  return std::make_shared<MariadbDatabase>(std::move(address));
}

std::unique_ptr<Connector> MakeMariadbConnectorOver(
    std::function<base::Result<sql::DatabasePtr>(sql::Address)> open) {
  return sql::MakeSqlConnector({.name = "mariadb",
                                .text = "MariaDB and MySQL: tables and queries, read by ranges of "
                                        "keys, written exactly once.",
                                .kind = sql::DatabaseKind::kMariadb,
                                .open = std::move(open)});
}

}  // namespace mariadb

std::unique_ptr<Connector> MakeMariadbConnector() {
  return mariadb::MakeMariadbConnectorOver(
      [](sql::Address address) { return mariadb::OpenMariadb(std::move(address)); });
}

}  // namespace streampark::connectors
