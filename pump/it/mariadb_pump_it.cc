// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "moving_tables.h"
#include "testing/mariadb_server.h"
#include "testing/postgres_server.h"

/// Tables between MariaDB and PostgreSQL: by columns, with types that the other side has.
namespace streampark::pump {
namespace {

using connectors::mariadb::testing::MariadbServer;
using connectors::postgres::testing::PostgresServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace mariadb = connectors::mariadb::testing;
namespace postgres = connectors::postgres::testing;

class MariadbPumpTest : public ::testing::Test, public testing::MovingTables {
 protected:
  static std::string End(const std::string& connector, const std::string& url,
                         const std::string& more) {
    return "{connector: " + connector + ", url: '" + url + "', " + more + "}\n";
  }
  const std::string mariadb_ = MariadbServer::Get().NewDatabase();
  const std::string postgres_ = PostgresServer::Get().NewSchema();
  const std::string schema_ = PostgresServer::SchemaOf(postgres_);
};

TEST_F(MariadbPumpTest, ThereAndBack) {
  mariadb::Execute(
      mariadb_,
      {"CREATE TABLE t (id bigint primary key, tiny tinyint, u int unsigned, d decimal(15,2), f "
       "double, c varchar(60) character set utf8mb4, b varbinary(20), day date, at datetime(6))",
       "INSERT INTO t SELECT seq, seq % 100, 4000000000 + seq, seq / 8, seq / 7, "
       "concat('a\\t\"\\\\中文', "
       "seq), unhex('00ff5c'), date '2000-01-01' + interval seq day, timestamp('2026-01-01') + "
       "interval seq microsecond FROM seq_1_to_3000",
       "INSERT INTO t (id) VALUES (-1)"});
  const std::string there =
      "pump:\n  source: " + End("mariadb", mariadb_, "tables: t, split.rows: 700") +
      "  sink: " + End("postgres", postgres_, "schema: " + schema_ + ", create: true");
  EXPECT_THAT(DryRun(there).value(), HasSubstr("by columns: two kinds of databases"));
  auto moved = Pump(there);
  ASSERT_TRUE(moved.ok()) << moved.error().ToString();
  EXPECT_EQ(written(), 3001);
  const std::string sums = "SELECT count(*), sum(u), sum(d), max(c), min(day), count(at) FROM ";
  EXPECT_EQ(postgres::RowsAt(postgres_, sums + schema_ + ".t"),
            mariadb::RowsAt(mariadb_, sums + "t"));
  const std::string back =
      "name: back\npump:\n  source: " + End("postgres", postgres_, "tables: " + schema_ + ".t") +
      "  sink: " + End("mariadb", mariadb_, "mode: append") + "  transforms: [{tables: " + schema_ +
      ".t, route: returned}]\n";
  mariadb::Execute(mariadb_, {"CREATE TABLE returned LIKE t"});
  moved = Pump(back);
  ASSERT_TRUE(moved.ok()) << moved.error().ToString();
  EXPECT_THAT(mariadb::RowsAt(mariadb_,
                              "SELECT count(*) FROM (SELECT * FROM t EXCEPT SELECT * "
                              "FROM returned) AS d"),
              ElementsAre("0"));
  EXPECT_THAT(mariadb::RowsAt(mariadb_, "SELECT count(*) FROM returned"), ElementsAre("3001"));
}

}  // namespace
}  // namespace streampark::pump
