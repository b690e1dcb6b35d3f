// SPDX-License-Identifier: Apache-2.0
// The program, told of a bucket by its configuration and environment as people do.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/files.h"
#include "streampark/base/process.h"
#include "streampark/base/temporary_folder.h"
#include "streampark/connectors/testing/s3_server.h"

namespace streampark {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using connectors::testing::S3Server;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class S3ProgramTest : public ::testing::Test {
 protected:
  base::Command Command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), SP_STREAMPARK);
    return {.argv = std::move(arguments),
            .environment = environment_,
            .working_directory = folder_.path()};
  }
  base::Command Run(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{
        "run",          SP_COUNTS_JOB,
        "--connectors", SP_COUNTER_LIBRARY,
        "--set",        "app.out=" + (folder_.path() / "out").string(),
        "--set",        "counter.source.numbers.rows=1000000000000",
        "--set",        "native.checkpoint.interval=50ms",
        "--set",        "native.checkpoint.directory=s3://flights/checkpoints",
        "--set",        "native.savepoint.directory=s3://flights/savepoints",
        "--set",        "native.s3.patience=200ms"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Command(std::move(arguments));
  }
  base::CommandResult ToItsEnd(const base::Command& command) const {
    return base::RunCommand(command, 60s).value();
  }

  const base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  S3Server server_;
  std::map<std::string, std::string> environment_{
      {"AWS_ACCESS_KEY_ID", S3Server::kAccessKeyId},
      {"AWS_SECRET_ACCESS_KEY", S3Server::kSecretAccessKey},
      {"AWS_ENDPOINT_URL", server_.endpoint()},
      {"AWS_REGION", S3Server::kRegion}};
};

TEST_F(S3ProgramTest, RunsIsStoppedShownAndRestored) {
  std::string savepoint;
  for (const char* backend : {"memory", "rocksdb"}) {
    const auto log = folder_.path() / (std::string(backend) + ".log");
    std::vector<std::string> more{"--set", std::string("native.state.backend=") + backend};
    if (!savepoint.empty()) {
      // What the first one left, in a folder of its own.
      more.insert(more.end(), {"--restore", savepoint, "--set",
                               "native.checkpoint.directory=s3://flights/again"});
    }
    const auto run = base::SpawnDetached(Run(more), log).value();
    const auto checkpoints =
        server_.bucket() / (savepoint.empty() ? "checkpoints" : "again") / "Counts";
    const auto complete = [&] {
      std::error_code ignored;
      for (const auto& entry : fs::directory_iterator(checkpoints, ignored)) {
        if (fs::exists(entry.path() / "_record", ignored)) {
          return true;
        }
      }
      return false;
    };
    while (base::IsAlive(run) && !complete()) {
      std::this_thread::sleep_for(5ms);  // between two looks
    }
    ASSERT_TRUE(base::IsAlive(run)) << base::ReadFile(log).value();
    if (savepoint.empty()) {
      const auto second = ToItsEnd(Run());
      EXPECT_NE(second.exit_code, 0);
      EXPECT_THAT(second.errors, HasSubstr("s3://flights/checkpoints/Counts is in use by process " +
                                           std::to_string(run.pid)));
    }
    base::Signal(run, SIGTERM);
    while (base::IsAlive(run)) {
      std::this_thread::sleep_for(5ms);  // between two looks
    }
    const std::string said = base::ReadFile(log).value();
    const auto at = said.rfind("s3://flights/savepoints/");
    ASSERT_NE(at, std::string::npos) << said;
    savepoint = said.substr(at, said.find('\n', at) - at);
    EXPECT_THAT(said, Not(HasSubstr(S3Server::kSecretAccessKey)));
  }
  const auto shown = ToItsEnd(Command({"savepoint", "show", savepoint}));
  EXPECT_EQ(shown.exit_code, 0) << shown.errors;
  EXPECT_THAT(shown.output, AllOf(HasSubstr("of Counts"), HasSubstr("count")));
  const auto entries = ToItsEnd(Command({"savepoint", "entries", savepoint, "count", "running"}));
  EXPECT_EQ(entries.exit_code, 0) << entries.errors << shown.output;
  EXPECT_EQ(std::ranges::count(entries.output, '\n'), 7);
}

TEST_F(S3ProgramTest, WrongCredentialsAreNamedAndNotShown) {
  environment_["AWS_SECRET_ACCESS_KEY"] = "hunter2hunter2";
  const auto refused = ToItsEnd(Run());
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_THAT(refused.errors, AllOf(HasSubstr("AWS_SECRET_ACCESS_KEY"), Not(HasSubstr("hunter2"))));
  environment_.erase("AWS_SECRET_ACCESS_KEY");
  EXPECT_THAT(ToItsEnd(Run()).errors, HasSubstr("There are no credentials for s3://flights"));
}

}  // namespace
}  // namespace streampark
