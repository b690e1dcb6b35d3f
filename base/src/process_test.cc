// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/process.h"

#include <csignal>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "streampark/base/files.h"
#include "streampark/base/temporary_folder.h"

namespace streampark::base {
namespace {

using std::chrono::steady_clock;

class ProcessTest : public testing::Test {
 protected:
  static Command Shell(std::string script) {
    return {.argv = {"/bin/sh", "-c", std::move(script)}};
  }
  /// Returns when the process has written something.
  static void AwaitOutput(const std::filesystem::path& log) {
    const auto patience = steady_clock::now() + std::chrono::seconds(10);
    while (ReadFile(log).value().empty() && steady_clock::now() < patience) {
      std::this_thread::yield();
    }
  }
  TemporaryFolder folder_ = TemporaryFolder::Create().value();
};

TEST_F(ProcessTest, RunsAndCollects) {
  const auto result = RunCommand(Shell("echo out; echo err >&2; exit 3"), Millis(10'000));
  ASSERT_TRUE(result.ok()) << result.error().ToString();
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(result->output, "out\n");
  EXPECT_EQ(result->errors, "err\n");
}

TEST_F(ProcessTest, HandsOutLinesAndTheUnendedLastOne) {
  std::vector<std::string> lines;
  const auto result = RunCommand(Shell("printf 'a\\nb\\nc'"), Millis(10'000), {},
                                 [&](std::string_view line) { lines.emplace_back(line); });
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(lines, (std::vector<std::string>{"a", "b", "c"}));
}

TEST_F(ProcessTest, KeepsTheLastMebibyte) {
  const auto result =
      RunCommand(Shell("head -c 5000000 /dev/zero | tr '\\0' x; echo end"), Millis(20'000));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->output.size(), 1U << 20U);
  EXPECT_TRUE(result->output.ends_with("xend\n"));
}

TEST_F(ProcessTest, UsesFolderAndEnvironment) {
  Command command = Shell("pwd; echo $COLOUR; echo ${HOME:-none}");
  command.working_directory = folder_.path();
  command.environment["COLOUR"] = "blue";
  command.unset_environment = {"HOME"};
  const auto result = RunCommand(command, Millis(10'000));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->output, std::filesystem::canonical(folder_.path()).string() + "\nblue\nnone\n");
}

TEST_F(ProcessTest, NamesWhatCannotBeRun) {
  EXPECT_EQ(RunCommand({.argv = {"no-such-program-here"}}, Millis(1000)).error().code(),
            ErrorCode::kIoError);
  EXPECT_EQ(RunCommand({.argv = {"/no/such/program"}}, Millis(1000)).error().code(),
            ErrorCode::kIoError);
  const auto missing =
      RunCommand({.argv = {"/bin/true"}, .working_directory = "/no/such/folder"}, Millis(1000));
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().message().find("/no/such/folder"), std::string::npos);
}

TEST_F(ProcessTest, DeadlineEndsTheWholeGroup) {
  const std::filesystem::path file = folder_.path() / "pid";
  const auto started = steady_clock::now();
  const auto result =
      RunCommand(Shell("sleep 60 & echo $! > '" + file.string() + "'; wait"), Millis(300));
  EXPECT_EQ(result.error().code(), ErrorCode::kEngineTimeout);
  EXPECT_LT(steady_clock::now() - started, std::chrono::seconds(10));
  const int pid = std::stoi(ReadFile(file).value());
  const auto patience = steady_clock::now() + std::chrono::seconds(10);
  while (Identify(pid) && steady_clock::now() < patience) {
    std::this_thread::yield();
  }
  EXPECT_FALSE(Identify(pid));
}

TEST_F(ProcessTest, StopEndsIt) {
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  const auto result = RunCommand({.argv = {"sleep", "60"}}, Millis(60'000), stop.get_token());
  EXPECT_EQ(result.error().code(), ErrorCode::kCancelled);
}

TEST_F(ProcessTest, SaysWhichSignalKilledIt) {
  EXPECT_EQ(RunCommand(Shell("kill -9 $$"), Millis(10'000))->exit_code, 128 + SIGKILL);
}

TEST_F(ProcessTest, ADetachedProcessIsKnownByStartTime) {
  const auto log = folder_.path() / "log";
  const auto id = SpawnDetached(Shell("echo hello; exec sleep 60"), log);
  ASSERT_TRUE(id.ok()) << id.error().ToString();
  AwaitOutput(log);
  EXPECT_TRUE(IsAlive(*id));
  EXPECT_EQ(Identify(id->pid), *id);
  EXPECT_EQ(::getpgid(id->pid), id->pid);
  EXPECT_NE(::getsid(id->pid), ::getsid(0));
  EXPECT_GT(ResidentBytes(*id), 0U);
  ProcessId impostor = *id;
  ++impostor.start_ticks;
  EXPECT_FALSE(IsAlive(impostor));
  EXPECT_FALSE(Signal(impostor, SIGKILL));
  EXPECT_TRUE(IsAlive(*id));
  Terminate(*id, Millis(10'000));
  EXPECT_FALSE(IsAlive(*id));
  EXPECT_EQ(ResidentBytes(*id), 0U);
  EXPECT_EQ(ReadFile(log).value(), "hello\n");
}

TEST_F(ProcessTest, WhoIgnoresSigtermIsKilled) {
  const auto log = folder_.path() / "log";
  const auto id = SpawnDetached(Shell("trap '' TERM; echo ready; while :; do sleep 1; done"), log);
  ASSERT_TRUE(id.ok());
  AwaitOutput(log);
  Terminate(*id, Millis(100));
  EXPECT_FALSE(IsAlive(*id));
}

TEST_F(ProcessTest, ASpawnThatFailsSaysWhy) {
  EXPECT_EQ(SpawnDetached({.argv = {"/no/such/program"}}, folder_.path() / "log").error().code(),
            ErrorCode::kIoError);
}

TEST_F(ProcessTest, ChildrenInheritNoDescriptor) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);  // on purpose without close-on-exec
  const auto result = RunCommand(Shell("ls /proc/self/fd"), Millis(10'000));
  ::close(ends[0]);
  ::close(ends[1]);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->output, "0\n1\n2\n3\n");  // 3 is the listing's own
}

TEST_F(ProcessTest, TalksInLines) {
  auto child = ChildProcess::Start({.argv = {"cat"}}, folder_.path() / "err");
  ASSERT_TRUE(child.ok()) << child.error().ToString();
  const auto deadline = steady_clock::now() + std::chrono::seconds(10);
  ASSERT_TRUE(child->WriteLine("one").ok());
  ASSERT_TRUE(child->WriteLine("two").ok());
  EXPECT_EQ(child->ReadLine(deadline).value(), "one");
  ChildProcess moved = std::move(child).value();
  EXPECT_EQ(moved.ReadLine(deadline).value(), "two");
  EXPECT_EQ(moved.ReadLine(steady_clock::now()).value(), std::nullopt);
  moved.CloseInput();
  EXPECT_EQ(moved.ReadLine(deadline).error().code(), ErrorCode::kAgentFailed);
}

TEST_F(ProcessTest, AChildThatHasGoneIsAnErrorNotASignal) {
  auto child = ChildProcess::Start({.argv = {"true"}}, folder_.path() / "err");
  ASSERT_TRUE(child.ok());
  const auto deadline = steady_clock::now() + std::chrono::seconds(10);
  EXPECT_FALSE(child->ReadLine(deadline).ok());
  // The system may close the dead child's streams in any order.
  Status written = Ok();
  while (written.ok() && steady_clock::now() < deadline) {
    written = child->WriteLine("x");
  }
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code(), ErrorCode::kAgentFailed);
}

TEST_F(ProcessTest, AChildOutlivesTheThreadThatStartedIt) {
  std::optional<ChildProcess> child;
  std::thread([&] {
    child = ChildProcess::Start({.argv = {"cat"}}, folder_.path() / "err").value();
  }).join();
  ASSERT_TRUE(child->WriteLine("still here").ok());
  EXPECT_EQ(child->ReadLine(steady_clock::now() + std::chrono::seconds(10)).value(), "still here");
  const ProcessId id = child->id();
  child.reset();
  EXPECT_FALSE(IsAlive(id));
}

TEST_F(ProcessTest, LongLinesAreRefused) {
  auto child =
      ChildProcess::Start(Shell("head -c 100000 /dev/zero; sleep 60"), folder_.path() / "err");
  ASSERT_TRUE(child.ok());
  EXPECT_EQ(child->ReadLine(steady_clock::now() + std::chrono::seconds(10), 50'000).error().code(),
            ErrorCode::kAgentFailed);
}

TEST_F(ProcessTest, WithoutDescriptorsNobodySeemsDead) {
  const ProcessId self = *Identify(::getpid());
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const bool lives = IsAlive(self);
  const bool ghost = IsAlive({.pid = 1 << 30, .start_ticks = 1});
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(lives);
  EXPECT_FALSE(ghost);
}

}  // namespace
}  // namespace streampark::base
