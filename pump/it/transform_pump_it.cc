// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/files.h"

#include "moving_tables.h"
#include "testing/postgres_server.h"

/// Rows that are changed on their way, between two schemas of one server.
namespace streampark::pump {
namespace {

using connectors::postgres::testing::Execute;
using connectors::postgres::testing::PostgresServer;
using connectors::postgres::testing::RowsAt;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class TransformPumpTest : public ::testing::Test, public testing::MovingTables {
 protected:
  std::string Yaml(const std::string& transform, const std::string& more = "") const {
    return "pump:\n  source: {connector: postgres, url: '" + url_ + "', tables: " + schema_ +
           ".paid}\n  sink: {connector: postgres, url: '" + url_ + "', schema: " + aside_ +
           ", create: true}\n  transforms:\n    - {tables: " + schema_ + ".paid, " + transform +
           "}\n" + more;
  }

  const std::string url_ = PostgresServer::Get().NewSchema();
  const std::string schema_ = PostgresServer::SchemaOf(url_);
  const std::string aside_ = schema_ + "_aside";
};

TEST_F(TransformPumpTest, CastsFiltersComputesMasksAndKeepsWhatCannotBeComputed) {
  Execute(url_, "CREATE TABLE " + schema_ +
                    ".paid (id int primary key, amount numeric(10,2), iban text, payer text, at "
                    "timestamp, rest text); INSERT INTO " +
                    schema_ +
                    ".paid SELECT i, i - 3, 'DE' || i || '44556677', 'payer ' || i, timestamp "
                    "'2026-01-01' + i * interval '1 hour', CASE WHEN i = 70 THEN 'much' ELSE "
                    "i::text END FROM generate_series(1, 100) AS i");
  const auto kept = folder() / "bad.jsonl";
  const std::string yaml = Yaml(
      "cast: {rest: INT}, filter: id > 1 AND id % 10 <> 5, set: {share: 'round(100 / amount, 2)', "
      "day: CAST(at AS DATE)}, mask: {iban: {keepFirst: 2, keepLast: 2}, payer: {hash: sha256, "
      "salt: '${env:PUMP_SALT}'}}, drop: at, rename: {rest: remainder}, route: masked",
      "  dirty: {keep: " + kept.string() + "}\n  split: {rows: 30}\n");
  ASSERT_EQ(setenv("PUMP_SALT", "Jefe", 1), 0);
  const std::string shown = DryRun(yaml).value();
  EXPECT_THAT(shown, HasSubstr("by columns: 'cast' of job.yaml:5 looks into them"));
  EXPECT_THAT(shown, HasSubstr("filter id > 1"));
  EXPECT_THAT(shown, HasSubstr("remainder  INT, cast"));
  EXPECT_THAT(shown, HasSubstr("payer      STRING, mask: hash"));
  EXPECT_THAT(shown, HasSubstr("day        DATE, set"));
  EXPECT_THAT(shown, HasSubstr("id         INT NOT NULL, key"));
  EXPECT_THAT(shown, Not(HasSubstr("Jefe")));
  const auto moved = Pump(yaml);
  ASSERT_TRUE(moved.ok()) << moved.error().ToString();
  // Of 100: the first, ten with a five, 3 with amount 0, and the 70th are not there.
  EXPECT_EQ(written(), 87);
  EXPECT_THAT(
      RowsAt(url_, "SELECT * FROM " + aside_ + ".masked WHERE id = 12"),
      ElementsAre(
          "12|9.00|DE********77|"
          "b871b8b0fa6e03a269f6e64bd3a78e6f4c2122441c853ac4c63af69681cb3641|12|11.11|2026-01-01"));
  const std::string bad = base::ReadFile(kept, 1 << 16).value();
  EXPECT_THAT(bad, HasSubstr("'share': division by zero"));
  EXPECT_THAT(bad, HasSubstr("'rest': 'much' is no INT"));
  EXPECT_THAT(bad, Not(HasSubstr("payer 70")));
  EXPECT_THAT(bad, Not(HasSubstr("44556677")));
}

TEST_F(TransformPumpTest, WhatIsWrongIsSaidBeforeARowIsMoved) {
  Execute(url_, "CREATE TABLE " + schema_ + ".paid (id int primary key, amount numeric(10,2))");
  const auto why = [&](const std::string& transform) {
    const auto shown = DryRun(Yaml(transform));
    return shown.ok() ? "" : shown.error().message() + " / " + shown.error().hint();
  };
  EXPECT_THAT(why("filter: amuont > 0"),
              HasSubstr("'pump.transforms.-.filter' at character 1: there is no column 'amuont' / "
                        "did you mean 'amount'?"));
  EXPECT_THAT(why("cast: {amount: DATE}"), HasSubstr("DECIMAL(10, 2) is not cast to DATE"));
  EXPECT_THAT(DryRun(Yaml("drop: [amount]")).value(), HasSubstr("copied as they are"));
}

}  // namespace
}  // namespace streampark::pump
