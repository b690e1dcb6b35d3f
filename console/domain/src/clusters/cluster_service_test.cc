// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include <gtest/gtest.h>

#include "clusters/testing/world.h"

namespace streampark::console {
namespace {

using engines::ProcessRole;
using testing::ConsoleLife;
using testing::Disk;
using testing::FakeTenants;
using testing::Machine;

class ClusterServiceTest : public ::testing::Test {
 protected:
  void SetUp() override { console.Start(); }

  FakeTenants::Job Job(const std::string& id, const std::string& cluster_id) {
    return {.tenant = {.job_id = id, .name = "job " + id, .team_id = "", .engine_job_id = "e" + id},
            .cluster_id = cluster_id};
  }
  std::size_t Living(const std::string& id) const { return machine.Living(id).size(); }

  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "clusters";
  std::shared_ptr<Disk> disk = std::make_shared<Disk>();
  Machine machine;
  FakeTenants tenants;
  ConsoleLife console{disk, machine, tenants, folder};
};

constexpr ClusterCommand kStart{.kind = OperationKind::kStart};
constexpr ClusterCommand kStop{.kind = OperationKind::kStop};

TEST_F(ClusterServiceTest, StartsAndStops) {
  const std::string id = console.MakeCluster("a", [](ClusterSpec& s) { s.task_managers = 2; });
  EXPECT_EQ(console.clusters->Find(id)->state, ClusterState::kStopped);

  EXPECT_EQ(console.Run(id, kStart).state, OperationState::kSucceeded);
  const ClusterPtr running = console.AwaitState(id, ClusterState::kRunning);
  EXPECT_EQ(running->slots_total, 4);
  EXPECT_EQ(running->processes.size(), 3U);
  EXPECT_EQ(running->version, "1.20.5");
  EXPECT_EQ(running->endpoint.addresses, std::vector<std::string>{"http://127.0.0.1:4711"});
  EXPECT_EQ(Living(id), 3U);

  EXPECT_EQ(console.Run(id, kStop).state, OperationState::kSucceeded);
  console.AwaitState(id, ClusterState::kStopped);
  EXPECT_EQ(Living(id), 0U);
}

TEST_F(ClusterServiceTest, RefusesWhatMeansNothingInItsState) {
  const std::string id = console.MakeCluster("a");
  EXPECT_EQ(console.clusters->Command(id, kStop, testing::kTester, "").error().code(),
            base::ErrorCode::kIllegalState);
  console.Run(id, kStart);
  EXPECT_EQ(console.clusters->Command(id, kStart, testing::kTester, "").error().code(),
            base::ErrorCode::kIllegalState);
}

TEST_F(ClusterServiceTest, TheSameKeyAnswersTheSameOperation) {
  const std::string id = console.MakeCluster("a");
  const Operation first = *console.clusters->Command(id, kStart, testing::kTester, "k");
  console.Await(first.id);
  console.AwaitState(id, ClusterState::kRunning);
  EXPECT_EQ(console.clusters->Command(id, kStart, testing::kTester, "k")->id, first.id);
  EXPECT_EQ(console.clusters->Command(id, kStop, testing::kTester, "k").error().code(),
            base::ErrorCode::kIdempotencyMismatch);
}

TEST_F(ClusterServiceTest, AStartThatFailsLeavesNoProcessAndTellsTheCause) {
  const std::string id = console.MakeCluster("a");
  machine.Break(ProcessRole::kTaskManager,
                "java.lang.RuntimeException: outer\n\tat x\nCaused by: java.net.BindException: "
                "Address already in use\n\tat y\n");
  const Operation failed = console.Run(id, kStart);
  EXPECT_EQ(failed.state, OperationState::kFailed);
  EXPECT_EQ(failed.error->code(), base::ErrorCode::kClusterStartFailed);
  EXPECT_EQ(failed.error->cause(), "java.net.BindException: Address already in use");
  const ClusterPtr cluster = console.AwaitState(id, ClusterState::kFailed);
  EXPECT_NE(cluster->message.find("Address already in use"), std::string::npos);
  EXPECT_EQ(Living(id), 0U);
  EXPECT_TRUE(cluster->endpoint.addresses.empty()) << "the next start takes another port";

  machine.Mend();
  EXPECT_EQ(console.Run(id, kStart).state, OperationState::kSucceeded);
  console.AwaitState(id, ClusterState::kRunning);
}

TEST_F(ClusterServiceTest, ARemoteClusterIsNotLostToJobsThatRunThere) {
  const auto remote = [](ClusterSpec& s) {
    s.kind = ClusterKind::kRemote;
    s.addresses = {"http://one:8081", "http://two:8081"};
  };
  const std::string id = console.MakeCluster("far", remote);
  FakeTenants::Job job = Job("1", id);
  job.target = "elsewhere";  // edited since it was started
  tenants.Add(job);
  EXPECT_EQ(console.clusters->Delete(id).error().code(), base::ErrorCode::kInUse);

  const ClusterPtr cluster = console.clusters->Find(id);
  ClusterSpec moved = cluster->spec;
  moved.addresses = {"http://three:8081"};
  const auto refused = console.clusters->Edit(id, moved, cluster->edition, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), base::ErrorCode::kInUse);
  moved.addresses = {"http://three:8081", "http://two:8081"};
  EXPECT_TRUE(console.clusters->Edit(id, moved, cluster->edition, {}).ok());
}

TEST_F(ClusterServiceTest, MendsWhatDies) {
  const std::string id = console.MakeCluster("a");
  console.Run(id, kStart);
  console.AwaitState(id, ClusterState::kRunning);
  for (const ProcessRole role : {ProcessRole::kTaskManager, ProcessRole::kJobManager}) {
    const int before = machine.starts();
    machine.Kill(id, role, 0);
    ASSERT_TRUE(testing::Eventually([&] { return machine.starts() == before + 1; }));
    EXPECT_TRUE(testing::Eventually([&] { return Living(id) == 2; }));
  }
  EXPECT_TRUE(testing::Eventually([&] {
    const auto processes = console.clusters->Find(id)->processes;
    return processes.size() == 2 && processes[0].restarts == 1 && processes[1].restarts == 1;
  }));
}

TEST_F(ClusterServiceTest, ATaskManagerThatComesBackBeforeItWasMissedIsMended) {
  const std::string id = console.MakeCluster("a");
  console.Run(id, kStart);
  console.AwaitState(id, ClusterState::kRunning);
  machine.CountTheDead();
  const int before = machine.starts();
  machine.Kill(id, ProcessRole::kTaskManager, 0);
  ASSERT_TRUE(testing::Eventually([&] { return machine.starts() == before + 1; }));
  console.AwaitState(id, ClusterState::kRunning);
}

TEST_F(ClusterServiceTest, GivesUpOverItsBudgetAndStartsAgainOnCommand) {
  const std::string id = console.MakeCluster("a", [](ClusterSpec& s) { s.restart.attempts = 2; });
  console.Run(id, kStart);
  console.AwaitState(id, ClusterState::kRunning);
  machine.Break(ProcessRole::kTaskManager, "java.lang.OutOfMemoryError: Metaspace");
  const int before = machine.starts();
  machine.Kill(id, ProcessRole::kTaskManager, 0);
  const ClusterPtr failed = console.AwaitState(id, ClusterState::kFailed);
  EXPECT_EQ(machine.starts(), before + 2);
  EXPECT_NE(failed->message.find("2 times"), std::string::npos) << failed->message;
  EXPECT_NE(failed->message.find("OutOfMemoryError: Metaspace"), std::string::npos);

  machine.Mend();
  EXPECT_EQ(console.Run(id, kStart).state, OperationState::kSucceeded);
  console.AwaitState(id, ClusterState::kRunning);
}

TEST_F(ClusterServiceTest, AStopWithJobsIsRefusedNamingThem) {
  const std::string id = console.MakeCluster("a");
  console.Run(id, kStart);
  tenants.Add(Job("1", id));
  const auto refused = console.clusters->Command(id, kStop, testing::kTester, "");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), base::ErrorCode::kInUse);
  EXPECT_NE(refused.error().message().find("job 1"), std::string::npos);
  EXPECT_EQ(Living(id), 2U);
}

