// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/postgres.h"

#include "capture_plan.h"
#include "capture_source.h"
#include "postgres_database.h"
#include "postgres_dialect.h"
#include "postgres_session.h"

namespace streampark::connectors {
namespace postgres {
namespace {

class PostgresDatabase final : public sql::Database {
 public:
  explicit PostgresDatabase(sql::Address address) : address_(std::move(address)) {}

  const sql::Dialect& dialect() const override { return dialect_; }
  std::string address() const override { return address_.ToString(); }
  base::Result<std::unique_ptr<sql::Session>> Connect() const override {
    auto session = PostgresSession::Connect(address_);
    if (!session.ok()) {
      return std::move(session).error().Annotate("connecting to " + address());
    }
    return std::move(session).value();
  }

 private:
  const sql::Address address_;
  const PostgresDialect dialect_;
};

base::Result<std::unique_ptr<Source>> MakeCapture(sql::Address address, const Setup& setup) {
  return MakeCaptureSource(SP_TRY(PlanCapture(std::move(address), setup)));
}

}  // namespace

sql::DatabasePtr OpenPostgres(sql::Address address) {
  return std::make_shared<PostgresDatabase>(std::move(address));
}

std::unique_ptr<Connector> MakePostgresConnectorOver(
    std::function<base::Result<sql::DatabasePtr>(sql::Address)> open) {
  return sql::MakeSqlConnector({.name = "postgres",
                                .text = "PostgreSQL: tables and queries, read by ranges of keys, "
                                        "written exactly once; changes of tables from the log.",
                                .kind = sql::DatabaseKind::kPostgres,
                                .open = std::move(open),
                                .changes = MakeCapture,
                                .copies = true,
                                .change_options = CaptureOptions()});
}

}  // namespace postgres

std::unique_ptr<Connector> MakePostgresConnector() {
  return postgres::MakePostgresConnectorOver(
      [](sql::Address address) { return postgres::OpenPostgres(std::move(address)); });
}

}  // namespace streampark::connectors
