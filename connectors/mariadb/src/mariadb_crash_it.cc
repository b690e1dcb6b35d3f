// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "streampark/connectors/sql/testing/crash_job.h"

#include "mariadb_database.h"
#include "testing/mariadb_server.h"

namespace streampark::connectors::mariadb {
namespace {

sql::testing::CrashTarget Target(const std::string& url) {
  return {.make_connector =
              [](sql::testing::WrapDatabase wrap) {
                return MakeMariadbConnectorOver([wrap = std::move(wrap)](sql::Address address) {
                  return base::Result<sql::DatabasePtr>(wrap(OpenMariadb(std::move(address))));
                });
              },
          .options = {{"url", url}, {"table", "written"}},
          .visible =
              [url] {
                return testing::RowsAt(url,
                                       "SELECT CONCAT('+I(', n, ', ', COALESCE(CONCAT('''', name, "
                                       "''''), 'NULL'), ')') FROM written");
              },
          .staged = [url] { return testing::StagesAt(url); },
          .clear =
              [url] {
                testing::Execute(url, {"DROP TABLE IF EXISTS written, streampark_ledger",
                                       "CREATE TABLE written (n bigint, name text)"});
              }};
}

TEST(MariadbCrash, NoRowIsLostOrDoubledWhereverTheProcessIsKilled) {
  sql::testing::ExpectEachRowOnceWhereverItIsKilled(
      Target(testing::MariadbServer::Get().NewDatabase()));
}

TEST(MariadbCrash, NorWhileTheServerWorksOn) {
  sql::testing::ExpectEachRowOnceWheneverItIsKilled(
      Target(testing::MariadbServer::Get().NewDatabase()), 60);
}

}  // namespace
}  // namespace streampark::connectors::mariadb
