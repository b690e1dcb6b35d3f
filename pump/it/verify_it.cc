// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/json.h"
#include "streampark/pump/verify.h"

#include "moving_tables.h"
#include "testing/mariadb_server.h"
#include "testing/postgres_server.h"

/// Whether what a pump has brought is what its source has, and what is said when it is not.
namespace streampark::pump {
namespace {

using connectors::mariadb::testing::MariadbServer;
using connectors::postgres::testing::PostgresServer;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;
namespace mariadb = connectors::mariadb::testing;
namespace postgres = connectors::postgres::testing;
using Kind = TableVerdict::Kind;

/// `missing id=7`, `different id=7: v`.
std::vector<std::string> Shown(const TableVerdict& table) {
  std::vector<std::string> shown;
  for (const RowDifference& one : table.differences) {
    using Of = RowDifference::Kind;
    std::string text = one.kind == Of::kMissing     ? "missing"
                       : one.kind == Of::kExtra     ? "extra"
                       : one.kind == Of::kDifferent ? "different"
                                                    : "repeated";
    for (const auto& value : one.key) {
      text += " " + value.column + "=" + value.text;
    }
    for (const auto& column : one.columns) {
      text += ": " + column.name;
      text += column.source ? " " + *column.source + "/" + *column.target : "";
    }
    shown.push_back(std::move(text));
  }
  return shown;
}

class VerifyTest : public ::testing::Test, public testing::MovingTables {
 protected:
  static std::string End(const std::string& connector, const std::string& url,
                         const std::string& more) {
    return "{connector: " + connector + ", url: '" + url + "'" + (more.empty() ? "" : ", ") + more +
           "}\n";
  }
  /// From the schema to the one aside.
  std::string Yaml(const std::string& source, const std::string& sink,
                   const std::string& more = "") const {
    return "pump:\n  source: " + End("postgres", url_, source) + "  sink: " +
           End("postgres", url_, "schema: " + aside_ + (sink.empty() ? "" : ", ") + sink) + more;
  }
  std::string Across(const std::string& source, const std::string& sink,
                     const std::string& more = "") const {
    return "pump:\n  source: " + End("postgres", url_, source) +
           "  sink: " + End("mariadb", mariadb_, sink) + more;
  }
  std::string In(const std::string& table) const { return schema_ + "." + table; }
  std::string To(const std::string& table) const { return aside_ + "." + table; }
  void Do(const std::string& statements) const { postgres::Execute(url_, statements); }
  void There(const std::vector<std::string>& statements) const {
    mariadb::Execute(mariadb_, statements);
  }
  void Moved(const std::string& yaml) {
    const auto moved = Pump(yaml);
    ASSERT_TRUE(moved.ok()) << moved.error().ToString();
  }
  TableVerdict Verdict(const std::string& yaml, const VerifyOptions& options = {}) {
    const auto report = Verify(yaml, options);
    EXPECT_TRUE(report.ok()) << report.error().ToString();
    if (!report.ok() || report->tables.size() != 1) {
      ADD_FAILURE() << (report.ok() ? report->ToText() : "");
      return {};
    }
    text_ = report->ToText();
    json_ = report->ToJson();
    return report->tables[0];
  }

