// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/files.h"
#include "streampark/connectors/testing/mortal_work.h"

#include "moving_tables.h"
#include "testing/postgres_server.h"

/// Tables from one PostgreSQL schema to another, which a server does not mind being at one place.
namespace streampark::pump {
namespace {

namespace fs = std::filesystem;
using connectors::postgres::testing::Execute;
using connectors::postgres::testing::PostgresServer;
using connectors::postgres::testing::RowsAt;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PostgresPumpTest : public ::testing::Test, public testing::MovingTables {
 protected:
  /// The tables are in the schema, their targets in the one aside.
  std::string Yaml(const std::string& source, const std::string& sink,
                   const std::string& more = "") const {
    return "pump:\n  source: {connector: postgres, url: '" + url_ + "', " + source +
           "}\n  sink: {connector: postgres, url: '" + url_ + "', schema: " + aside_ + ", " + sink +
           "}\n" + more;
  }
  std::string In(const std::string& table) const { return schema_ + "." + table; }
  std::string To(const std::string& table) const { return aside_ + "." + table; }
  void Do(const std::string& statements) const { Execute(url_, statements); }
  std::vector<std::string> Rows(const std::string& query) const { return RowsAt(url_, query); }
  /// Rows of the one that are not in the other, both ways.
  std::string Differences(const std::string& table, const std::string& to) const {
    const std::string from = "SELECT t::text FROM " + In(table) + " t";
    const std::string target = "SELECT t::text FROM " + To(to) + " t";
    return Rows("SELECT (SELECT count(*) FROM ((" + from + " EXCEPT ALL " + target +
                ") UNION ALL (" + target + " EXCEPT ALL " + from + ")) AS d)")[0];
  }

  PostgresServer& server_ = PostgresServer::Get();
  const std::string url_ = server_.NewSchema();
  const std::string schema_ = PostgresServer::SchemaOf(url_);
  const std::string aside_ = schema_ + "_aside";
};

constexpr const char* kEveryType =
    "(id int primary key, b boolean, s smallint, l bigint, r real, d double precision, n numeric, "
    "m numeric(15,2), t text, v varchar(40), c char(3), y bytea, u uuid, j jsonb, da date, ti "
    "time(3), ts timestamp, tz timestamptz, iv interval, bi bit(5), ip inet, a int[], tr "
    "int4range)";

TEST_F(PostgresPumpTest, WhatAServerWritesTheOtherReadsByteForByte) {
  Do("CREATE TABLE " + In("every") + kEveryType + "; INSERT INTO " + In("every") +
     " SELECT i, i % 2 = 0, i, i::bigint << 33, i / 3.0, i / 7.0, i / 9.0, i, 'tab\t\"quote\\', "
     "'中文' || i, 'x', decode('00ff5c', 'hex'), gen_random_uuid(), '{\"a\": [1, null]}', "
     "date '2000-01-01' + i, time '09:05:00.25', timestamp '2026-01-01' + i * interval '1 us', "
     "timestamptz '2026-01-01 UTC', i * interval '1 day', B'10101', '10.0.0.1', ARRAY[i, NULL], "
     "int4range(i, i + 9) FROM generate_series(1, 5000) AS i; INSERT INTO " +
     In("every") +
     " (id, n, r, d, da, ts) VALUES (-1, 'NaN', 'Infinity', '-Infinity', 'infinity', "
     "'-infinity'), (-2, NULL, NULL, NULL, '0044-03-15 BC', NULL)");
  const std::string yaml = Yaml("tables: " + In("every") + ", split.rows: 1000", "create: true",
                                "  split: {parallelism: 2}\n");
  EXPECT_THAT(DryRun(yaml).value(), HasSubstr("copied as they are"));
  const auto ended = Pump(yaml);
  ASSERT_TRUE(ended.ok()) << ended.error().ToString();
  EXPECT_EQ(written(), 5002);
  EXPECT_EQ(Differences("every", "every"), "0");
  EXPECT_THAT(Rows("SELECT count(*) FROM pg_index WHERE indisprimary AND indrelid = '" +
                   To("every") + "'::regclass"),
              ElementsAre("1"));
}

TEST_F(PostgresPumpTest, TablesByPatternColumnsConditionsAndRoutes) {
  Do("CREATE TABLE " + In("orders_1") + " (id int primary key, amount int); CREATE TABLE " +
     In("orders_2") + " (id int primary key, amount int); CREATE TABLE " + In("people") +
     " (id int primary key, email text, secret text); INSERT INTO " + In("orders_1") +
     " VALUES (1, 10), (2, 20); INSERT INTO " + In("orders_2") +
     " VALUES (3, 30), (4, -1); INSERT INTO " + In("people") + " VALUES (1, 'a@b', 'x')");
  const auto ended =
      Pump(Yaml("tables: ['" + schema_ + ".*']", "create: true",
                "  transforms:\n    - {tables: '" + schema_ +
                    ".orders_*', where: amount > 0, route: orders}\n    - {tables: "
                    "'" +
                    In("people") + "', columns: [id, email], rename: {email: mail}}\n"));
  ASSERT_TRUE(ended.ok()) << ended.error().ToString();
  EXPECT_THAT(Rows("SELECT * FROM " + To("orders") + " ORDER BY 1"),
              ElementsAre("1|10", "2|20", "3|30"));
  EXPECT_THAT(Rows("SELECT id, mail FROM " + To("people")), ElementsAre("1|a@b"));
}

TEST_F(PostgresPumpTest, ARowThatTheTargetRefusesIsKeptAsideAndAllOthersArrive) {
  Do("CREATE TABLE " + In("n") + " (id int primary key, v int); INSERT INTO " + In("n") +
     " SELECT i, i FROM generate_series(1, 3000) AS i; CREATE TABLE " + To("n") +
     " (id int primary key, v int CHECK (v <> 1717))");
  const auto kept = folder() / "bad.jsonl";
  const auto ended = Pump(Yaml("tables: " + In("n"), "create: false",
                               "  split: {rows: 1000}\n  dirty: {keep: " + kept.string() + "}\n"));
  ASSERT_TRUE(ended.ok()) << ended.error().ToString();
  EXPECT_THAT(Rows("SELECT count(*), sum(v) FROM " + To("n")),
              ElementsAre("2999|" + std::to_string(3000 * 3001 / 2 - 1717)));
  const std::string bad = base::ReadFile(kept, 1 << 16).value();
  EXPECT_THAT(bad, HasSubstr("1717"));
  EXPECT_THAT(bad, HasSubstr("check"));
}

TEST_F(PostgresPumpTest, ByKeyTheSameRowsAgainLeaveTheSame) {
  Do("CREATE TABLE " + In("k") + " (id int primary key, v text); INSERT INTO " + In("k") +
     " SELECT i, 'new ' || i FROM generate_series(1, 2000) AS i; CREATE TABLE " + To("k") +
     " (id int primary key, v text); INSERT INTO " + To("k") +
     " SELECT i, 'old' FROM generate_series(1000, 1500) AS i");
  for (int run = 0; run < 2; ++run) {
    const auto ended = Pump(Yaml("tables: " + In("k"), "mode: upsert"));
    ASSERT_TRUE(ended.ok()) << ended.error().ToString();
    EXPECT_EQ(Differences("k", "k"), "0");
  }
}

TEST_F(PostgresPumpTest, WhatIsWrongIsSaidBeforeARowIsMoved) {
  Do("CREATE TABLE " + In("t") + " (id int, amount int); CREATE TABLE " + To("narrow") +
     " (id int)");
  const auto why = [&](const std::string& yaml) {
    const auto shown = DryRun(yaml);
    return shown.ok() ? "" : shown.error().message() + " / " + shown.error().hint();
  };
  EXPECT_THAT(why(Yaml("tables: nothing", "create: true")),
              HasSubstr("no table of the source is named 'nothing'"));
  EXPECT_THAT(why(Yaml("tables: " + In("t"), "create: false")),
              HasSubstr("the target has no table " + To("t")));
  EXPECT_THAT(
      why(Yaml("tables: " + In("t"), "create: true",
               "  transforms: [{tables: " + In("t") + ", columns: [amuont]}]\n")),
      HasSubstr("job.yaml:4: " + In("t") + " has no column 'amuont' / did you mean 'amount'?"));
  EXPECT_THAT(why(Yaml("tables: " + In("t"), "create: true",
                       "  transforms: [{tables: " + In("t") + ", route: narrow}]\n")),
              HasSubstr("the target " + To("narrow") + " has no column 'amount'"));
  EXPECT_THAT(why("pump: {source: {connector: kafka}, sink: {connector: postgres}}"),
              HasSubstr("'kafka' has no tables to find"));
}

// Stopped half-way: what is noted as ended is not read again, though the table and its statistics have changed meanwhile.
TEST_F(PostgresPumpTest, AStoppedJobGoesOnWithThePartsThatAreLeft) {
  constexpr int kRows = 40'000;
  Do("CREATE TABLE " + In("big") + " (id int primary key, v text); INSERT INTO " + In("big") +
     " SELECT i, repeat('x', 100) FROM generate_series(1, " + std::to_string(kRows) + ") AS i");
  const std::string yaml = Yaml("tables: " + In("big") + ", split.rows: 1000", "create: true");
  std::stop_source stop;
  std::jthread stopper([&] {
    for (;;) {
      const auto ended = Rows("SELECT count(*) FROM pg_class WHERE oid = to_regclass('" +
                              To("streampark_splits") + "')");
      if (ended[0] == "1" &&
          Rows("SELECT sum(ended) >= 5 FROM " + To("streampark_splits"))[0] == "t") {
        return stop.request_stop();
      }
    }
  });
  ASSERT_TRUE(Pump(yaml, stop.get_token()).ok());
  stopper.join();
  const auto there = std::stoi(Rows("SELECT count(*) FROM " + To("big"))[0]);
  ASSERT_LT(there, kRows) << "it had ended before it was stopped";
  EXPECT_EQ(there % 1000, 0) << "whole parts";
  Do("DELETE FROM " + In("big") + " WHERE id % 2 = 0 AND id > " + std::to_string(kRows - 1000) +
     "; ANALYZE " + In("big"));
  ASSERT_TRUE(Pump(yaml).ok());
  EXPECT_EQ(written(), kRows - 500 - there);
  EXPECT_EQ(Differences("big", "big"), "0");
  // It has ended: the next one begins anew.
  EXPECT_FALSE(Pump(yaml).ok()) << "the rows are there already";
}

// With the connections goes the snapshot that all readers share: what is left is read as it is by then.
TEST_F(PostgresPumpTest, ConnectionsThatAreCutAreMadeAnew) {
  Do("CREATE TABLE " + In("cut") + " (id int primary key, v text); INSERT INTO " + In("cut") +
     " SELECT i, repeat('x', 100) FROM generate_series(1, 40000) AS i");
  Allow(3);
  std::atomic<bool> ended = false;
  std::string cut;
  std::jthread cutter([&] {
    while (!ended && cut.empty()) {
      const auto noted = Rows("SELECT count(*) FROM pg_class WHERE oid = to_regclass('" +
                              To("streampark_splits") + "')");
      if (noted[0] == "1" &&
          Rows("SELECT sum(ended) >= 3 FROM " + To("streampark_splits"))[0] == "t") {
        cut = Rows(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE "
            "application_name = 'streampark' AND pid <> pg_backend_pid()")[0];
      }
    }
  });
  const auto moved = Pump(Yaml("tables: " + In("cut") + ", split.rows: 1000", "create: true"));
  ended = true;
  cutter.join();
  ASSERT_TRUE(moved.ok()) << moved.error().ToString();
  EXPECT_GE(std::stoi("0" + cut), 3) << "it had ended before anything was cut";
  EXPECT_EQ(Differences("cut", "cut"), "0");
}

TEST_F(PostgresPumpTest, KilledAtAnyMomentEachRowIsThereOnce) {
  Do("CREATE TABLE " + In("log") + " (n int, v text); INSERT INTO " + In("log") +
     " SELECT i, repeat('y', i % 300) FROM generate_series(1, 30000) AS i");
  // A table without a key: parts are ranges of pages, and a row twice would be seen.
  const std::string yaml = Yaml("tables: " + In("log") + ", split.rows: 1000", "create: true",
                                "  split: {parallelism: 2}\n");
  connectors::testing::KillAtRandomMoments(
      {.prepare = [&] { Do("DROP TABLE IF EXISTS " + To("log") + ", " + To("streampark_splits")); },
       .run =
           [&](const fs::path& checkpoint, connectors::testing::Fate& /*fate*/) {
             return testing::MovingTables().Pump(yaml, {}, checkpoint.string() + ".state");
           },
       .check =
           [&](const std::string& when) { EXPECT_EQ(Differences("log", "log"), "0") << when; }},
      8);
}

}  // namespace
}  // namespace streampark::pump
