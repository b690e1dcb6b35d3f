// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <memory>

#include <gtest/gtest.h>

#include "clusters/testing/world.h"

namespace streampark::console {
namespace {

using testing::ConsoleLife;
using testing::Disk;
using testing::FakeTenants;
using testing::Machine;

class FleetServiceTest : public ::testing::Test {
 protected:
  FleetServiceTest() { Live(); }

  /// Ends the console's life, if any, and begins the next one.
  void Live() {
    console.reset();
    console = std::make_unique<ConsoleLife>(disk, machine, tenants, folder);
    console->Start();
  }
  std::string RunningCluster(const std::string& name) {
    std::string id = console->MakeCluster(name);
    console->Run(id, {.kind = OperationKind::kStart});
    console->AwaitState(id, ClusterState::kRunning);
    return id;
  }
  void AddJob(const std::string& id, const std::string& cluster_id,
              const std::string& suspend_fails = "", const std::string& cannot = "") {
    tenants.Add({.tenant = {.job_id = id, .name = "job " + id, .team_id = "", .engine_job_id = id},
                 .cluster_id = cluster_id,
                 .cannot_suspend = cannot,
                 .suspend_fails = suspend_fails});
  }
  FleetOperation Do(FleetCommand command) {
    const auto begun = console->fleet->Begin(command, testing::kTester, "");
    EXPECT_TRUE(begun.ok());
    return console->AwaitFleet(begun->id);
  }

  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "fleet";
  std::shared_ptr<Disk> disk = std::make_shared<Disk>();
  Machine machine;
  FakeTenants tenants;
  std::unique_ptr<ConsoleLife> console;
};

constexpr FleetCommand kSuspend{.kind = FleetKind::kSuspend};
constexpr FleetCommand kForced{.kind = FleetKind::kSuspend, .force = true};
constexpr FleetCommand kResume{.kind = FleetKind::kResume};

TEST_F(FleetServiceTest, ResumesInALaterLifeWhatItSuspended) {
  const std::string a = RunningCluster("a");
  const std::string b = RunningCluster("b");
  const std::string idle = console->MakeCluster("idle");
  AddJob("1", a);
  AddJob("2", b);
  EXPECT_EQ(Do(kSuspend).state, OperationState::kSucceeded);
  EXPECT_FALSE(tenants.live("1"));
  EXPECT_TRUE(machine.Living(a).empty() && machine.Living(b).empty());

  Live();
  const FleetOperation resumed = Do(kResume);
  EXPECT_EQ(resumed.state, OperationState::kSucceeded);
  EXPECT_EQ(resumed.items.size(), 4U);
  EXPECT_TRUE(tenants.live("1") && tenants.live("2"));
  console->AwaitState(a, ClusterState::kRunning);
  console->AwaitState(b, ClusterState::kRunning);
  EXPECT_TRUE(machine.Living(idle).empty()) << "what did not run is not started";
  EXPECT_TRUE(Do(kResume).items.empty()) << "nothing is left to resume";
}

TEST_F(FleetServiceTest, OneThatCannotBeSuspendedIsNamedAndNothingIsStopped) {
  const std::string a = RunningCluster("a");
  AddJob("1", a);
  AddJob("2", a, "", "it restarts all the time");
  const FleetOperation refused = Do(kSuspend);
  EXPECT_EQ(refused.state, OperationState::kFailed);
  EXPECT_NE(refused.error->message().find("job 2"), std::string::npos);
  EXPECT_TRUE(tenants.live("1"));
  EXPECT_EQ(machine.Living(a).size(), 2U);
  EXPECT_TRUE(disk->suspended.empty());
}

TEST_F(FleetServiceTest, OneWhoseSavepointFailsBringsTheOthersBack) {
  const std::string a = RunningCluster("a");
  AddJob("1", a);
  AddJob("2", a, "the folder is full");
  const FleetOperation failed = Do(kSuspend);
  EXPECT_EQ(failed.state, OperationState::kFailed);
  EXPECT_TRUE(tenants.live("1"));
  EXPECT_EQ(machine.Living(a).size(), 2U);
  EXPECT_TRUE(disk->suspended.empty());
}

TEST_F(FleetServiceTest, AClusterThatCannotBeStoppedBringsTheOthersBack) {
  const std::string a = RunningCluster("a");
  const std::string b = RunningCluster("b");
  AddJob("1", a);
  tenants.Add({.tenant = {.job_id = "2", .name = "job 2", .team_id = "", .engine_job_id = "2"},
               .cluster_id = b,
               .followed_by = "3"});
  tenants.Add({.tenant = {.job_id = "3", .name = "job 3", .team_id = "", .engine_job_id = "3"},
               .cluster_id = b,
               .live = false});
  const FleetOperation failed = Do(kSuspend);
  EXPECT_EQ(failed.state, OperationState::kFailed);
  EXPECT_TRUE(tenants.live("1") && tenants.live("2"));
  EXPECT_FALSE(machine.Living(a).empty());
  EXPECT_TRUE(disk->suspended.empty());
}

TEST_F(FleetServiceTest, ForceGoesOnWithoutIt) {
  const std::string a = RunningCluster("a");
  AddJob("1", a);
  AddJob("2", a, "the folder is full", "it restarts all the time");
  EXPECT_EQ(Do(kForced).state, OperationState::kSucceeded);
  EXPECT_TRUE(machine.Living(a).empty());
  const FleetOperation resumed = Do(kResume);
  EXPECT_EQ(resumed.items.size(), 2U) << "the cluster and the job that has a savepoint";
  EXPECT_TRUE(tenants.live("1"));
}

TEST_F(FleetServiceTest, ACrashInTheMiddleIsContinued) {
  const std::string a = RunningCluster("a");
  AddJob("1", a);
  // As if it had been killed after the job's savepoint, before it said so.
  FleetOperation open;
  open.id = console->ids.Next();
  open.command = kSuspend;
  open.state = OperationState::kRunning;
  open.requested_by = testing::kTester;
  open.items = {{.subject = {SubjectKind::kJob, "1", "job 1"}, .state = OperationState::kRunning},
                {.subject = {SubjectKind::kCluster, a, "a"}}};
  disk->fleet[open.id] = open;
  disk->suspended = {{SubjectKind::kJob, "1", "job 1"}};
  ASSERT_TRUE(tenants.Suspend("1", testing::kTester, "fleet:" + open.id + ":suspend:1").ok());

  Live();
  EXPECT_EQ(console->AwaitFleet(open.id).state, OperationState::kSucceeded);
  EXPECT_TRUE(machine.Living(a).empty());
  EXPECT_EQ(disk->suspended.size(), 2U);
}

TEST_F(FleetServiceTest, TheSameKeyAnswersTheSameAndAnotherWaits) {
  const auto first = console->fleet->Begin(kSuspend, testing::kTester, "k");
  console->AwaitFleet(first->id);
  EXPECT_EQ(console->fleet->Begin(kSuspend, testing::kTester, "k")->id, first->id);
  EXPECT_EQ(console->fleet->Begin(kResume, testing::kTester, "k").error().code(),
            base::ErrorCode::kIdempotencyMismatch);
}

}  // namespace
}  // namespace streampark::console