  PostgresServer& server_ = PostgresServer::Get();
  const std::string url_ = server_.NewSchema();
  const std::string schema_ = PostgresServer::SchemaOf(url_);
  const std::string aside_ = schema_ + "_aside";
  const std::string mariadb_ = MariadbServer::Get().NewDatabase();
  std::string text_, json_;
};

constexpr const char* kEveryType =
    "(id int primary key, b boolean, s smallint, l bigint, r real, d double precision, n numeric, "
    "m numeric(15,2), t text, v varchar(40), c char(3), y bytea, u uuid, j jsonb, da date, ti "
    "time(3), ts timestamp, tz timestamptz, iv interval, bi bit(5), ip inet, a int[], tr "
    "int4range)";

TEST_F(VerifyTest, EveryTypeOfPostgresIsEqualAsItIsCopiedAndByColumns) {
  Do("CREATE TABLE " + In("every") + kEveryType + "; INSERT INTO " + In("every") +
     " SELECT i, i % 2 = 0, i, i::bigint << 33, i / 3.0, i / 7.0, i / 9.0, i, 'tab\t\"quote\\', "
     "'中文' || i, 'x', decode('00ff5c', 'hex'), gen_random_uuid(), '{\"a\": [1, null]}', "
     "date '2000-01-01' + i, time '09:05:00.25', timestamp '2026-01-01' + i * interval '1 us', "
     "timestamptz '2026-01-01 UTC', i * interval '1 day', B'10101', '10.0.0.1', ARRAY[i, NULL], "
     "int4range(i, i + 9) FROM generate_series(1, 3000) AS i; INSERT INTO " +
     In("every") +
     " (id, n, m, r, d, da, ts) VALUES (-1, 'NaN', 'NaN', 'Infinity', '-Infinity', 'infinity', "
     "'-infinity'), (-2, NULL, NULL, NULL, NULL, '0044-03-15 BC', NULL)");
  const std::string yaml = Yaml("tables: " + In("every") + ", split.rows: 1000", "create: true",
                                "  split: {parallelism: 2}\n");
  Moved(yaml);
  auto verdict = Verdict(yaml);
  EXPECT_EQ(verdict.kind, Kind::kEqual) << text_;
  EXPECT_EQ(verdict.source_rows, 3002);
  EXPECT_EQ(verdict.target_rows, 3002);
  EXPECT_EQ(verdict.source_rows_read, 3002);
  EXPECT_GT(verdict.ranges, 1);
  // Other bytes of the same values: by columns they are equal.
  Do("UPDATE " + To("every") + " SET n = n * 1.000, d = '-0' WHERE id = 1; UPDATE " + In("every") +
     " SET d = 0 WHERE id = 1");
  verdict = Verdict(yaml);
  EXPECT_EQ(verdict.kind, Kind::kEqual) << text_;
  EXPECT_LE(verdict.source_rows_read, 3002 + 1500);
  Do("UPDATE " + To("every") + " SET ts = 'infinity', a = ARRAY[9, NULL] WHERE id = -1");
  EXPECT_EQ(Verdict(yaml).kind, Kind::kDifferent);
  EXPECT_THAT(text_, HasSubstr("different  id=-1  in ts, a"));
}

TEST_F(VerifyTest, WhatDiffersIsNamedByItsKey) {
  Do("CREATE TABLE " + In("k") + " (id int primary key, v text, w int); INSERT INTO " + In("k") +
     " SELECT i, 'secret ' || i, i FROM generate_series(1, 20000) AS i");
  const std::string yaml = Yaml("tables: " + In("k") + ", split.rows: 1000", "create: true");
  Moved(yaml);
  EXPECT_EQ(Verdict(yaml).kind, Kind::kEqual) << text_;
  Do("ALTER TABLE " + To("k") + " DROP CONSTRAINT k_pkey; DELETE FROM " + To("k") +
     " WHERE id = 17; INSERT INTO " + To("k") +
     " VALUES (20001, 'more', 1), (3003, 'secret 3003', "
     "3003); UPDATE " +
     To("k") + " SET v = 'changed', w = NULL WHERE id = 9999");
  auto verdict = Verdict(yaml);
  EXPECT_EQ(verdict.kind, Kind::kDifferent);
  EXPECT_THAT(Shown(verdict), UnorderedElementsAre("missing id=17", "extra id=20001",
                                                   "repeated id=3003", "different id=9999: v: w"));
  EXPECT_EQ(verdict.different_ranges, 4);
  EXPECT_THAT(text_, Not(HasSubstr("secret")));
  EXPECT_THAT(text_, HasSubstr("id from 9"));
  // Few reads: each range that differs as it is copied, by buckets, and to be named.
  EXPECT_LE(verdict.source_rows_read, 20'000 + 4 * 2'200);
  const auto parsed = json::Parse(json_).value();
  EXPECT_EQ(json::StringOr(parsed.as_object(), "verdict"), "different");
  const auto& table = parsed.at("tables").as_array()[0].as_object();
  EXPECT_EQ(json::IntegerOr(table, "missing"), 1);

  verdict = Verdict(yaml, {.show = VerifyOptions::Show::kValues});
  EXPECT_THAT(Shown(verdict),
              ::testing::Contains("different id=9999: v secret 9999/changed: w 9999/NULL"));
}

TEST_F(VerifyTest, ATableWithoutAKeyIsCounted) {
  Do("CREATE TABLE " + In("log") + " (n int, v text); INSERT INTO " + In("log") +
     " SELECT i % 1000, 'line' FROM generate_series(1, 5000) AS i");
  const std::string yaml = Yaml("tables: " + In("log"), "create: true");
  Moved(yaml);
  EXPECT_EQ(Verdict(yaml).kind, Kind::kEqual) << text_;
  // As many rows, each of which was there before.
  Do("UPDATE " + To("log") + " SET n = 8 WHERE ctid = (SELECT min(ctid) FROM " + To("log") +
     " WHERE n = 7); INSERT INTO " + To("log") + " VALUES (-1, 'line')");
  const auto verdict = Verdict(yaml);
  EXPECT_EQ(verdict.kind, Kind::kDifferent);
  EXPECT_EQ(verdict.repeated, 2);
  EXPECT_EQ(verdict.extra, 1);
  EXPECT_EQ(verdict.source_rows, 5000);
  EXPECT_EQ(verdict.target_rows, 5001);
  EXPECT_THAT(text_, HasSubstr("counted and not named"));
  EXPECT_THAT(text_, Not(HasSubstr("line")));
}

TEST_F(VerifyTest, BetweenTwoKindsOfDatabasesTypesAreOfOneForm) {
  There(
      {"CREATE TABLE t (id bigint primary key, tiny tinyint, u int unsigned, big bigint unsigned, "
       "d "
       "decimal(15,2), wide decimal(65,30), f double, g float, c varchar(60) character set latin1, "
       "p "
       "char(5), b varbinary(20), day date, at datetime(6), z timestamp(3) null, clock time(6), e "
       "enum('a', 'b'), flag bit(1))",
       "INSERT INTO t SELECT seq, seq % 100, 4000000000 + seq, 18446744073709551615 - seq, seq / "
       "8, seq "
       "/ 3, seq / 7, seq / 4, concat('ä', seq), 'x', unhex('00ff5c'), date '2000-01-01' + "
       "interval seq "
       "day, timestamp('2026-01-01') + interval seq microsecond, '2026-01-01 00:00:00.25', "
       "'09:05:00.5', "
       "'b', seq % 2 FROM seq_1_to_3000",
       "INSERT INTO t (id, c) VALUES (-1, ''), (-2, null)"});
  const std::string there =
      "pump:\n  source: " + End("mariadb", mariadb_, "tables: t, split.rows: 700") +
      "  sink: " + End("postgres", url_, "schema: " + schema_ + ", create: true");
  Moved(there);
  EXPECT_EQ(Verdict(there).kind, Kind::kEqual) << text_;
  // And types of the target's own choice.
  Do("ALTER TABLE " + In("t") +
     " ALTER tiny TYPE boolean USING tiny > 0, ALTER d TYPE numeric, ALTER p TYPE "
     "char(9), ALTER day TYPE timestamp, ALTER g TYPE double precision; UPDATE " +
     In("t") + " SET d = d * 1.0000");
  There({"UPDATE t SET tiny = tiny > 0"});
  EXPECT_EQ(Verdict(there).kind, Kind::kEqual) << text_;
  Do("UPDATE " + In("t") + " SET c = NULL WHERE id = -1; UPDATE " + In("t") +
     " SET at = at + interval '1 us' WHERE id = 77");
  EXPECT_THAT(Shown(Verdict(there)),
              UnorderedElementsAre("different id=-1: c", "different id=77: at"));
}

TEST_F(VerifyTest, KeysThatSortInAnotherOrderThere) {
  There(
      {"CREATE TABLE words (a varchar(40) character set utf8mb4 collate utf8mb4_general_ci, n int, "
       "u "
       "uuid, v int, primary key (a, n))",
       "INSERT INTO words SELECT concat(char(65 + seq % 26), if(seq % 3, 'é', '_'), seq), seq % 5, "
       "concat(lpad(hex(seq), 8, '0'), '-0000-4000-8000-000000000000'), seq FROM seq_1_to_5000"});
  const std::string yaml =
      "pump:\n  source: " + End("mariadb", mariadb_, "tables: words, split.rows: 500") +
      "  sink: " + End("postgres", url_, "schema: " + schema_) + "  split: {parallelism: 3}\n";
  Do("CREATE TABLE " + In("words") +
     " (a text COLLATE \"C\", n int, u uuid, v int, PRIMARY KEY (a, n))");
  Moved(yaml);
  auto verdict = Verdict(yaml);
  EXPECT_EQ(verdict.kind, Kind::kEqual) << text_;
  EXPECT_EQ(verdict.range_column, "");
  EXPECT_THAT(verdict.key, ElementsAre("a", "n"));
  Do("UPDATE " + In("words") + " SET v = -1 WHERE v = 99; DELETE FROM " + In("words") +
     " WHERE v = 100");
  verdict = Verdict(yaml);
  EXPECT_THAT(Shown(verdict),
              UnorderedElementsAre("different a=V_99 n=4: v", "missing a=Wé100 n=0"));
  EXPECT_EQ(verdict.source_rows_read, 10'000) << "once, and once more where a bucket differs";

  // Of one order on both sides they are ranges.
  Do("CREATE TABLE " + In("ids") + " (id uuid PRIMARY KEY, v int); INSERT INTO " + In("ids") +
     " SELECT gen_random_uuid(), i FROM generate_series(1, 5000) AS i");
  const std::string ids = Yaml("tables: " + In("ids") + ", split.rows: 500", "create: true");
  Moved(ids);
  Do("UPDATE " + To("ids") + " SET v = -1 WHERE v = 99");
  verdict = Verdict(ids);
  EXPECT_EQ(verdict.range_column, "id");
  EXPECT_EQ(verdict.different, 1);
  EXPECT_LE(verdict.source_rows_read, 5'000 + 2 * 501);
}

TEST_F(VerifyTest, ColumnsConditionsNamesAndRoutesAreRespected) {
  Do("CREATE TABLE " + In("orders_1") +
     " (id int primary key, amount int, only_here int); CREATE TABLE " + In("orders_2") +
     " (id int primary key, amount int); INSERT INTO " + In("orders_1") +
     " SELECT i, i, 1 FROM generate_series(1, 3000) AS i; INSERT INTO " + In("orders_2") +
     " SELECT i, i FROM generate_series(3001, 5000) AS i; CREATE TABLE " + To("orders") +
     " (id int primary key, cents numeric(12,2), only_here int)");
  const std::string yaml =
      Yaml("tables: ['" + schema_ + ".*'], split.rows: 500", "create: false",
           "  transforms:\n    - {tables: '" + schema_ +
               ".orders_*', where: amount % 10 > 0, route: orders, rename: {amount: cents}}\n");
  Moved(yaml);
  auto verdict = Verdict(yaml);
  EXPECT_EQ(verdict.kind, Kind::kEqual) << text_;
  EXPECT_THAT(verdict.sources, ElementsAre(In("orders_1"), In("orders_2")));
  EXPECT_THAT(verdict.left_out, ElementsAre("only_here"));
  EXPECT_EQ(verdict.source_rows, 4500);
  EXPECT_EQ(verdict.range_column, "id");
  Do("UPDATE " + To("orders") + " SET cents = 0.01 WHERE id IN (11, 4001)");
  EXPECT_THAT(Shown(Verdict(yaml)),
              UnorderedElementsAre("different id=11: cents", "different id=4001: cents"));
}

TEST_F(VerifyTest, RowsThatAreChangedOnTheirWayAreComparedAsTheyWouldArrive) {
  Do("CREATE TABLE " + In("paid") +
     " (id int primary key, amount numeric(10,2), iban text, rest text); INSERT INTO " +
     In("paid") +
     " SELECT i, i - 3, 'DE' || i || '44556677', CASE WHEN i = 70 THEN 'much' ELSE i::text END "
     "FROM generate_series(1, 500) AS i");
  const std::string yaml = Yaml(
      "tables: " + In("paid") + ", split.rows: 100", "create: true",
      "  transforms:\n    - {cast: {rest: INT}, filter: id % 10 <> 5, set: {share: 'round(100 / "
      "amount, 2)'}, mask: {iban: {keepFirst: 2, keepLast: 2}}, rename: {rest: remainder}}\n"
      "  dirty: {keep: " +
          (folder() / "bad.jsonl").string() + "}\n  split: {parallelism: 2}\n");
  Moved(yaml);
  EXPECT_EQ(written(), 448);  // without those of the filter, of amount 0, and the 70th
  auto verdict = Verdict(yaml);
  EXPECT_EQ(verdict.kind, Kind::kEqual) << text_;
  EXPECT_EQ(verdict.range_column, "id");
  Do("UPDATE " + To("paid") + " SET iban = 'DE124455667', share = 1 WHERE id = 12; DELETE FROM " +
     To("paid") + " WHERE id = 300; INSERT INTO " + To("paid") + " (id) VALUES (70)");
  verdict = Verdict(yaml);
  EXPECT_THAT(Shown(verdict),
              UnorderedElementsAre("different id=12: iban: share", "missing id=300", "extra id=70"))
      << text_;
}

TEST_F(VerifyTest, WhatNobodyCanTellIsNotSaidToBeEqual) {
  Do("CREATE TABLE " + In("t") + " (id int primary key, v int); INSERT INTO " + In("t") +
     " SELECT i, i FROM generate_series(1, 3000) AS i; CREATE TABLE " + In("gone") + " (id int)");
  const std::string yaml = Yaml("tables: " + In("t") + ", split.rows: 100", "create: true");
  EXPECT_EQ(Verdict(yaml).kind, Kind::kUnknown);
  EXPECT_THAT(text_, HasSubstr("the target has no table " + To("t")));
  Moved(yaml);
  // Stopped at the first word.
  std::stop_source stop;
  stop.request_stop();
  const auto stopped = Verify(yaml, {}, stop.get_token()).value();
  EXPECT_EQ(stopped.kind(), Kind::kUnknown);
  EXPECT_THAT(stopped.ToText(), HasSubstr("could not tell"));
  // Not let in.
  const std::string wrong =
      "pump:\n  source: " +
      End("mariadb", mariadb_, "username: nobody, password: 'hush hush', tables: t") +
      "  sink: " + End("postgres", url_, "create: true");
  const auto refused = Verify(wrong);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), base::ErrorCode::kBadCredentials);
  EXPECT_THAT(refused.error().ToString(), Not(HasSubstr("hush")));
  // One of two tables.
  const std::string both = Yaml("tables: [" + In("t") + ", " + In("gone") + "]", "create: true");
  const auto report = Verify(both).value();
  EXPECT_EQ(report.kind(), Kind::kUnknown);
  EXPECT_EQ(report.tables[0].kind, Kind::kEqual);
}

TEST_F(VerifyTest, MoreThanIsNamedIsSaidAndMemoryIsNot) {
  Do("CREATE TABLE " + In("many") + " (id int primary key, v int); INSERT INTO " + In("many") +
     " SELECT i, i FROM generate_series(1, 60000) AS i");
  const std::string yaml = Yaml("tables: " + In("many") + ", split.rows: 30000", "create: true");
  Moved(yaml);
  Do("UPDATE " + To("many") + " SET v = -v");
  const auto verdict = Verdict(yaml, {.most = 10});
  EXPECT_EQ(verdict.kind, Kind::kDifferent);
  EXPECT_EQ(verdict.differences.size(), 10U);
  EXPECT_EQ(verdict.different_ranges, verdict.ranges);
  EXPECT_THAT(text_, HasSubstr("not all is named"));
}

// A row that arrives between two looks is no difference; one that stays is.
TEST_F(VerifyTest, WhatDiffersIsLookedAtAgain) {
  Do("CREATE TABLE " + In("t") + " (id int primary key, v int); INSERT INTO " + In("t") +
     " SELECT i, i FROM generate_series(1, 3000) AS i");
  const std::string yaml = Yaml("tables: " + In("t") + ", split.rows: 1000", "create: true");
  Moved(yaml);
  Do("UPDATE " + To("t") + " SET v = -1 WHERE id IN (5, 2500)");
  const VerifyOptions options{.recheck = 2, .recheck_pause = base::Millis(0)};
  const auto report = Verify(yaml, options, {}, [&](const VerifyProgress& progress) {
    if (progress.recheck == 1) {
      Do("UPDATE " + To("t") + " SET v = 5 WHERE id = 5");
    }
  });
  ASSERT_TRUE(report.ok()) << report.error().ToString();
  EXPECT_THAT(Shown(report->tables[0]), ElementsAre("different id=2500: v"));
  EXPECT_EQ(report->tables[0].different_ranges, 1);
  EXPECT_EQ(report->tables[0].source_rows, 3000);
}

TEST_F(VerifyTest, WithFilesOfSqliteToo) {
  const auto file = folder() / "shop.db";
  ASSERT_TRUE(std::ofstream(file).good());
  Do("CREATE TABLE " + In("s") +
     " (id bigint primary key, d numeric(12,4), f double precision, t text, b bytea, y "
     "boolean, da date, ti time, ts timestamp, tz timestamptz, u uuid); INSERT INTO " +
     In("s") +
     " SELECT i, i / 8.0, i / 7.0, 'a' || i, decode('00ff', 'hex'), i % 2 = 0, date '2026-01-01' + "
     "i, time "
     "'09:05:00.5', timestamp '2026-01-01' + i * interval '1 us', timestamptz '2026-01-01 UTC', "
     "gen_random_uuid() FROM generate_series(1, 2000) AS i");
  const std::string yaml =
      "pump:\n  source: " + End("postgres", url_, "tables: " + In("s") + ", split.rows: 300") +
      "  sink: " + End("sqlite", "sqlite:" + file.string(), "create: true");
  Moved(yaml);
  auto verdict = Verdict(yaml);
  EXPECT_EQ(verdict.kind, Kind::kEqual) << text_;
  EXPECT_EQ(verdict.range_column, "id");
  Do("UPDATE " + In("s") + " SET d = d + 0.0001 WHERE id = 1234");
  EXPECT_THAT(Shown(Verdict(yaml)), ElementsAre("different id=1234: d"));
}

}  // namespace
}  // namespace streampark::pump
