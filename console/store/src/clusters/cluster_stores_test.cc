// SPDX-License-Identifier: Apache-2.0
#include "streampark/store/clusters/cluster_stores.h"

#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace streampark::store {
namespace {

using console::ClusterRecord;
using console::FleetOperation;
using console::Installation;
using engines::ProcessRole;

class ClusterStoresTest : public testing::Test {
 protected:
  ClusterStoresTest() {
    const auto file =
        std::filesystem::path(testing::TempDir()) /
        ("clusters-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) +
         ".db");
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::filesystem::remove(file.string() + suffix);
    }
    auto opened = Database::Open(file, {}, clock);
    database = std::move(opened).value();
  }

  static ClusterRecord Cluster(const std::string& id, const std::string& name,
                               const std::string& team = "") {
    ClusterRecord record;
    record.id = id;
    record.spec.name = name;
    record.spec.team_id = team;
    record.spec.options = {{"a.b", "c \"d\""}};
    record.created_at = base::Timestamp(base::Millis(1'700'000'000'123));
    return record;
  }

  base::ManualClock clock;
  std::unique_ptr<Database> database;
};

TEST_F(ClusterStoresTest, AClusterComesBackAsItWent) {
  SqlClusterStore store(*database);
  ClusterRecord record = Cluster("c1", "local");
  ASSERT_TRUE(store.Insert(record).ok());
  record.desired = console::ClusterDesired::kRunning;
  record.started_spec = record.spec;
  record.rest_port = 4711;
  record.rpc_port = 4712;
  record.failure = "it died";
  ASSERT_TRUE(store.UpdateRuntime(record).ok());

  const auto loaded = *store.LoadClusters();
  ASSERT_EQ(loaded.size(), 1U);
  EXPECT_EQ(loaded[0].spec, record.spec);
  EXPECT_EQ(loaded[0].started_spec, record.started_spec);
  EXPECT_EQ(loaded[0].created_at, record.created_at);
  EXPECT_EQ(loaded[0].desired, record.desired);
  EXPECT_EQ(loaded[0].rest_port, 4711);
  EXPECT_EQ(loaded[0].rpc_port, 4712);
  EXPECT_EQ(loaded[0].failure, "it died");
}

TEST_F(ClusterStoresTest, NamesAreTakenWithinATeam) {
  SqlClusterStore store(*database);
  ASSERT_TRUE(store.Insert(Cluster("c1", "x")).ok());
  ASSERT_TRUE(store.Insert(Cluster("c2", "x", "team")).ok());
  const auto taken = store.Insert(Cluster("c3", "x"));
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().code(), base::ErrorCode::kNameTaken);
  EXPECT_EQ(taken.error().fields().at(0).pointer, "/name");
}

TEST_F(ClusterStoresTest, AnEditNeedsTheEditionItRead) {
  SqlClusterStore store(*database);
  ClusterRecord record = Cluster("c1", "x");
  ASSERT_TRUE(store.Insert(record).ok());
  record.spec.description = "new";
  EXPECT_TRUE(store.UpdateSpec("c1", record.spec, 1).ok());
  EXPECT_EQ(store.UpdateSpec("c1", record.spec, 1).error().code(), base::ErrorCode::kStaleEdit);
  EXPECT_EQ(store.UpdateSpec("no", record.spec, 1).error().code(), base::ErrorCode::kNotFound);
  EXPECT_EQ((*store.LoadClusters())[0].edition, 2);
  EXPECT_EQ((*store.LoadClusters())[0].spec.description, "new");
}

