// SPDX-License-Identifier: Apache-2.0
// Upgrades on a fake engine: what is proven before the stop, what is watched, what goes back.
#include <algorithm>

#include <gtest/gtest.h>

#include "jobs/testing/job_world.h"

namespace streampark::store::testing {
namespace {

using console::DesiredState;
using console::Operation;
using console::OperationState;
using console::StepState;

constexpr const char* kUpgrade = R"({"kind":"UPGRADE"})";
constexpr const char* kBetter = "INSERT INTO b SELECT * FROM better";
constexpr const char* kDoomed = "INSERT INTO b SELECT * FROM doomed";

class JobUpgrade : public ::testing::Test {
 protected:
  JobUpgrade() {
    engine_.checkpoint_every = base::Millis(300);
    job_ = life_.CreateJob();
    life_.Run(job_, R"({"kind":"START"})");
    life_.RunUntil([&] { return Running().has_state; });
  }

  /// The job's revision counts as stable from then on.
  void BeStable() { EXPECT_EQ(life_.Run(job_, kUpgrade).state, OperationState::kSucceeded); }
  console::Job Job() { return life_.State(job_).job; }

  static StepState StateOf(const Operation& operation, std::string_view step) {
    const auto found = std::find_if(operation.steps.begin(), operation.steps.end(),
                                    [&](const auto& one) { return one.name == step; });
    EXPECT_NE(found, operation.steps.end()) << step;
    return found == operation.steps.end() ? StepState::kWaiting : found->state;
  }
  static std::string WordsOf(const Operation& operation) {
    return operation.error ? operation.error->ToString() : "";
  }
  FakeEngine::Job Running() {
    for (const auto& [id, job] : engine_.jobs) {
      if (!engines::IsTerminal(job.state)) {
        return job;
      }
    }
    ADD_FAILURE() << "nothing runs";
    return {};
  }

