// SPDX-License-Identifier: Apache-2.0
// Suspending everything, jobs with it, in virtual time.
#include <memory>

#include <gtest/gtest.h>

#include "jobs/testing/job_world.h"

namespace streampark::store {
namespace {

using console::FleetKind;
using console::FleetOperation;
using console::OperationState;
using testing::FakeEngine;

const console::Requester kPerson{"u", "user"};

class FleetLifeTest : public ::testing::Test {
 protected:
  FleetLifeTest() {
    machine_.job_manager_gone = [this](const auto&) { engine_.jobs.clear(); };
    time_.before_turn = [this](const std::string&) { machine_.Progress(); };
    life_ = std::make_unique<testing::JobLife>(folder_.path(), time_, engine_,
                                               testing::LifeParts{.machine = &machine_});
  }

  console::Operation StartCluster() {
    return life_->managed()
        ->clusters
        ->Command(life_->cluster_id(), {.kind = console::OperationKind::kStart}, kPerson, "")
        .value();
  }
  std::string RunningJob(const std::string& name) {
    const std::string id = life_->CreateJob(name);
    EXPECT_EQ(life_->Run(id, R"({"kind":"START"})").state, OperationState::kSucceeded);
    return id;
  }
  FakeEngine::Job& Newest(const std::string& job) {
    return engine_.jobs.at(life_->State(job).attempt->engine_job_id);
  }
  std::string Suspend() {
    return life_->managed()->fleet->Begin({.kind = FleetKind::kSuspend}, kPerson, "").value().id;
  }
  FleetOperation Await(const std::string& id) {
    FleetOperation operation;
    EXPECT_TRUE(time_.RunUntil(
        [&] {
          operation = life_->managed()->fleet->Find(id).value();
          return !console::IsOpen(operation.state);
        },
        std::chrono::minutes(30)));
    return operation;
  }
  std::size_t Noted() { return life_->managed()->fleet_store.LoadSuspended().value().size(); }

  base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  testing::VirtualTime time_;
  FakeEngine engine_{time_};
  testing::FakeMachine machine_{time_, engine_};
  std::unique_ptr<testing::JobLife> life_;
};

TEST_F(FleetLifeTest, AClusterWhoseStartHasOnlyBegunIsStoppedToo) {
  StartCluster();
  const FleetOperation suspended = Await(Suspend());
  EXPECT_EQ(suspended.state, OperationState::kSucceeded);
  ASSERT_EQ(suspended.items.size(), 1U);
  EXPECT_EQ(machine_.Alive(engines::ProcessRole::kJobManager, 0), 0);
}

TEST_F(FleetLifeTest, AJobThatEndsUnderItsSuspensionIsNotTakenForSuspended) {
  life_->Await(StartCluster().id);
  const std::string job = RunningJob("job");
  engine_.savepoint_takes = std::chrono::minutes(1);
  console::ClusterTenants& tenants = life_->jobs().tenants();
  const std::string stop = tenants.Suspend(job, kPerson, "key").value();
  life_->RunUntil([&] { return !Newest(job).triggers.empty(); });
  Newest(job).state = engines::EngineState::kFailed;
  EXPECT_EQ(life_->Await(stop).state, OperationState::kFailed);
  life_->RunUntil([&] { return !life_->State(job).live(); });
  EXPECT_EQ(tenants.Suspend(job, kPerson, "key").value(), stop);
  EXPECT_FALSE(tenants.EndOf(stop)->ok());
}

TEST_F(FleetLifeTest, WhatAPersonStoppedIsNotTheFleetsToStart) {
  life_->Await(StartCluster().id);
  const std::string job = RunningJob("job");
  life_->Command(job, R"({"kind":"STOP","savepoint":"YES"})");
  EXPECT_EQ(Await(Suspend()).state, OperationState::kSucceeded);
  EXPECT_EQ(Noted(), 1U) << "the cluster alone";
}

TEST_F(FleetLifeTest, TheOthersHaveTimeToStartAgainWhenASavepointTookTooLong) {
  life_->Await(StartCluster().id);
  const std::string slow = RunningJob("slow");
  const std::string quick = RunningJob("quick");
  engine_.savepoint_takes = std::chrono::seconds(5);
  const std::string id = Suspend();
  life_->RunUntil([&] { return !Newest(slow).triggers.empty(); });
  for (auto& [trigger_id, trigger] : Newest(slow).triggers) {
    trigger.ends += std::chrono::hours(1);
  }
  engine_.start_takes = std::chrono::seconds(10);
  EXPECT_EQ(Await(id).state, OperationState::kFailed);
  EXPECT_EQ(life_->State(quick).job.desired, console::DesiredState::kRunning);
  EXPECT_EQ(Noted(), 0U);
}

}  // namespace
}  // namespace streampark::store