TEST_F(ClusterServiceTest, AStopSuspendsJobsFirst) {
  const std::string id = console.MakeCluster("a");
  console.Run(id, kStart);
  tenants.Add(Job("1", id));
  const Operation stopped =
      console.Run(id, {.kind = OperationKind::kStop, .jobs = JobsOnStop::kSuspend});
  EXPECT_EQ(stopped.state, OperationState::kSucceeded);
  EXPECT_FALSE(tenants.live("1"));
  EXPECT_EQ(Living(id), 0U);
}

TEST_F(ClusterServiceTest, AJobThatBeginsMeanwhileIsSuspendedToo) {
  const std::string id = console.MakeCluster("a");
  console.Run(id, kStart);
  FakeTenants::Job late = Job("0", id);
  late.live = false;
  tenants.Add(late);
  FakeTenants::Job first = Job("1", id);
  first.followed_by = "0";
  tenants.Add(first);
  const Operation stopped =
      console.Run(id, {.kind = OperationKind::kStop, .jobs = JobsOnStop::kSuspend});
  EXPECT_EQ(stopped.state, OperationState::kSucceeded);
  EXPECT_FALSE(tenants.live("0") || tenants.live("1"));
  EXPECT_EQ(Living(id), 0U);
}

TEST_F(ClusterServiceTest, WhenOneJobCannotBeSuspendedNothingIsStopped) {
  const std::string id = console.MakeCluster("a");
  console.Run(id, kStart);
  tenants.Add(Job("1", id));
  FakeTenants::Job failing = Job("2", id);
  failing.suspend_fails = "the folder is full";
  tenants.Add(failing);
  const Operation failed =
      console.Run(id, {.kind = OperationKind::kStop, .jobs = JobsOnStop::kSuspend});
  EXPECT_EQ(failed.state, OperationState::kFailed);
  EXPECT_NE(failed.error->message().find("job 2"), std::string::npos);
  EXPECT_TRUE(tenants.live("1")) << "it was started again";
  EXPECT_EQ(Living(id), 2U);
  console.AwaitState(id, ClusterState::kRunning);
}

