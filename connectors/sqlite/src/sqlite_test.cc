// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/sqlite.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/temporary_folder.h"
#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/sql/testing/crash_job.h"
#include "streampark/connectors/testing/sink_contract.h"
#include "streampark/connectors/testing/source_contract.h"

#include "sqlite_database.h"
#include "sqlite_session.h"

namespace streampark::connectors::sqlite {
namespace {

using connectors::testing::Given;
using connectors::testing::NumberedTexts;
using connectors::testing::SchemaOf;
using connectors::testing::Strings;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A file of a test's own, in memory where that can be had.
class File {
 public:
  std::string url() const { return "sqlite:" + path(); }
  void Execute(const std::vector<std::string>& statements) const {
    const auto session = Open();
    for (const auto& statement : statements) {
      const auto done = session->Execute(statement);
      EXPECT_TRUE(done.ok()) << done.error().ToString() << " in " << statement;
    }
  }
  Strings Rows(const std::string& query) const {
    Strings rows;
    const auto found = Open()->Query(query).value();
    for (const auto& row : found) {
      rows.push_back(row.at(0).value_or("NULL"));
    }
    return rows;
  }

 private:
  std::string path() const { return (folder_.path() / "file.db").string(); }
  std::unique_ptr<SqliteSession> Open() const {
    sqlite3* made = nullptr;
    sqlite3_open(path().c_str(), &made);
    sqlite3_close(made);
    return SqliteSession::Connect({.database = path()}).value();
  }
  static base::TemporaryFolder NewFolder() {
    const std::filesystem::path memory = "/dev/shm";
    return base::TemporaryFolder::Create(std::filesystem::is_directory(memory) ? memory : "")
        .value();
  }

  const base::TemporaryFolder folder_ = NewFolder();
};

const char* const kStages = "SELECT name FROM sqlite_master WHERE name LIKE 'streampark_stage%'";

class TableUnderTest final : public connectors::testing::SourceUnderTest {
 public:
  explicit TableUnderTest(const std::string& key) {
    file_.Execute(
        {"CREATE TABLE orders (n BIGINT NOT NULL, name TEXT, price REAL, k TEXT, " + key + ")",
         "WITH RECURSIVE g(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM g WHERE n < 46) "
         "INSERT INTO orders SELECT n, CASE WHEN n % 5 <> 4 THEN 'row ' || n END, CASE "
         "WHEN n % 5 <> 4 THEN n + 0.5 END, char(65 + n * 7 % 60) || '''' || n FROM g"});
  }
  const Connector& connector() const override { return *connector_; }
  SchemaPtr schema() const override {
    return SchemaOf("n BIGINT NOT NULL, name STRING, price DOUBLE");
  }
  Given bounded() const override {
    return {{"url", file_.url()}, {"table", "orders"}, {"split.rows", "11"}, {"batch.rows", "3"}};
  }
  Strings rows() const override { return NumberedTexts(schema(), 0, 47); }
  Given unbounded() const override {
    Given given = bounded();
    given["poll.column"] = "n";
    return given;
  }
  Strings Grow() override { return {}; }

 private:
  const File file_;
  const std::unique_ptr<Connector> connector_ = MakeSqliteConnector();
};

class TargetUnderTest final : public connectors::testing::SinkUnderTest {
 public:
  explicit TargetUnderTest(Given more) : more_(std::move(more)) {
    file_.Execute({"CREATE TABLE orders (n BIGINT PRIMARY KEY, name TEXT, price REAL)"});
  }
  const Connector& connector() const override { return *connector_; }
  SchemaPtr schema() const override {
    return SchemaOf("n BIGINT NOT NULL, name STRING, price DOUBLE");
  }
  Given options() const override {
    Given given = more_;
    given.insert({{"url", file_.url()}, {"table", "orders"}});
    return given;
  }
  Strings Visible() override {
    return file_.Rows(
        "SELECT '+I(' || n || ', ' || coalesce('''' || name || '''', 'NULL') || ', ' || "
        "coalesce(price, 'NULL') || ')' FROM orders");
  }
  Strings Staged() override { return file_.Rows(kStages); }

