// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/files.h"

#include <cerrno>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "streampark/base/temporary_folder.h"

namespace streampark::base {
namespace {

namespace fs = std::filesystem;

class FilesTest : public testing::Test {
 protected:
  fs::path At(std::string_view name) const { return folder_.path() / name; }
  TemporaryFolder folder_ = TemporaryFolder::Create().value();
};

TEST_F(FilesTest, WritesAndReads) {
  ASSERT_TRUE(WriteFileAtomically(At("f"), "one").ok());
  ASSERT_TRUE(WriteFileAtomically(At("f"), "two", FileMode::kOwnerOnly).ok());
  EXPECT_EQ(ReadFile(At("f")).value(), "two");
  struct stat status {};
  ASSERT_EQ(::stat(At("f").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()), 1);
}

TEST_F(FilesTest, ReadsWhatTheSystemCallsEmpty) {
  EXPECT_NE(ReadFile("/proc/self/stat").value().find(')'), std::string::npos);
}

TEST_F(FilesTest, RefusesLongFiles) {
  ASSERT_TRUE(WriteFileAtomically(At("f"), "12345").ok());
  EXPECT_TRUE(ReadFile(At("f"), 5).ok());
  EXPECT_EQ(ReadFile(At("f"), 4).error().code(), ErrorCode::kIoError);
  EXPECT_EQ(ReadFile(At("missing")).error().code(), ErrorCode::kIoError);
}

TEST_F(FilesTest, AFullDiskHasItsOwnCode) {
  EXPECT_EQ(FileError(ENOSPC, "cannot write", "/x").code(), ErrorCode::kStorageFull);
  EXPECT_EQ(FileError(EACCES, "cannot write", "/x").code(), ErrorCode::kIoError);
  EXPECT_FALSE(WriteFileAtomically("/proc/none", "x").ok());
}

TEST_F(FilesTest, ConfinesNames) {
  fs::create_directories(At("root/inner"));
  EXPECT_EQ(ConfinedPath(At("root"), "inner/new").value(), At("root") / "inner/new");
  EXPECT_EQ(ConfinedPath(At("root"), "./f").value(), At("root") / "./f");
  for (const std::string_view name :
       {"", "..", "../x", "inner/../../x", "/etc/passwd", "a/..", "."}) {
    EXPECT_EQ(ConfinedPath(At("root"), name).error().code(), ErrorCode::kInvalidRequest) << name;
  }
  EXPECT_FALSE(ConfinedPath(At("root"), std::string_view("a\0b", 3)).ok());
}

TEST_F(FilesTest, LinksDoNotLeadOut) {
  fs::create_directories(At("root"));
  fs::create_directory_symlink(folder_.path(), At("root/up"));
  fs::create_symlink(At("nowhere"), At("root/broken"));
  EXPECT_FALSE(ConfinedPath(At("root"), "up/x").ok());
  EXPECT_FALSE(ConfinedPath(At("root"), "up").ok());
  EXPECT_FALSE(ConfinedPath(At("root"), "broken").ok());
}

TEST_F(FilesTest, ALockIsHeldOnce) {
  auto first = FileLock::Acquire(At("lock"));
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(FileLock::Acquire(At("lock")).error().code(), ErrorCode::kDataFolderInUse);
  {
    const FileLock moved = std::move(first).value();
    EXPECT_FALSE(FileLock::Acquire(At("lock")).ok());
  }
  EXPECT_TRUE(FileLock::Acquire(At("lock")).ok());
}

}  // namespace
}  // namespace streampark::base
