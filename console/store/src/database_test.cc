// SPDX-License-Identifier: Apache-2.0
#include "streampark/store/database.h"

#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "streampark/base/temporary_folder.h"

namespace streampark::store {
namespace {

using base::ErrorCode;

class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest() {
    Transaction transaction = database_->Begin().value();
    EXPECT_TRUE(transaction
                    ->ExecuteScript(
                        "CREATE TABLE things (id TEXT PRIMARY KEY, count BIGINT, ratio DOUBLE, "
                        "at BIGINT, note TEXT); CREATE UNIQUE INDEX things_note ON things (note)")
                    .ok());
    EXPECT_TRUE(transaction.Commit().ok());
  }
  std::int64_t Count() {
    Reader reader = database_->Read().value();
    return reader
        ->SelectOne("SELECT count(*) FROM things", [](const Row& row) { return row.integer(0); })
        .value()
        .value();
  }

  base::SystemClock clock_;
  base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  std::filesystem::path file_ = folder_.path() / "test.db";
  std::unique_ptr<Database> database_ =
      Database::Open(file_, {.backup_folder = folder_.path() / "backups", .readers = 2}, clock_)
          .value();
};

TEST_F(DatabaseTest, EveryKindGoesThereAndBack) {
  const base::Timestamp at(base::Millis(1'234'567));
  ASSERT_EQ(database_
                ->Execute("INSERT INTO things VALUES (?, ?, ?, ?, ?)", "a", 7, 1.5, at,
                          std::string("né'w"))
                .value(),
            1);
  ASSERT_TRUE(database_
                  ->Execute("INSERT INTO things VALUES (?, ?, ?, ?, ?)", std::string_view("b"),
                            std::optional<int>(), nullptr, std::optional<base::Timestamp>(),
                            std::string_view())
                  .ok());
  Reader reader = database_->Read().value();
  int rows = 0;
  ASSERT_TRUE(reader
                  ->ForEach("SELECT id, count, ratio, at, note FROM things ORDER BY id",
                            [&](const Row& row) {
                              if (rows++ == 0) {
                                EXPECT_EQ(row.text(0), "a");
                                EXPECT_EQ(row.integer(1), 7);
                                EXPECT_EQ(row.number(2), 1.5);
                                EXPECT_EQ(row.time(3), at);
                                EXPECT_EQ(row.text(4), "né'w");
                                EXPECT_EQ(row.optional_integer(1), 7);
                              } else {
                                EXPECT_TRUE(row.is_null(1));
                                EXPECT_EQ(row.optional_integer(1), std::nullopt);
                                EXPECT_EQ(row.optional_time(3), std::nullopt);
                                EXPECT_EQ(row.optional_text(4), "");
                              }
                            })
                  .ok());
  EXPECT_EQ(rows, 2);
}

TEST_F(DatabaseTest, WhatIsNotCommittedIsRolledBack) {
  {
    Transaction transaction = database_->Begin().value();
    ASSERT_TRUE(transaction->Execute("INSERT INTO things (id) VALUES (?)", "x").ok());
    EXPECT_EQ(Count(), 0);
  }
  EXPECT_EQ(Count(), 0);
  ASSERT_TRUE(database_->Execute("INSERT INTO things (id) VALUES (?)", "x").ok());
  EXPECT_EQ(Count(), 1);
}

TEST_F(DatabaseTest, AParameterIsNeverReadAsSql) {
  const std::string evil = "x'); DROP TABLE things; --";
  ASSERT_TRUE(database_->Execute("INSERT INTO things (id) VALUES (?)", evil).ok());
  Reader reader = database_->Read().value();
  EXPECT_EQ(reader
                ->SelectOne(
                    "SELECT id FROM things WHERE id = ?",
                    [](const Row& row) { return row.text(0); }, evil)
                .value(),
            evil);
}

TEST_F(DatabaseTest, ErrorsHaveTheirCodes) {
  ASSERT_TRUE(database_->Execute("INSERT INTO things (id, note) VALUES ('a', 'n')").ok());
  EXPECT_EQ(database_->Execute("INSERT INTO things (id, note) VALUES ('b', 'n')").error().code(),
            ErrorCode::kNameTaken);
  EXPECT_EQ(database_->Execute("INSERT INTO things (id) VALUES ('a')").error().code(),
            ErrorCode::kNameTaken);
  EXPECT_EQ(database_->Execute("SELECT nonsense").error().code(), ErrorCode::kStorageFailed);
  EXPECT_EQ(database_->Execute("INSERT INTO things (id) VALUES (?)").error().code(),
            ErrorCode::kInternal);
  EXPECT_EQ(database_->Execute("INSERT INTO things (id) VALUES ('c')").value(), 1);
}

TEST_F(DatabaseTest, AFullDiskIsSaidSo) {
  ASSERT_TRUE(database_->Begin().value()->ExecuteScript("PRAGMA max_page_count = 1").ok());
  base::Result<std::int64_t> result = 0;
  for (int i = 0; i < 200 && result.ok(); ++i) {
    result = database_->Execute("INSERT INTO things (id, note) VALUES (?, ?)", i,
                                std::string(4000, 'x') + std::to_string(i));
  }
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), ErrorCode::kStorageFull);
}

TEST_F(DatabaseTest, ReadersCannotWrite) {
  Reader reader = database_->Read().value();
  EXPECT_FALSE(reader->Execute("DELETE FROM things").ok());
}

TEST_F(DatabaseTest, ThreadsShareIt) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 25; ++i) {
        EXPECT_TRUE(
            database_->Execute("INSERT INTO things (id) VALUES (?)", std::to_string(t * 100 + i))
                .ok());
        EXPECT_GT(Count(), 0);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(Count(), 100);
}

TEST_F(DatabaseTest, NobodyElseMayReadTheFile) {
  struct stat status {};
  for (const char* name : {"test.db", "test.db-wal"}) {
    ASSERT_EQ(::stat((folder_.path() / name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0077U, 0U) << name;
  }
}

TEST_F(DatabaseTest, WhatIsNoDatabaseIsRefused) {
  std::filesystem::create_directory(folder_.path() / "folder.db");
  EXPECT_EQ(Database::Open(folder_.path() / "folder.db", {}, clock_).error().code(),
            ErrorCode::kStorageFailed);
}

}  // namespace
}  // namespace streampark::store