  base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  VirtualTime time_;
  FakeEngine engine_{time_};
  JobLife life_{folder_.path(), time_, engine_};
  std::string job_;
};

TEST_F(JobUpgrade, RunsTheNewRevisionFromWhereTheOldOneStopped) {
  BeStable();
  life_.Edit(job_, kBetter);
  const Operation ended = life_.Run(job_, kUpgrade);
  EXPECT_EQ(ended.state, OperationState::kSucceeded) << WordsOf(ended);
  EXPECT_EQ(StateOf(ended, "FOLDER"), StepState::kSucceeded);
  EXPECT_EQ(StateOf(ended, "WATCH"), StepState::kSucceeded);
  EXPECT_EQ(StateOf(ended, "ROLL_BACK"), StepState::kSkipped);
  EXPECT_EQ(Running().sql, kBetter);
  EXPECT_EQ(Job().deployed, 2);
  EXPECT_EQ(Job().last_stable, 2);
  EXPECT_TRUE(life_.State(job_).attempt->stable_at);
}

TEST_F(JobUpgrade, KeepsItsPointForARollback) {
  BeStable();
  life_.Edit(job_, kBetter);
  const Operation ended = life_.Run(job_, kUpgrade);
  EXPECT_EQ(Job().rollback_revision, 1);
  EXPECT_EQ(Job().rollback_snapshot_id, ended.result.snapshot_id);
  // Also when the attempt that was restored from it has ended.
  life_.Run(job_, R"({"kind":"STOP","savepoint":"YES"})");
  const auto refused = life_.jobs().DeleteSnapshot(job_, ended.result.snapshot_id, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), base::ErrorCode::kInUse);
  EXPECT_NE(refused.error().message().find("rollback to revision 1"), std::string::npos);
}

TEST_F(JobUpgrade, GoesBackWhenTheNewRevisionFails) {
  BeStable();
  const std::string before = Running().sql;
  life_.Edit(job_, kDoomed);
  const Operation ended = life_.Run(job_, kUpgrade);
  EXPECT_EQ(ended.state, OperationState::kFailed);
  EXPECT_EQ(StateOf(ended, "RUN_BACK"), StepState::kSucceeded);
  EXPECT_EQ(ended.result.rolled_back_to, 1);
  EXPECT_NE(WordsOf(ended).find("no route to the broker"), std::string::npos) << WordsOf(ended);
  EXPECT_NE(WordsOf(ended).find("rolled back to revision 1 from snapshot file:///savepoints/"),
            std::string::npos)
      << WordsOf(ended);
  EXPECT_EQ(Running().sql, before);
  EXPECT_EQ(engine_.Alive(job_), 1);
  EXPECT_EQ(Job().desired, DesiredState::kRunning);
  EXPECT_EQ(Job().deployed, 1);
  EXPECT_EQ(Job().wanted, 2);
  EXPECT_EQ(life_.jobs().board().Find(job_)->badge.badge, console::Badge::kRunning);
}

TEST_F(JobUpgrade, SaysWhyItDoesNotGoBack) {
  BeStable();
  life_.Edit(job_, kDoomed, "cluster", [](console::JobSpec& spec) { spec.rollback = false; });
  const Operation ended = life_.Run(job_, kUpgrade);
  EXPECT_EQ(ended.state, OperationState::kFailed);
  EXPECT_EQ(StateOf(ended, "WAY_BACK"), StepState::kSkipped);
  EXPECT_EQ(StateOf(ended, "ROLL_BACK"), StepState::kFailed);
  EXPECT_NE(WordsOf(ended).find("not rolled back: upgrade.rollback is off"), std::string::npos);
  EXPECT_EQ(engine_.Alive(job_), 0);
}

TEST_F(JobUpgrade, ARevisionThatWasNeverStableIsNotGoneBackTo) {
  engine_.checkpoint_every = base::Millis(0);
  job_ = life_.CreateJob("without a checkpoint");
  life_.Run(job_, R"({"kind":"START"})");
  life_.Edit(job_, kDoomed);
  const Operation ended = life_.Run(job_, kUpgrade);
  EXPECT_NE(WordsOf(ended).find("no revision of the job was ever stable"), std::string::npos)
      << WordsOf(ended);
}

TEST_F(JobUpgrade, AJobThatWasSuspendedIsNotBroughtToRunAgain) {
  BeStable();
  life_.Run(job_, R"({"kind":"STOP","savepoint":"YES"})");
  const std::string point = Job().resume_snapshot_id;
  life_.Edit(job_, kDoomed);
  const Operation ended = life_.Run(job_, kUpgrade);
  EXPECT_EQ(ended.state, OperationState::kFailed);
  EXPECT_NE(WordsOf(ended).find("the job did not run before"), std::string::npos);
  EXPECT_EQ(engine_.Alive(job_), 0);
  EXPECT_EQ(Job().desired, DesiredState::kSuspended);
  EXPECT_EQ(Job().resume_snapshot_id, point);
}

TEST_F(JobUpgrade, AFolderThatCannotBeWrittenIsFoundBeforeTheStop) {
  engine_.folder_refused = true;
  life_.Edit(job_, kBetter);
  const Operation ended = life_.Run(job_, kUpgrade);
  EXPECT_EQ(ended.state, OperationState::kFailed);
  EXPECT_EQ(StateOf(ended, "FOLDER"), StepState::kFailed);
  EXPECT_NE(WordsOf(ended).find("permission denied"), std::string::npos);
  EXPECT_EQ(engine_.triggers, 0);
  EXPECT_EQ(engine_.submits, 1);
  EXPECT_EQ(engine_.Alive(job_), 1);
}

TEST_F(JobUpgrade, TooFewSlotsAreFoundBeforeTheStop) {
  engine_.slots_free = 0;
  life_.Edit(job_, kBetter);
  EXPECT_EQ(life_.Run(job_, R"({"kind":"UPGRADE","parallelism":2})").error->code(),
            base::ErrorCode::kNotEnoughSlots);
  EXPECT_EQ(engine_.triggers, 0);
}

TEST_F(JobUpgrade, ASavepointThatFailsLeavesTheJobAlone) {
  engine_.savepoints_fail = true;
  life_.Edit(job_, kBetter);
  EXPECT_EQ(life_.Run(job_, kUpgrade).error->code(), base::ErrorCode::kSavepointFailed);
  EXPECT_EQ(engine_.submits, 1);
  EXPECT_EQ(engine_.Alive(job_), 1);
  EXPECT_EQ(Job().desired, DesiredState::kRunning);
}

TEST_F(JobUpgrade, LastStateGoesOnFromTheNewestCheckpoint) {
  life_.Edit(job_, kBetter);
  const Operation ended = life_.Run(job_, R"({"kind":"UPGRADE","mode":"LAST_STATE"})");
  EXPECT_EQ(ended.state, OperationState::kSucceeded) << WordsOf(ended);
  EXPECT_EQ(engine_.triggers, 0);
  EXPECT_EQ(engine_.cancels, 1);
  EXPECT_TRUE(Running().restored_from.starts_with("file:///checkpoints/"))
      << Running().restored_from;
}

TEST_F(JobUpgrade, WhatRestartsIsUpgradedFromItsLastState) {
  engine_.keeps_restarting = true;
  life_.Observe(engine_);
  life_.Edit(job_, kBetter);
  const Operation insisted = life_.Run(job_, R"({"kind":"UPGRADE","mode":"SAVEPOINT"})");
  EXPECT_EQ(insisted.error->code(), base::ErrorCode::kIllegalState);
  EXPECT_EQ(engine_.Alive(job_), 1);
  const std::string upgrade = life_.Command(job_, kUpgrade).id;
  life_.RunUntil([&] { return engine_.cancels > 0; });
  engine_.keeps_restarting = false;
  const Operation ended = life_.Await(upgrade);
  EXPECT_EQ(ended.state, OperationState::kSucceeded) << WordsOf(ended);
  EXPECT_EQ(engine_.triggers, 0);
  EXPECT_TRUE(Running().restored_from.starts_with("file:///checkpoints/"));
}

TEST_F(JobUpgrade, APersonRollsBackToTheRevisionBefore) {
  BeStable();
  const std::string before = Running().sql;
  life_.Edit(job_, kBetter);
  const Operation upgraded = life_.Run(job_, kUpgrade);
  const auto point = life_.jobs().store().FindSnapshot(upgraded.result.snapshot_id);
  const Operation back = life_.Run(job_, R"({"kind":"ROLLBACK"})");
  EXPECT_EQ(back.state, OperationState::kSucceeded) << WordsOf(back);
  EXPECT_EQ(Running().sql, before);
  EXPECT_EQ(Running().restored_from, (*point)->path);
  EXPECT_EQ(Job().deployed, 1);
  EXPECT_EQ(Job().last_stable, 1);
  EXPECT_FALSE(Job().rollback_revision);
}

TEST_F(JobUpgrade, RescalesInPlaceWhereTheEngineCan) {
  engine_.rescales = true;
  const Operation ended = life_.Run(job_, R"({"kind":"RESCALE","parallelism":3})");
  EXPECT_EQ(ended.state, OperationState::kSucceeded) << WordsOf(ended);
  EXPECT_EQ(StateOf(ended, "SAVEPOINT"), StepState::kSkipped);
  EXPECT_EQ(engine_.submits, 1);
  EXPECT_EQ(Running().parallelism, 3);
  EXPECT_EQ(life_.State(job_).attempt->parallelism, 3);
}

TEST_F(JobUpgrade, RescalesThroughAnUpgradeWhereItCannot) {
  life_.Edit(job_, kBetter);  // is not what a rescale deploys
  const Operation ended = life_.Run(job_, R"({"kind":"RESCALE","parallelism":3})");
  EXPECT_EQ(ended.state, OperationState::kSucceeded) << WordsOf(ended);
  EXPECT_EQ(StateOf(ended, "RESCALE"), StepState::kSkipped);
  EXPECT_EQ(engine_.submits, 2);
  EXPECT_EQ(Running().parallelism, 3);
  EXPECT_EQ(Job().deployed, 1);
}

TEST_F(JobUpgrade, EditsMeanwhileOnlyMoveWhatIsWanted) {
  life_.Edit(job_, kBetter);
  engine_.keeps_saving = true;
  const std::string upgrade = life_.Command(job_, kUpgrade).id;
  life_.Edit(job_, "INSERT INTO b SELECT * FROM third");
  life_.Edit(job_, "INSERT INTO b SELECT * FROM fourth");
  engine_.keeps_saving = false;
  EXPECT_EQ(life_.Await(upgrade).state, OperationState::kSucceeded);
  EXPECT_EQ(Job().deployed, 2);
  EXPECT_EQ(Job().wanted, 4);
  EXPECT_EQ(life_.Run(job_, kUpgrade).state, OperationState::kSucceeded);
  EXPECT_EQ(*life_.jobs().store().DeployedRevisions(job_), (std::vector<int>{1, 2, 4}));
}

TEST_F(JobUpgrade, CancelledAfterTheStopItIsSuspendedAtItsPoint) {
  life_.Edit(job_, kBetter);
  engine_.keeps_pending = true;
  const std::string upgrade = life_.Command(job_, kUpgrade).id;
  life_.RunUntil([&] {
    const auto operation = life_.operations().Find(upgrade);
    const console::Step* step = (*operation)->running_step();
    return step != nullptr && step->name == "RUN";
  });
  ASSERT_TRUE(life_.jobs().desk().Cancel(upgrade).ok());
  const Operation ended = life_.Await(upgrade);
  EXPECT_EQ(ended.state, OperationState::kCancelled);
  EXPECT_EQ(engine_.Alive(job_), 0);
  EXPECT_EQ(Job().desired, DesiredState::kSuspended);
  EXPECT_EQ(Job().resume_snapshot_id, ended.result.snapshot_id);
}

TEST_F(JobUpgrade, APlanDoesNothing) {
  BeStable();
  const int submits = engine_.submits;
  const int triggers = engine_.triggers;
  life_.Edit(job_, kBetter);
  const auto plan = life_.jobs().PlanUpgrade(job_, {.kind = console::OperationKind::kUpgrade}, {});
  ASSERT_TRUE(plan.ok()) << plan.error().ToString();
  EXPECT_EQ(plan->revision, 2);
  EXPECT_EQ(plan->deployed, 1);
  EXPECT_EQ(plan->path, console::UpgradePath::kSavepoint);
  EXPECT_EQ(plan->back_to, 1);
  for (const auto& check : plan->checks) {
    EXPECT_EQ(check.state, StepState::kSucceeded) << check.name << " " << check.message;
  }
  EXPECT_EQ(plan->checks.size(), 8U);
  EXPECT_EQ(engine_.submits, submits);
  EXPECT_EQ(engine_.triggers, triggers);
  EXPECT_FALSE(life_.State(job_).operation);
  EXPECT_EQ(Job().released, 1);
}

TEST_F(JobUpgrade, APlanShowsEachCheckThatFails) {
  engine_.folder_refused = true;
  engine_.sql_wrong = true;
  life_.Edit(job_, kBetter);
  const auto plan = life_.jobs().PlanUpgrade(job_, {.kind = console::OperationKind::kUpgrade}, {});
  ASSERT_TRUE(plan.ok());
  const auto state = [&](std::string_view name) {
    const auto found = std::find_if(plan->checks.begin(), plan->checks.end(),
                                    [&](const auto& one) { return one.name == name; });
    return found == plan->checks.end() ? StepState::kWaiting : found->state;
  };
  EXPECT_EQ(state("COMPILE"), StepState::kFailed);
  EXPECT_EQ(state("FOLDER"), StepState::kFailed);
  EXPECT_EQ(state("REHEARSE"), StepState::kSkipped);
}

}  // namespace
}  // namespace streampark::store::testing
