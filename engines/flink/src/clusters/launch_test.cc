// SPDX-License-Identifier: Apache-2.0
#include "clusters/launch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "streampark/engines/own_environment.h"

#include "clusters/free_port.h"
#include "clusters/process_marks.h"
#include "testing/testdata.h"

namespace streampark::flink {
namespace {

using engines::ProcessRole;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using testing::StartsWith;

TEST(SplitArguments, KnowsQuotes) {
  EXPECT_THAT(SplitArguments("  -a  \"b c\" -Dx='1 2'\t-e "),
              ElementsAre("-a", "b c", "-Dx=1 2", "-e"));
  EXPECT_THAT(SplitArguments("\"\""), ElementsAre(""));
  EXPECT_THAT(SplitArguments(""), ElementsAre());
}

TEST(JavaOptionsOf, PutsTheRolesOptionsLast) {
  const engines::Options configuration = {{"env.java.opts.all", "-Dall=1"},
                                          {"env.java.opts.taskmanager", "-XX:+UseParallelGC"},
                                          {"env.java.opts.jobmanager", "-Djm=1"}};
  EXPECT_THAT(JavaOptionsOf(configuration, ProcessRole::kJobManager),
              ElementsAre("-Dall=1", "-Djm=1"));
  EXPECT_THAT(JavaOptionsOf(configuration, ProcessRole::kTaskManager),
              ElementsAre("-Dall=1", "-XX:+UseParallelGC"));
  EXPECT_THAT(JavaOptionsOf({}, ProcessRole::kTaskManager), ElementsAre("-XX:+UseG1GC"));
}

TEST(LaunchFile, ComesBackAsItWasWritten) {
  const TemporaryFolder folder;
  const LaunchFile launch{.java = "/jdk/bin/java",
                          .job_manager = {.jvm = {"-Xmx1"}, .dynamic = {"-D", "a=b"}},
                          .task_manager = {.jvm = {"-Xmx2"}}};
  ASSERT_TRUE(WriteLaunchFile(folder.path() / "launch.json", launch).ok());
  const auto read = ReadLaunchFile(folder.path() / "launch.json");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->java, launch.java);
  EXPECT_EQ(read->job_manager.dynamic, launch.job_manager.dynamic);
  EXPECT_EQ(read->task_manager.jvm, launch.task_manager.jvm);
  const auto missing = ReadLaunchFile(folder.path() / "nothing.json");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code(), base::ErrorCode::kClusterStartFailed);
}

TEST(LaunchCommand, IsAJvmWithTheClustersMarks) {
  const TemporaryFolder home;
  home.Write("lib/flink-dist-2.3.0.jar", "");
  home.Write("lib/log4j.jar", "");
  engines::ClusterPlan plan;
  plan.cluster_id = "c1";
  plan.installation.home = home.path();
  plan.folder = "/data/c1";
  const LaunchFile launch{.java = "/jdk/bin/java",
                          .task_manager = {.jvm = {"-Xmx2"}, .dynamic = {"-D", "a=b"}}};
  const auto command = LaunchCommand(plan, launch, ProcessRole::kTaskManager, 3);
  ASSERT_TRUE(command.ok());
  EXPECT_EQ(command->argv[0], "/jdk/bin/java");
  EXPECT_THAT(command->argv, Contains("-Dstreampark.cluster.id=c1"));
  EXPECT_THAT(command->argv, Contains("-Dstreampark.process.role=taskmanager"));
  EXPECT_THAT(command->argv, Contains("-Dstreampark.process.index=3"));
  EXPECT_THAT(command->argv, Contains("-Dlog.file=/data/c1/log/taskmanager-3.log"));
  EXPECT_THAT(command->argv, Contains((home.path() / "lib/log4j.jar").string() + ":" +
                                      (home.path() / "lib/flink-dist-2.3.0.jar").string()));
  EXPECT_EQ(command->argv.back(), "taskmanager.resource-id=taskmanager-3");
  EXPECT_EQ(command->environment.at("FLINK_CONF_DIR"), "/data/c1/conf");
}

TEST(LaunchCommand, KeepsOurOwnSettingsFromJobs) {
  ::setenv("STREAMPARK_SOMETHING", "secret", 1);
  EXPECT_THAT(engines::OwnEnvironment(), Contains("STREAMPARK_SOMETHING"));
  EXPECT_THAT(engines::OwnEnvironment(), Not(Contains(StartsWith("PATH"))));
  ::unsetenv("STREAMPARK_SOMETHING");
}

TEST(ProcessMarks, FindALivingProcessAgain) {
  const TemporaryFolder folder;
  // It is about to start a program most of the time, and so is there twice.
  base::Command command{.argv = {"/bin/sh", "-c", "while :; do (sleep 0.01; :); done"}};
  for (std::string& mark : ProcessMarks("marks-test", ProcessRole::kTaskManager, 2)) {
    command.argv.push_back(std::move(mark));
  }
  const auto started = base::SpawnDetached(command, folder.path() / "log");
  ASSERT_TRUE(started.ok());
  for (int i = 0; i < 50; ++i) {
    const auto found = FindMarkedProcesses("marks-test", {::geteuid()});
    EXPECT_EQ(found.size(), 1U);
    if (found.empty()) {
      break;
    }
    EXPECT_EQ(found[0].id, *started);
    EXPECT_EQ(found[0].role, ProcessRole::kTaskManager);
    EXPECT_EQ(found[0].index, 2);
  }
  EXPECT_TRUE(FindMarkedProcesses("marks-tes", {::geteuid()}).empty());
  base::Terminate(*started, base::Millis(1'000));
  EXPECT_TRUE(FindMarkedProcesses("marks-test", {::geteuid()}).empty());
}

TEST(ChoosePort, GivesDifferentFreePorts) {
  base::SecureRandom random;
  const int first = ChoosePort(random, 0).value();
  EXPECT_GE(first, 22'000);
  EXPECT_LT(first, 30'000);
  EXPECT_NE(ChoosePort(random, first).value(), first);
}

}  // namespace
}  // namespace streampark::flink
