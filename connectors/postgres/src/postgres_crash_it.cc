// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "streampark/connectors/sql/testing/crash_job.h"

#include "postgres_database.h"
#include "testing/postgres_server.h"

namespace streampark::connectors::postgres {
namespace {

sql::testing::CrashTarget Target(const std::string& url, sql::testing::Given more) {
  more.insert({{"url", url}, {"table", "written"}});
  return {.make_connector =
              [](sql::testing::WrapDatabase wrap) {
                return MakePostgresConnectorOver([wrap = std::move(wrap)](sql::Address address) {
                  return base::Result<sql::DatabasePtr>(wrap(OpenPostgres(std::move(address))));
                });
              },
          .options = more,
          .visible =
              [url] {
                return testing::RowsAt(url,
                                       "SELECT '+I(' || n || ', ' || coalesce('''' || name || "
                                       "'''', 'NULL') || ')' FROM written");
              },
          .staged =
              [url] {
                return testing::RowsAt(url,
                                       "SELECT relname FROM pg_class WHERE relname LIKE "
                                       "'streampark_stage%' AND relkind = 'r' AND relnamespace = "
                                       "current_schema()::regnamespace");
              },
          .clear =
              [url] {
                testing::Execute(url,
                                 "DROP TABLE IF EXISTS written, streampark_ledger; CREATE TABLE "
                                 "written (n bigint, name text)");
              }};
}

TEST(PostgresCrash, NoRowIsLostOrDoubledWhereverTheProcessIsKilled) {
  sql::testing::ExpectEachRowOnceWhereverItIsKilled(
      Target(testing::PostgresServer::Get().NewSchema(), {}));
}

TEST(PostgresCrash, NorWhileTheServerWorksOn) {
  sql::testing::ExpectEachRowOnceWheneverItIsKilled(
      Target(testing::PostgresServer::Get().NewSchema(), {}), 60);
}

}  // namespace
}  // namespace streampark::connectors::postgres
