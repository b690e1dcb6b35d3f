// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/connectors/testing/mortal_work.h"

#include "moving_tables.h"
#include "testing/mariadb_server.h"
#include "testing/postgres_server.h"

/// What a pump does with rows that its target has, on each database that it writes.
namespace streampark::pump {
namespace {

namespace fs = std::filesystem;
using connectors::mariadb::testing::MariadbServer;
using connectors::postgres::testing::Execute;
using connectors::postgres::testing::PostgresServer;
using connectors::postgres::testing::RowsAt;
using ::testing::HasSubstr;

class ModesTest : public ::testing::TestWithParam<const char*>, public testing::MovingTables {
 protected:
  /// From the schema into the database under test.
  std::string Yaml(const std::string& tables, const std::string& mode,
                   const std::string& more = "") const {
    return "pump:\n  source: {connector: postgres, url: '" + url_ + "', tables: [" + tables +
           "], split.rows: 500}\n  sink: {connector: " + GetParam() + ", url: '" + target_ +
           "', create: true, mode: " + mode +
           (GetParam() == std::string("postgres") ? ", schema: " + schema_ + "_aside" : "") +
           "}\n" + more;
  }
  std::string Routed(const std::string& mode) const {
    return Yaml(In("before"), mode, "  transforms: [{tables: " + In("before") + ", route: t}]\n");
  }
  std::string In(const std::string& table) const { return schema_ + "." + table; }
  void Moved(const std::string& yaml) {
    const auto moved = Pump(yaml);
    ASSERT_TRUE(moved.ok()) << moved.error().ToString();
  }
  TableVerdict Verdict(const std::string& yaml) const {
    const auto report = Verify(yaml, {.most = 100'000});  // all are counted
    EXPECT_TRUE(report.ok()) << report.error().ToString();
    return report.ok() ? report->tables.at(0) : TableVerdict{};
  }
  void MakeTables(int rows) const {
    Execute(url_, "CREATE TABLE " + In("before") + " (id int primary key, v text); INSERT INTO " +
                      In("before") +
                      " SELECT i, 'before' FROM generate_series(501, 1500) AS i; CREATE TABLE " +
                      In("t") + " (id int primary key, v text); INSERT INTO " + In("t") +
                      " SELECT i, repeat('t', i % 50) FROM generate_series(1, " +
                      std::to_string(rows) + ") AS i");
  }

  /// Moves 10,000 rows over those that another job has left, is killed again and again, and `check`ed whenever it has ended.
  void KillIt(const std::string& mode, int kills,
              const std::function<void(const TableVerdict&, const std::string& when)>& check) {
    MakeTables(10'000);
    const std::string yaml = Yaml(In("t"), mode, "  split: {parallelism: 2}\n");
    connectors::testing::KillAtRandomMoments(
        {.prepare =
             [&] {
               const auto left =
                   testing::MovingTables().Pump("name: before\n" + Routed("overwrite"));
               ASSERT_TRUE(left.ok()) << left.error().ToString();
             },
         .run =
             [&](const fs::path& checkpoint, connectors::testing::Fate& /*fate*/) {
               return testing::MovingTables().Pump(yaml, {}, checkpoint.string() + ".state");
             },
         .check = [&](const std::string& when) { check(Verdict(yaml), when); }},
        kills);
  }

  const std::string url_ = PostgresServer::Get().NewSchema();
  const std::string schema_ = PostgresServer::SchemaOf(url_);
  const fs::path file_ = folder() / "target.db";
  const std::string target_ = GetParam() == std::string("postgres") ? url_
                              : GetParam() == std::string("mariadb")
                                  ? MariadbServer::Get().NewDatabase()
                                  : "sqlite:" + file_.string();
  const bool made_ = GetParam() != std::string("sqlite") || std::ofstream(file_).good();
};

TEST_P(ModesTest, OverwriteLeavesWhatTheSourceHasAndNoMore) {
  MakeTables(1000);
  Moved(Routed("append"));
  const std::string yaml = Yaml(In("t"), "overwrite");
  EXPECT_EQ(Verdict(yaml).extra, 500);
  EXPECT_THAT(DryRun(yaml).value(), HasSubstr(GetParam() == std::string("postgres")
                                                  ? "before the first row: TRUNCATE TABLE"
                                                  : "before the first row: DELETE FROM"));
  for (int run = 0; run < 2; ++run) {
    Moved(yaml);
    EXPECT_EQ(Verdict(yaml).kind, TableVerdict::Kind::kEqual);
  }
}

TEST_P(ModesTest, SeveralTablesOverwriteOneTargetTogether) {
  MakeTables(500);
  const std::string both = Yaml(In("before") + ", " + In("t"), "overwrite",
                                "  transforms: [{tables: '" + schema_ + ".*', route: t}]\n");
  for (int run = 0; run < 2; ++run) {
    Moved(both);
    const auto verdict = Verdict(both);
    EXPECT_EQ(verdict.kind, TableVerdict::Kind::kEqual);
    EXPECT_EQ(verdict.target_rows, 1500);
  }
}

TEST_P(ModesTest, IgnoreLeavesWhatIsThere) {
  MakeTables(1000);
  Moved(Routed("append"));
  const std::string yaml = Yaml(In("t"), "ignore");
  for (int run = 0; run < 2; ++run) {
    Moved(yaml);
    const auto verdict = Verdict(yaml);
    EXPECT_EQ(verdict.missing, 0);
    EXPECT_EQ(verdict.different, 500);
    EXPECT_EQ(verdict.extra, 500);
  }
  const auto before = Verdict(Routed("ignore"));
  EXPECT_EQ(before.missing + before.different, 0) << "all that was there is as it was";
}

TEST_P(ModesTest, KilledAtAnyMomentItsRowsAreThereOnceAndTheOldOnesGone) {
  KillIt("overwrite", 4, [](const TableVerdict& verdict, const std::string& when) {
    EXPECT_EQ(verdict.kind, TableVerdict::Kind::kEqual) << when << verdict.why_unknown;
    EXPECT_EQ(verdict.target_rows, 10'000) << when;
  });
}

TEST_P(ModesTest, KilledWhileItIgnoresItLeavesNoneOutAndNoneTwice) {
  KillIt("ignore", 2, [](const TableVerdict& verdict, const std::string& when) {
    EXPECT_EQ(verdict.different, 1000) << when << verdict.why_unknown;
    EXPECT_EQ(verdict.missing + verdict.extra + verdict.repeated, 0) << when;
    EXPECT_EQ(verdict.target_rows, 10'000) << when;
  });
}

TEST_P(ModesTest, ATableThatIsItsOwnTargetIsNotEmptied) {
  MakeTables(10);
  const std::string itself = "pump:\n  source: {connector: postgres, url: '" + url_ +
                             "', tables: " + In("t") + "}\n  sink: {connector: postgres, url: '" +
                             url_ + "', schema: " + schema_ + ", mode: overwrite}\n";
  const auto refused = DryRun(itself);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message(), HasSubstr("its own target"));
}

INSTANTIATE_TEST_SUITE_P(, ModesTest, ::testing::Values("postgres", "mariadb", "sqlite"),
                         [](const auto& of) { return std::string(of.param); });

}  // namespace
}  // namespace streampark::pump