TEST_F(ClusterServiceTest, ForeignJobsForbidAStopUnlessTheyMayDie) {
  const std::string id = console.MakeCluster("a");
  console.Run(id, kStart);
  machine.AddJob(
      id, {.engine_job_id = "x", .name = "somebody's", .state = engines::EngineState::kRunning});
  EXPECT_TRUE(testing::Eventually([&] { return console.clusters->Find(id)->foreign_jobs == 1; }));
  const ClusterCommand suspend{.kind = OperationKind::kStop, .jobs = JobsOnStop::kSuspend};
  const auto refused = console.clusters->Command(id, suspend, testing::kTester, "");
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message().find("somebody's"), std::string::npos);
  EXPECT_EQ(console.Run(id, {.kind = OperationKind::kStop, .jobs = JobsOnStop::kKill}).state,
            OperationState::kSucceeded);
}

TEST_F(ClusterServiceTest, ARestartBringsTheNewSpecAndTheJobsBack) {
  const std::string id = console.MakeCluster("a");
  console.Run(id, kStart);
  tenants.Add(Job("1", id));
  ClusterSpec spec = console.clusters->Find(id)->spec;
  spec.task_managers = 2;
  EXPECT_TRUE(console.clusters->Edit(id, spec, 1, {}).ok());
  EXPECT_TRUE(console.clusters->Find(id)->restart_pending);
  EXPECT_EQ(Living(id), 2U) << "an edit alone starts nothing";

  const Operation restarted =
      console.Run(id, {.kind = OperationKind::kRestart, .jobs = JobsOnStop::kSuspend});
  EXPECT_EQ(restarted.state, OperationState::kSucceeded);
  EXPECT_FALSE(console.clusters->Find(id)->restart_pending);
  EXPECT_EQ(Living(id), 3U);
  EXPECT_TRUE(tenants.live("1"));
}

TEST_F(ClusterServiceTest, EditsAreRefusedWhenStaleOrNonsense) {
  const std::string id = console.MakeCluster("a");
  ClusterSpec spec = console.clusters->Find(id)->spec;
  EXPECT_EQ(console.clusters->Edit(id, spec, 7, {}).error().code(), base::ErrorCode::kStaleEdit);
  spec.task_manager_memory = "1m";
  const auto refused = console.clusters->Edit(id, spec, 1, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), base::ErrorCode::kClusterOptionsInvalid);
  EXPECT_EQ(refused.error().fields().at(0).pointer, "/taskManagerMemory");
  spec.task_manager_memory = "1g";
  spec.options["no/such"] = "1";
  EXPECT_EQ(console.clusters->Edit(id, spec, 1, {}).error().fields().at(0).pointer,
            "/options/no~1such");
}

TEST_F(ClusterServiceTest, IsDeletedOnlyWhenStoppedAndUnused) {
  const std::string id = console.MakeCluster("a");
  console.Run(id, kStart);
  EXPECT_EQ(console.clusters->Delete(id).error().code(), base::ErrorCode::kInUse);
  console.Run(id, kStop);
  FakeTenants::Job job = Job("1", id);
  job.live = false;
  tenants.Add(job);
  EXPECT_EQ(console.clusters->Delete(id).error().code(), base::ErrorCode::kInUse);
  const std::string other = console.MakeCluster("b");
  EXPECT_TRUE(console.clusters->Delete(other).ok());
  EXPECT_EQ(console.clusters->Find(other), nullptr);
}

TEST_F(ClusterServiceTest, AStartCanBeCancelled) {
  const std::string id =
      console.MakeCluster("a", [](ClusterSpec& s) { s.slots_per_task_manager = 4; });
  const Operation start = *console.clusters->Command(id, kStart, testing::kTester, "");
  ASSERT_TRUE(testing::Eventually([&] { return Living(id) == 2; }));
  EXPECT_TRUE(console.clusters->Cancel(start.id).ok());
  EXPECT_EQ(console.Await(start.id).state, OperationState::kCancelled);
  console.AwaitState(id, ClusterState::kStopped);
  EXPECT_EQ(Living(id), 0U);
}

TEST_F(ClusterServiceTest, NamesAreFoundInTheTeamFirst) {
  const std::string shared = console.MakeCluster("x");
  const std::string own = console.MakeCluster("x", [](ClusterSpec& s) { s.team_id = "t1"; });
  EXPECT_EQ(console.clusters->FindForTeam("t1", "x")->id, own);
  EXPECT_EQ(console.clusters->FindForTeam("t2", "x")->id, shared);
  EXPECT_EQ(console.clusters->FindForTeam("t2", own), nullptr);
}

}  // namespace
}  // namespace streampark::console
