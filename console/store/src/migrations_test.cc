// SPDX-License-Identifier: Apache-2.0
#include "migrations.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "streampark/base/temporary_folder.h"
#include "streampark/store/database.h"

namespace streampark::store {
namespace {

using base::ErrorCode;

class MigrationsTest : public testing::Test {
 protected:
  std::unique_ptr<Connection> Open() {
    return Connection::Open(folder_.path() / "m.db", {}).value();
  }
  std::size_t Backups() const {
    if (!std::filesystem::exists(backups_)) {
      return 0;
    }
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(backups_),
                                                  std::filesystem::directory_iterator()));
  }
  base::ManualClock clock_;
  base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  std::filesystem::path backups_ = folder_.path() / "backups";
};

constexpr Migration kFirst{1, "first", "CREATE TABLE a (x INTEGER); CREATE TABLE b (y INTEGER)"};
constexpr Migration kSecond{100, "second", "ALTER TABLE a ADD COLUMN z INTEGER"};
constexpr Migration kBroken{200, "broken", "CREATE TABLE c (x INTEGER); SELECT nonsense"};

TEST_F(MigrationsTest, AppliesEachStepOnceAndCopiesBeforeLaterOnes) {
  const auto connection = Open();
  const Migration one[] = {kFirst};
  ASSERT_TRUE(Migrate(*connection, one, backups_, clock_).ok());
  EXPECT_EQ(Backups(), 0U);
  ASSERT_TRUE(connection->Execute("INSERT INTO a VALUES (5)").ok());
  ASSERT_TRUE(Migrate(*connection, one, backups_, clock_).ok());
  const Migration two[] = {kFirst, kSecond};
  EXPECT_EQ(CheckSchema(*connection, two).error().code(), ErrorCode::kIllegalState);
  ASSERT_TRUE(Migrate(*connection, two, backups_, clock_).ok());
  EXPECT_TRUE(CheckSchema(*connection, two).ok());
  EXPECT_EQ(Backups(), 1U);
  const auto copy =
      Connection::Open(std::filesystem::directory_iterator(backups_)->path(), {.read_only = true});
  ASSERT_TRUE(copy.ok());
  EXPECT_EQ(
      (*copy)->SelectOne("SELECT x FROM a", [](const Row& row) { return row.integer(0); }).value(),
      5);
  EXPECT_FALSE((*copy)->Execute("SELECT z FROM a").ok());
}

TEST_F(MigrationsTest, ANewerDatabaseIsRefusedUntouched) {
  const auto connection = Open();
  const Migration two[] = {kFirst, kSecond};
  ASSERT_TRUE(Migrate(*connection, two, backups_, clock_).ok());
  const Migration one[] = {kFirst};
  const auto refused = Migrate(*connection, one, backups_, clock_);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kSchemaTooNew);
  EXPECT_NE(refused.error().message().find("100"), std::string::npos);
  EXPECT_EQ(CheckSchema(*connection, one).error().code(), ErrorCode::kSchemaTooNew);
  EXPECT_EQ(Backups(), 0U);
}

TEST_F(MigrationsTest, ACopyIsForItsOwnerAlone) {
  const auto connection = Open();
  const Migration one[] = {kFirst};
  const Migration two[] = {kFirst, kSecond};
  ASSERT_TRUE(Migrate(*connection, one, backups_, clock_).ok());
  const mode_t before = ::umask(0022);
  const base::Status migrated = Migrate(*connection, two, backups_, clock_);
  ::umask(before);
  ASSERT_TRUE(migrated.ok()) << migrated.error().ToString();
  struct stat status {};
  ASSERT_EQ(::stat(backups_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  ASSERT_EQ(Backups(), 1U);
  const auto copy = std::filesystem::directory_iterator(backups_)->path();
  ASSERT_EQ(::stat(copy.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_GT(status.st_size, 0);
}

TEST_F(MigrationsTest, AStepThatFailsLeavesNothingBehind) {
  const auto connection = Open();
  const Migration steps[] = {kFirst, kBroken};
  const auto failed = Migrate(*connection, steps, backups_, clock_);
  ASSERT_FALSE(failed.ok());
  EXPECT_NE(failed.error().message().find("200 broken"), std::string::npos);
  EXPECT_FALSE(connection->Execute("SELECT x FROM c").ok());
  EXPECT_TRUE(connection->Execute("SELECT x FROM a").ok());
  const Migration mended[] = {kFirst, kSecond};
  EXPECT_TRUE(Migrate(*connection, mended, backups_, clock_).ok());
}

TEST_F(MigrationsTest, TheProgramsOwnStepsMakeADatabaseThatOpensAgain) {
  const auto file = folder_.path() / "own.db";
  EXPECT_FALSE(Database::OpenExisting(folder_.path() / "new.db").ok());
  ASSERT_TRUE(Database::Open(file, {.backup_folder = backups_}, clock_).ok());
  ASSERT_TRUE(Database::Open(file, {.backup_folder = backups_}, clock_).ok());
  EXPECT_TRUE(Database::OpenExisting(file).ok());
  EXPECT_EQ(Backups(), 0U);
}

}  // namespace
}  // namespace streampark::store
