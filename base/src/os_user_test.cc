// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/os_user.h"

#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "streampark/base/files.h"
#include "streampark/base/process.h"
#include "streampark/base/temporary_folder.h"

namespace streampark::base {
namespace {

/// Somebody who is there on every system and may do nothing.
OsUser Nobody() { return FindOsUser("nobody").value().value(); }

uid_t OwnerOf(const std::filesystem::path& path) {
  struct stat status {};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
  return status.st_uid;
}

class OsUserTest : public testing::Test {
 protected:
  /// Only root can become somebody else; the others are told so.
  void SetUp() override {
    if (!MaySwitchUser()) {
      const auto refused = RunCommand({.argv = {"id", "-u"}, .user = Nobody()}, Millis(10'000));
      ASSERT_FALSE(refused.ok());
      GTEST_SKIP() << "not root: " << refused.error().ToString();
    }
    ASSERT_EQ(::chmod(folder_.path().c_str(), 0711), 0);
  }
  TemporaryFolder folder_ = TemporaryFolder::Create().value();
};

TEST(FindOsUserTest, KnowsWhoIsThere) {
  EXPECT_EQ(FindOsUser("root").value()->uid, 0U);
  EXPECT_FALSE(FindOsUser("no-such-user-here").value());
}

TEST_F(OsUserTest, ACommandRunsAsTheUserAndCannotComeBack) {
  const auto run = RunCommand(
      {.argv = {"sh", "-c", "id -u; id -G; echo $HOME; grep NoNewPrivs /proc/self/status"},
       .working_directory = "/",
       .user = Nobody()},
      Millis(10'000));
  ASSERT_TRUE(run.ok()) << run.error().ToString();
  const OsUser nobody = Nobody();
  EXPECT_EQ(run->output, std::to_string(nobody.uid) + "\n" + std::to_string(nobody.gid) + "\n" +
                             nobody.home + "\nNoNewPrivs:\t1\n");
}

TEST_F(OsUserTest, ItsProcessesAreSeenAndEnded) {
  const auto id =
      SpawnDetached({.argv = {"sleep", "600"}, .working_directory = "/", .user = Nobody()},
                    folder_.path() / "log");
  ASSERT_TRUE(id.ok()) << id.error().ToString();
  EXPECT_EQ(OwnerOf("/proc/" + std::to_string(id->pid)), Nobody().uid);
  EXPECT_TRUE(IsAlive(*id));
  EXPECT_GT(ResidentBytes(*id), 0U);
  Terminate(*id, Millis(5000));
  EXPECT_FALSE(IsAlive(*id));
}

TEST_F(OsUserTest, ItsChildrenEndWithUs) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    const auto child =
        ChildProcess::Start({.argv = {"sleep", "600"}, .working_directory = "/", .user = Nobody()},
                            folder_.path() / "err");
    const ProcessId id = child.ok() ? child->id() : ProcessId{};
    static_cast<void>(::write(ends[1], &id, sizeof id));
    ::_exit(0);  // as a crash: nothing is tidied up
  }
  ProcessId id;
  ASSERT_EQ(::read(ends[0], &id, sizeof id), static_cast<ssize_t>(sizeof id));
  ::close(ends[0]);
  ::close(ends[1]);
  ASSERT_NE(id.pid, 0);
  ::waitpid(parent, nullptr, 0);
  const auto patience = std::chrono::steady_clock::now() + Millis(10'000);
  while (IsAlive(id) && std::chrono::steady_clock::now() < patience) {
    std::this_thread::yield();
  }
  EXPECT_FALSE(IsAlive(id));
}

TEST_F(OsUserTest, SaysWhatIsClosed) {
  const auto open = folder_.path() / "open";
  const auto closed = folder_.path() / "closed";
  std::filesystem::create_directories(open);
  std::filesystem::create_directories(closed / "inner");
  ASSERT_EQ(::chmod(closed.c_str(), 0700), 0);
  EXPECT_TRUE(CheckReadableBy(Nobody(), open).ok());
  ASSERT_EQ(::chmod(open.c_str(), 0711), 0);
  EXPECT_TRUE(CheckReadableBy(Nobody(), open).ok());
  const Status refused = CheckReadableBy(Nobody(), closed / "inner");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(), closed.string() + " is closed to the user nobody");
}

TEST_F(OsUserTest, AFolderIsGivenWithoutWhatBelongsElsewhere) {
  const auto given = folder_.path() / "given";
  const auto secret = folder_.path() / "secret";
  std::filesystem::create_directories(given / "a" / "b");
  ASSERT_TRUE(WriteFileAtomically(given / "a" / "b" / "file", "x").ok());
  ASSERT_TRUE(WriteFileAtomically(secret, "x", FileMode::kOwnerOnly).ok());
  std::filesystem::create_symlink(secret, given / "link");
  std::filesystem::create_hard_link(secret, given / "a" / "name");
  ASSERT_TRUE(GiveFolderTo(Nobody(), given).ok());
  EXPECT_EQ(OwnerOf(given), Nobody().uid);
  EXPECT_EQ(OwnerOf(given / "a" / "b" / "file"), Nobody().uid);
  EXPECT_EQ(OwnerOf(secret), 0U);
}

TEST_F(OsUserTest, ALogThatIsALinkIsNotFollowed) {
  const auto secret = folder_.path() / "secret";
  ASSERT_TRUE(WriteFileAtomically(secret, "x").ok());
  std::filesystem::create_symlink(secret, folder_.path() / "log");
  EXPECT_FALSE(SpawnDetached({.argv = {"echo", "more"}}, folder_.path() / "log").ok());
  EXPECT_EQ(ReadFile(secret).value(), "x");
}

}  // namespace
}  // namespace streampark::base