 private:
  const File file_;
  const Given more_;
  const std::unique_ptr<Connector> connector_ = MakeSqliteConnector();
};

Strings ReadAll(const File& file, const SchemaPtr& schema, Strings& dirty) {
  const auto connector = MakeSqliteConnector();
  const auto source =
      connectors::testing::SourceOf(*connector, {{"url", file.url()}, {"table", "t"}}, schema);
  const auto reader = source->MakeReader(0).value();
  EXPECT_TRUE(
      reader->Add(source->MakeEnumerator(std::nullopt).value()->Discover({}).value().splits).ok());
  Strings rows;
  for (bool ended = false; !ended;) {
    auto read = reader->Read(std::chrono::seconds(1)).value();
    if (read.batch) {
      connectors::testing::AddRows(*read.batch, rows);
    }
    for (const auto& record : read.dirty) {
      dirty.push_back(record.reason);
    }
    ended = !read.ended.empty();
  }
  return rows;
}

TEST(Sqlite, ValuesOfAnotherClassThanTheirColumnAreDirty) {
  const File file;
  file.Execute(
      {"CREATE TABLE t (id INTEGER PRIMARY KEY, b BOOLEAN, d DATE, n DECIMAL(10,2), ts DATETIME, r "
       "REAL, x BLOB)",
       "INSERT INTO t VALUES (1, 1, '2026-01-31', '12.50', '2026-01-31 09:05:00', 1, x'00ff')",
       "INSERT INTO t (id, b) VALUES (2, 7)", "INSERT INTO t (id, d) VALUES (3, 'soon')",
       "INSERT INTO t (id, r) VALUES (4, 'much')", "INSERT INTO t (id, x) VALUES (5, 'text')"});
  Strings dirty;
  EXPECT_THAT(ReadAll(file, nullptr, dirty),
              ElementsAre("+I(1, true, 2026-01-31, 12.50, 2026-01-31 09:05:00, 1, x'00ff')"));
  EXPECT_THAT(dirty, ElementsAre("'b': '7' is no BOOLEAN", "'d': 'soon' is no DATE",
                                 "'r': 'much' is no DOUBLE", "'x': 'text' is no BYTES"));
}

TEST(Sqlite, AFileThatIsNotThereIsNamed) {
  EXPECT_THAT(
      connectors::testing::SourceRefusal(
          *MakeSqliteConnector(), {{"url", "sqlite:/nowhere/x.db"}, {"table", "t"}}, nullptr),
      AllOf(HasSubstr("NOT_FOUND: opening sqlite:/nowhere/x.db"),
            HasSubstr("an empty one will do")));
}

TEST(SqliteCrash, NoRowIsLostOrDoubledWhereverTheProcessIsKilled) {
  const File file;
  sql::testing::ExpectEachRowOnceWhereverItIsKilled(
      {.make_connector =
           [](sql::testing::WrapDatabase wrap) {
             return MakeSqliteConnectorOver([wrap = std::move(wrap)](sql::Address address) {
               return base::Result<sql::DatabasePtr>(wrap(OpenSqlite(std::move(address))));
             });
           },
       .options = {{"url", file.url()}, {"table", "written"}},
       .visible =
           [&] {
             return file.Rows(
                 "SELECT '+I(' || n || ', ' || coalesce('''' || name || '''', 'NULL') || ')' FROM "
                 "written");
           },
       .staged = [&] { return file.Rows(kStages); },
       .clear =
           [&] {
             file.Execute({"DROP TABLE IF EXISTS written", "DROP TABLE IF EXISTS streampark_ledger",
                           "CREATE TABLE written (n BIGINT, name TEXT)"});
           }});
}

auto Table(std::string key) {
  return [=] { return std::make_unique<TableUnderTest>(key); };
}
auto Target(Given more) {
  return [=] { return std::make_unique<TargetUnderTest>(more); };
}

}  // namespace
}  // namespace streampark::connectors::sqlite

namespace lite = streampark::connectors::sqlite;
SP_SOURCE_CONTRACT(SqliteByWholeNumber, lite::Table("PRIMARY KEY (n)"));
SP_SOURCE_CONTRACT(SqliteByText, lite::Table("PRIMARY KEY (k, n)"));
SP_EXACTLY_ONCE_CONTRACT(SqliteAppend, lite::Target({}));
SP_EXACTLY_ONCE_CONTRACT(SqliteUpsert, lite::Target({{"mode", "upsert"}, {"key", "n"}}));
SP_SINK_CONTRACT(SqliteAtLeastOnce,
                 lite::Target({{"delivery", "at-least-once"}, {"mode", "upsert"}, {"key", "n"}}));