TEST_F(ClusterStoresTest, ProcessesAndRestartsGoWithTheirCluster) {
  SqlClusterStore store(*database);
  ASSERT_TRUE(store.Insert(Cluster("c1", "x")).ok());
  console::ProcessRecord process{
      .cluster_id = "c1", .role = ProcessRole::kTaskManager, .index = 3, .started_at = clock.Now()};
  ASSERT_TRUE(store.SaveProcess(process).ok());
  process.id = {.pid = 77, .start_ticks = 12345678901234};
  process.restarts = 2;
  ASSERT_TRUE(store.SaveProcess(process).ok());
  const auto processes = *store.LoadProcesses();
  ASSERT_EQ(processes.size(), 1U);
  EXPECT_EQ(processes[0].id, process.id);
  EXPECT_EQ(processes[0].role, ProcessRole::kTaskManager);
  EXPECT_EQ(processes[0].index, 3);
  EXPECT_EQ(processes[0].restarts, 2);

  const base::Timestamp now = clock.Now();
  const auto role = ProcessRole::kTaskManager;
  for (int i = 3; i >= 1; --i) {
    ASSERT_TRUE(
        store.AddRestart("c1", role, 3, now - base::Millis(i * 1000), now - base::Millis(2500))
            .ok());
  }
  EXPECT_EQ(store.RestartsSince("c1", role, 3, now - base::Millis(10'000))->size(), 2U)
      << "the oldest was forgotten";
  EXPECT_EQ(store.RestartsSince("c1", role, 3, now - base::Millis(1500))->size(), 1U);
  EXPECT_TRUE(store.RestartsSince("c1", role, 0, now - base::Millis(10'000))->empty());

  ASSERT_TRUE(store.Delete("c1").ok());
  EXPECT_TRUE(store.LoadProcesses()->empty());
  EXPECT_TRUE(store.LoadClusters()->empty());
}

TEST_F(ClusterStoresTest, AnInstallationComesBackAsItWent) {
  SqlInstallationStore store(*database);
  Installation installation;
  installation.id = "i1";
  installation.version = "1.19.1-csa1.13";
  installation.line = "1.19";
  installation.vendor = "csa1.13";
  installation.home = "/opt/flink";
  installation.fetched = true;
  installation.state = console::InstallationState::kBroken;
  installation.digest = "d";
  installation.size_bytes = 5'000'000'000;
  installation.message = "why";
  installation.created_at = clock.Now();
  ASSERT_TRUE(store.Save(installation).ok());
  installation.message = "another";
  ASSERT_TRUE(store.Save(installation).ok());
  const auto loaded = *store.LoadInstallations();
  ASSERT_EQ(loaded.size(), 1U);
  EXPECT_EQ(loaded[0].vendor, "csa1.13");
  EXPECT_EQ(loaded[0].state, console::InstallationState::kBroken);
  EXPECT_EQ(loaded[0].size_bytes, 5'000'000'000);
  EXPECT_EQ(loaded[0].message, "another");
  EXPECT_TRUE(loaded[0].fetched);
  ASSERT_TRUE(store.Delete("i1").ok());
  EXPECT_TRUE(store.LoadInstallations()->empty());
}

TEST_F(ClusterStoresTest, AFleetOperationComesBackAsItWent) {
  SqlFleetStore store(*database);
  FleetOperation operation;
  operation.id = "f1";
  operation.command = {.kind = console::FleetKind::kSuspend, .force = true};
  operation.state = console::OperationState::kRunning;
  operation.requested_by = {.id = "u", .name = "n", .via = console::Requester::Via::kFleet};
  operation.requested_at = clock.Now();
  operation.idempotency_key = "k";
  operation.items = {{.subject = {console::SubjectKind::kCluster, "c1", "x"},
                      .state = console::OperationState::kFailed,
                      .message = "no"}};
  ASSERT_TRUE(store.Save(operation).ok());
  EXPECT_EQ(store.ListOpen()->size(), 1U);
  operation.state = console::OperationState::kFailed;
  operation.error = base::Error(base::ErrorCode::kInUse, "because").WithHint("do");
  operation.finished_at = clock.Now();
  ASSERT_TRUE(store.Save(operation).ok());
  EXPECT_TRUE(store.ListOpen()->empty());

  const auto found = *store.FindByKey("k");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, "f1");
  EXPECT_TRUE(found->command.force);
  EXPECT_EQ(found->requested_by.name, "n");
  ASSERT_EQ(found->items.size(), 1U);
  EXPECT_EQ(found->items[0].subject.kind, console::SubjectKind::kCluster);
  EXPECT_EQ(found->items[0].state, console::OperationState::kFailed);
  EXPECT_EQ(found->error->code(), base::ErrorCode::kInUse);
  EXPECT_EQ(found->error->hint(), "do");
  EXPECT_FALSE(*store.Find("no"));
}

TEST_F(ClusterStoresTest, WhatIsSuspendedKeepsItsOrder) {
  SqlFleetStore store(*database);
  for (const char* id : {"z", "a", "m", "a"}) {
    ASSERT_TRUE(store.AddSuspended({console::SubjectKind::kJob, id, id}).ok());
  }
  ASSERT_TRUE(store.RemoveSuspended({console::SubjectKind::kJob, "m", ""}).ok());
  const auto left = *store.LoadSuspended();
  ASSERT_EQ(left.size(), 2U);
  EXPECT_EQ(left[0].id, "z");
  EXPECT_EQ(left[1].id, "a");
}

}  // namespace
}  // namespace streampark::store
