// SPDX-License-Identifier: Apache-2.0
// Snapshots that no row stands for are found again, and none that is needed is ever deleted.
#include <gtest/gtest.h>

#include "jobs/testing/job_world.h"

namespace streampark::store::testing {
namespace {

using console::OperationState;

class JobCustodyTest : public ::testing::Test {
 protected:
  std::string EngineId() { return life_.State(job_).attempt->engine_job_id; }
  void Lies(const std::string& folder, const std::string& name, const std::string& engine_job,
            engines::SnapshotKind kind = engines::SnapshotKind::kSavepoint, bool complete = true) {
    engine_.folders[folder + "/" + job_].push_back({.path = folder + "/" + job_ + "/" + name,
                                                    .kind = kind,
                                                    .engine_job = engine_job,
                                                    .modified_at = time_.Now(),
                                                    .complete = complete});
  }

  base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  VirtualTime time_;
  FakeEngine engine_{time_};
  JobLife life_{folder_.path(), time_, engine_};
  std::string job_ = life_.CreateJob();
};

TEST_F(JobCustodyTest, WhatLiesThereWithoutARowIsTakenUpOnce) {
  ASSERT_EQ(life_.Run(job_, R"({"kind":"START"})").state, OperationState::kSucceeded);
  ASSERT_EQ(life_.Run(job_, R"({"kind":"STOP","savepoint":"NO"})").state,
            OperationState::kSucceeded);
  Lies("file:///savepoints", "savepoint-1", EngineId().substr(0, 6));
  Lies("file:///savepoints", "half", EngineId().substr(0, 6), engines::SnapshotKind::kSavepoint,
       false);
  Lies("file:///checkpoints", "chk-7", EngineId(), engines::SnapshotKind::kCheckpoint);
  const auto found = life_.jobs().FindSnapshots(job_, {});
  ASSERT_TRUE(found.ok()) << found.error().ToString();
  ASSERT_EQ(found->size(), 2U) << "a half one is none";
  for (const console::Snapshot& one : *found) {
    EXPECT_EQ(one.attempt_id, life_.State(job_).attempt->id);
  }
  EXPECT_TRUE(life_.jobs().FindSnapshots(job_, {})->empty());
  EXPECT_EQ(life_.Run(job_, R"({"kind":"START","restore":{"from":"LATEST"}})").state,
            OperationState::kSucceeded);
  EXPECT_EQ(engine_.restores.size(), 1U);
}

TEST_F(JobCustodyTest, CheckpointsOfARunningAttemptAreTheEngines) {
  ASSERT_EQ(life_.Run(job_, R"({"kind":"START"})").state, OperationState::kSucceeded);
  Lies("file:///checkpoints", "chk-7", EngineId(), engines::SnapshotKind::kCheckpoint);
  EXPECT_TRUE(life_.jobs().FindSnapshots(job_, {})->empty());
}

TEST_F(JobCustodyTest, ASavepointThatTheEngineForgotIsProvenByItsFolder) {
  ASSERT_EQ(life_.Run(job_, R"({"kind":"START"})").state, OperationState::kSucceeded);
  engine_.forgets_triggers = true;
  engine_.forgets_statistics = true;
  Lies("file:///savepoints", "savepoint-1", EngineId().substr(0, 6));
  const console::Operation stopped = life_.Run(job_, R"({"kind":"STOP","savepoint":"YES"})");
  EXPECT_EQ(stopped.state, OperationState::kSucceeded);
  EXPECT_FALSE(life_.State(job_).job.resume_unconfirmed);
  const auto snapshot = life_.jobs().store().FindSnapshot(life_.State(job_).job.resume_snapshot_id);
  ASSERT_TRUE(snapshot.ok() && *snapshot);
  EXPECT_EQ((*snapshot)->path, "file:///savepoints/" + job_ + "/savepoint-1");
}

TEST_F(JobCustodyTest, OfTwoThatLieThereNoneIsProven) {
  ASSERT_EQ(life_.Run(job_, R"({"kind":"START"})").state, OperationState::kSucceeded);
  engine_.forgets_triggers = true;
  engine_.forgets_statistics = true;
  Lies("file:///savepoints", "savepoint-1", EngineId().substr(0, 6));
  Lies("file:///savepoints", "savepoint-2", EngineId().substr(0, 6));
  ASSERT_EQ(life_.Run(job_, R"({"kind":"STOP","savepoint":"YES"})").state,
            OperationState::kSucceeded);
  EXPECT_TRUE(life_.State(job_).job.resume_unconfirmed);
  const auto start = life_.jobs().desk().Command(
      job_, *console::CommandFromText(R"({"kind":"START"})"), {"u", "user"});
  ASSERT_FALSE(start.ok()) << "a start refuses without a choice";
  EXPECT_EQ(start.error().code(), base::ErrorCode::kSnapshotUnconfirmed);
}

}  // namespace
}  // namespace streampark::store::testing
