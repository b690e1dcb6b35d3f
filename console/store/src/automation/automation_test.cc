// SPDX-License-Identifier: Apache-2.0
// Automation at work on a real database with a fake engine: what it does about jobs that end, what
// it leaves alone, and what is left of it after a crash.
#include <gtest/gtest.h>

#include "jobs/testing/job_world.h"

namespace streampark::store::testing {
namespace {

using console::AttentionRule;
using console::Badge;
using console::Decision;
using console::DecisionKind;
using console::DesiredState;
using console::Pause;

constexpr const char* kStart = R"({"kind":"START"})";
constexpr const char* kStop = R"({"kind":"STOP","savepoint":"YES"})";

class AutomationTest : public ::testing::Test {
 protected:
  base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  VirtualTime time_;
  FakeEngine engine_{time_};
  std::unique_ptr<JobLife> life_ = Life();

  std::unique_ptr<JobLife> Life() {
    return std::make_unique<JobLife>(folder_.path(), time_, engine_);
  }

  std::string Started(int attempts = 3, bool stateless = false) {
    std::string id = life_->CreateJob("job", [&](console::JobSpec& spec) {
      spec.restart_attempts = attempts;
      spec.stateless = stateless;
    });
    EXPECT_EQ(life_->Run(id, kStart).state, console::OperationState::kSucceeded);
    life_->Observe(engine_);
    return id;
  }

  /// The live one comes to an end on the engine, with a restore point or without.
  void EndOnEngine(const std::string& restore_point = "file:///savepoints/newest") {
    for (auto& [id, job] : engine_.jobs) {
      if (!engines::IsTerminal(job.state)) {
        if (!restore_point.empty()) {
          engine_.Complete(job, engines::SnapshotKind::kSavepoint, restore_point);
        }
        job.state = engines::EngineState::kFailed;
      }
    }
    life_->Observe(engine_);
  }

  Badge BadgeOf(const std::string& job) { return life_->jobs().board().Find(job)->badge.badge; }
  void AwaitBadge(const std::string& job, Badge badge) {
    life_->RunUntil([&] { return BadgeOf(job) == badge; });
    ASSERT_EQ(ToString(BadgeOf(job)), ToString(badge));
  }
  void AwaitSubmits(const std::string& job, int submits) {
    life_->RunUntil([&] { return engine_.submits == submits && !life_->State(job).operation; });
    ASSERT_EQ(engine_.submits, submits);
    life_->Observe(engine_);
  }
  std::vector<Decision> DecisionsOf(const std::string& job) {
    auto page = life_->jobs().automation().Decisions(job, 100, "");
    EXPECT_TRUE(page.ok());
    return std::vector<Decision>(page->items.rbegin(), page->items.rend());
  }
  std::vector<DecisionKind> KindsOf(const std::string& job) {
    std::vector<DecisionKind> kinds;
    for (const Decision& one : DecisionsOf(job)) {
      kinds.push_back(one.kind);
    }
    return kinds;
  }
  bool Attends(AttentionRule rule) {
    for (const auto& one : life_->jobs().automation().OpenAttentions(console::TeamSet::All())) {
      if (one.rule == rule) {
        return true;
      }
    }
    return false;
  }
  /// An hour in which the cluster is looked at now and then.
  void LetAnHourPass() {
    for (int minute = 0; minute < 60; ++minute) {
      life_->Observe(engine_);
      time_.Run(base::Millis(60'000));
    }
  }
  void Attended(AttentionRule rule, bool open) {
    life_->RunUntil([&] { return Attends(rule) == open; });
    EXPECT_EQ(Attends(rule), open) << ToString(rule);
  }
};

TEST_F(AutomationTest, AFailedJobComesBackFromItsNewestRestorePoint) {
  const std::string job = Started();
  EndOnEngine();
  AwaitSubmits(job, 2);
  life_->Observe(engine_);
  AwaitBadge(job, Badge::kRunning);
  EXPECT_EQ(engine_.Alive(job), 1);
  EXPECT_EQ(engine_.restores.back().path, "file:///savepoints/newest");
  EXPECT_EQ(life_->State(job).job.desired, DesiredState::kRunning);
  ASSERT_EQ(KindsOf(job), (std::vector{DecisionKind::kWait, DecisionKind::kRestart}));
  EXPECT_NE(DecisionsOf(job).front().facts.find("\"ends\":1"), std::string::npos)
      << "what is told counts this end";
  const Decision restart = DecisionsOf(job).back();
  EXPECT_EQ(restart.rule, "ended");
  const auto operation = life_->operations().Find(restart.operation_id);
  ASSERT_TRUE(operation.ok() && *operation);
  EXPECT_EQ((*operation)->requested_by.via, console::Requester::Via::kAutomation);
  EXPECT_EQ((*operation)->idempotency_key, restart.id);
}

TEST_F(AutomationTest, AStatelessJobComesBackEmpty) {
  const std::string job = Started(3, true);
  EndOnEngine();
  AwaitSubmits(job, 2);
  EXPECT_TRUE(engine_.restores.empty());
}

TEST_F(AutomationTest, NoAttemptsMeansNever) {
  const std::string job = Started(0);
  EndOnEngine();
  AwaitBadge(job, Badge::kFailed);
  Attended(AttentionRule::kLeftDown, true);
  LetAnHourPass();
  EXPECT_EQ(engine_.submits, 1);
  EXPECT_TRUE(DecisionsOf(job).empty());
}

TEST_F(AutomationTest, AJobWithStateIsNeverStartedEmpty) {
  const std::string job = Started();
  EndOnEngine("");
  AwaitBadge(job, Badge::kNeedsYou);
  Attended(AttentionRule::kAsks, true);
  LetAnHourPass();
  EXPECT_EQ(engine_.submits, 1);
  EXPECT_EQ(KindsOf(job), std::vector{DecisionKind::kAsk});
  // A person's choice ends it.
  EXPECT_EQ(life_->Run(job, R"({"kind":"START","restore":{"from":"NOTHING"}})").state,
            console::OperationState::kSucceeded);
  life_->Observe(engine_);
  AwaitBadge(job, Badge::kRunning);
  Attended(AttentionRule::kAsks, false);
}

TEST_F(AutomationTest, ABudgetThatIsSpentEndsInQuarantine) {
  const std::string job = Started(2);
  EndOnEngine();
  for (int restart = 2; restart <= 3; ++restart) {
    AwaitSubmits(job, restart);
    EndOnEngine();
  }
  AwaitBadge(job, Badge::kQuarantined);
  Attended(AttentionRule::kQuarantined, true);
  LetAnHourPass();
  EXPECT_EQ(engine_.submits, 3);
  EXPECT_EQ(DecisionsOf(job).back().kind, DecisionKind::kQuarantine);
  EXPECT_EQ(DecisionsOf(job).back().rule, "spent");
  EXPECT_EQ(life_->Run(job, R"({"kind":"START","restore":{"from":"LATEST"}})").state,
            console::OperationState::kSucceeded);
  life_->Observe(engine_);
  AwaitBadge(job, Badge::kRunning);
  EXPECT_EQ(life_->State(job).job.recovery, console::Recovery());
}

TEST_F(AutomationTest, AStartThatIsRefusedForWhatItIsIsNotRetried) {
  const std::string job = Started();
  engine_.snapshots_missing = true;
  EndOnEngine();
  AwaitBadge(job, Badge::kNeedsYou);
  LetAnHourPass();
  EXPECT_EQ(engine_.submits, 1);
  EXPECT_EQ(DecisionsOf(job).back().rule, "no-state");
  EXPECT_EQ(life_->State(job).job.desired, DesiredState::kRunning);
}

TEST_F(AutomationTest, AStartForWhichThereIsNoRoomIsRetriedWithinTheBudget) {
  const std::string job = Started();
  engine_.slots_free = 0;
  EndOnEngine();
  life_->RunUntil([&] { return life_->State(job).job.last_failure.has_value(); });
  EXPECT_EQ(life_->State(job).job.desired, DesiredState::kRunning);
  engine_.slots_free = 4;
  AwaitSubmits(job, 2);
  EXPECT_EQ(engine_.restores.back().path, "file:///savepoints/newest");
}

TEST_F(AutomationTest, NothingIsDoneWhileTheClusterIsSilent) {
  const std::string job = Started();
  life_->clusters().SetReachability(console::Reachability::kUnreachable);
  EndOnEngine();
  AwaitBadge(job, Badge::kFailed);
  LetAnHourPass();
  EXPECT_EQ(engine_.submits, 1);
  EXPECT_TRUE(DecisionsOf(job).empty());
  life_->clusters().SetReachability(console::Reachability::kReachable);
  AwaitSubmits(job, 2);
}

TEST_F(AutomationTest, AClusterIsMendedFirstButNotWaitedForForEver) {
  const auto become = [&](console::ClusterState state) {
    life_->clusters().Set([&](console::Cluster& cluster) {
      cluster.state = state;
      cluster.since = time_.Now();
    });
  };
  const std::string job = Started();
  become(console::ClusterState::kDegraded);
  EndOnEngine();
  time_.Run(std::chrono::seconds(60));
  EXPECT_TRUE(DecisionsOf(job).empty());
  become(console::ClusterState::kRunning);
  AwaitSubmits(job, 2);
  EXPECT_EQ(KindsOf(job), (std::vector{DecisionKind::kWait, DecisionKind::kRestart}));

  become(console::ClusterState::kDegraded);
  EndOnEngine();
  AwaitSubmits(job, 3);
}

TEST_F(AutomationTest, APausedJobIsNotTouched) {
  const std::string job = Started();
  for (const auto& [scope, subject] : {std::pair(Pause::Scope::kJob, job),
                                       std::pair(Pause::Scope::kCluster, std::string("cluster")),
                                       std::pair(Pause::Scope::kFleet, std::string())}) {
    ASSERT_TRUE(life_->jobs()
                    .automation()
                    .Hold({scope, subject, {"u", "user"}, time_.Now(), "a test"})
                    .ok());
  }
  EXPECT_EQ(life_->jobs().automation().HoldsOn(Pause::Scope::kJob, job).size(), 3U);
  EndOnEngine();
  AwaitBadge(job, Badge::kFailed);
  LetAnHourPass();
  EXPECT_EQ(engine_.submits, 1);
  EXPECT_TRUE(Attends(AttentionRule::kLeftDown));
  // A pause outlives the console.
  life_.reset();
  life_ = Life();
  ASSERT_TRUE(life_->jobs().automation().Release(Pause::Scope::kJob, job).ok());
  ASSERT_TRUE(life_->jobs().automation().Release(Pause::Scope::kCluster, "cluster").ok());
  LetAnHourPass();
  EXPECT_EQ(engine_.submits, 1);
  ASSERT_TRUE(life_->jobs().automation().Release(Pause::Scope::kFleet, "").ok());
  AwaitSubmits(job, 2);
}

TEST_F(AutomationTest, WhatRunsThoughItShouldNotIsFenced) {
  const std::string job = Started();
  const console::Operation stopped = life_->Run(job, kStop);
  ASSERT_EQ(stopped.state, console::OperationState::kSucceeded);
  const std::string saved = life_->State(job).job.resume_snapshot_id;
  ASSERT_FALSE(saved.empty());
  engine_.jobs.begin()->second.state = engines::EngineState::kRunning;
  engine_.jobs.begin()->second.ended.reset();
  // A look that cannot be an echo of the time before its end.
  time_.Run(base::Millis(60'000));
  life_->Observe(engine_);
  life_->RunUntil([&] { return engine_.Alive(job) == 0 && !life_->State(job).operation; });
  EXPECT_EQ(engine_.cancels, 1);
  AwaitBadge(job, Badge::kSuspended);
  EXPECT_EQ(life_->State(job).job.resume_snapshot_id, saved) << "it goes on where it was stopped";
  Attended(AttentionRule::kFenced, true);
  EXPECT_EQ(KindsOf(job), std::vector{DecisionKind::kFence});
  EXPECT_EQ(life_->Run(job, kStart).state, console::OperationState::kSucceeded);
  Attended(AttentionRule::kFenced, false);
}

TEST_F(AutomationTest, WhoeverCancelsItsStartWantsTheJobDown) {
  const std::string job = Started();
  engine_.keeps_pending = true;
  EndOnEngine();
  life_->RunUntil([&] { return engine_.submits == 2; });
  const auto operation = life_->State(job).operation;
  ASSERT_TRUE(operation);
  ASSERT_TRUE(life_->jobs().desk().Cancel(operation->id).ok());
  life_->RunUntil([&] { return !life_->State(job).operation; });
  EXPECT_EQ(life_->State(job).job.desired, DesiredState::kStopped);
  LetAnHourPass();
  EXPECT_EQ(engine_.submits, 2);
}

TEST_F(AutomationTest, ADecisionWhoseCommandWasNotSentIsSentInTheNextLife) {
  const std::string job = Started();
  const console::Operation stopped = life_->Run(job, R"({"kind":"STOP","savepoint":"NO"})");
  ASSERT_EQ(stopped.state, console::OperationState::kSucceeded);
  life_.reset();
  // As the disk is after a crash between the decision and its command.
  {
    auto database = Database::Open(folder_.path() / "streampark.db", {}, time_);
    ASSERT_TRUE(database.ok());
    ASSERT_TRUE((*database)->Execute("UPDATE jobs SET desired = 'RUNNING' WHERE id = ?", job).ok());
    AutomationTable table(**database);
    ASSERT_TRUE(table
                    .Save(Decision{.id = "01AAAAAAAAAAAAAAAAAAAAAAAA",
                                   .job_id = job,
                                   .team_id = "team",
                                   .kind = DecisionKind::kRestart,
                                   .rule = "ended",
                                   .at = time_.Now(),
                                   .command = R"({"kind":"START","restore":{"from":"NOTHING"}})"})
                    .ok());
  }
  life_ = Life();
  AwaitSubmits(job, 2);
  life_->RunUntil([&] { return !DecisionsOf(job).back().operation_id.empty(); });
  const std::string operation = DecisionsOf(job).back().operation_id;
  life_.reset();
  {
    auto database = Database::Open(folder_.path() / "streampark.db", {}, time_);
    ASSERT_TRUE((*database)->Execute("UPDATE decisions SET operation_id = ''").ok());
  }
  // Sent, but not known to be: the same key gets the same operation.
  life_ = Life();
  life_->RunUntil([&] { return !DecisionsOf(job).back().operation_id.empty(); });
  EXPECT_EQ(DecisionsOf(job).back().operation_id, operation);
  EXPECT_EQ(engine_.submits, 2);
}

TEST_F(AutomationTest, ALoopIsRestartedOnceAndThenQuarantined) {
  engine_.checkpoint_every = base::Millis(10'000);
  const std::string job = Started();
  const auto loop = [&] {
    life_->RunUntil([&] { return life_->State(job).health.last_checkpoint_at.has_value(); });
    for (auto& [id, one] : engine_.jobs) {
      one.restarts += engines::IsTerminal(one.state) ? 0 : 100;
    }
  };
  loop();
  AwaitSubmits(job, 2);
  EXPECT_EQ(KindsOf(job), std::vector{DecisionKind::kRestart});
  EXPECT_EQ(DecisionsOf(job).back().rule, "loop");
  EXPECT_EQ(engine_.Alive(job), 1);
  EXPECT_FALSE(engine_.restores.back().path.empty());
  loop();
  AwaitBadge(job, Badge::kQuarantined);
  EXPECT_EQ(engine_.Alive(job), 1) << "what was given up is left to people";
  EXPECT_EQ(DecisionsOf(job).back().rule, "loop");
}

TEST_F(AutomationTest, TheWindowEndsWhenTheJobWasStable) {
  engine_.checkpoint_every = base::Millis(10'000);
  const std::string job = Started();
  EndOnEngine();
  AwaitSubmits(job, 2);
  EXPECT_EQ(life_->State(job).job.recovery.ends, 1);
  time_.Run(base::Millis(300'000));
  EXPECT_EQ(life_->State(job).job.recovery.ends, 1);
  time_.Run(base::Millis(400'000));
  EXPECT_EQ(life_->State(job).job.recovery, console::Recovery());
}

TEST_F(AutomationTest, SilenceThatLastsNeedsSomebody) {
  const std::string job = Started();
  life_->clusters().SetReachability(console::Reachability::kUnreachable);
  life_->jobs().observations().OnSilence(*life_->clusters().Find("cluster"),
                                         console::ClusterObservationSink::Silence::kNoAnswer,
                                         time_.Now());
  Attended(AttentionRule::kUnreachable, true);
  life_->clusters().SetReachability(console::Reachability::kReachable);
  life_->Observe(engine_);
  Attended(AttentionRule::kUnreachable, false);
  EXPECT_EQ(engine_.submits, 1);
}

TEST_F(AutomationTest, OldDecisionsGoButForTheNewestAndWhatIsToBeSent) {
  life_.reset();
  auto database = Database::Open(folder_.path() / "streampark.db", {}, time_);
  AutomationTable table(**database);
  for (int i = 0; i < 60; ++i) {
    Decision old{.id = std::to_string(100 + i), .job_id = "j", .kind = DecisionKind::kWait};
    old.at = base::Timestamp(base::Millis(1000));
    old.command = i == 0 ? "{}" : "";
    ASSERT_TRUE(table.Save(old).ok());
  }
  ASSERT_TRUE(table.Prune(base::Timestamp(base::Millis(2000))).ok());
  const auto left = table.ListDecisions("j", 100, "");
  ASSERT_EQ(left->items.size(), 51U);
  EXPECT_EQ(left->items.back().id, "100");
}

TEST_F(AutomationTest, AnOlderAttemptThatTheEngineRunsAgainIsEnded) {
  const std::string job = Started();
  const std::string older = engine_.submitted.back();
  ASSERT_EQ(life_->Run(job, kStop).state, console::OperationState::kSucceeded);
  ASSERT_EQ(life_->Run(job, kStart).state, console::OperationState::kSucceeded);
  const std::string newer = engine_.submitted.back();
  time_.Run(base::Millis(20'000));
  engine_.jobs.at(older).state = engines::EngineState::kRunning;
  ASSERT_TRUE(life_->jobs().automation().Hold({.scope = Pause::Scope::kFleet}).ok());
  life_->Observe(engine_);
  time_.Run(base::Millis(20'000));
  EXPECT_EQ(engine_.cancels, 0) << "while automation is paused nothing is ended";

  ASSERT_TRUE(life_->jobs().automation().Release(Pause::Scope::kFleet, "").ok());
  life_->Observe(engine_);
  life_->RunUntil([&] { return engines::IsTerminal(engine_.jobs.at(older).state); });
  EXPECT_EQ(engine_.jobs.at(newer).state, engines::EngineState::kRunning);
  EXPECT_EQ(BadgeOf(job), Badge::kRunning);
  const Decision fenced = DecisionsOf(job).back();
  EXPECT_EQ(fenced.kind, DecisionKind::kFence);
  EXPECT_EQ(fenced.rule, "older");
  EXPECT_NE(fenced.facts.find(older), std::string::npos) << fenced.facts;
  Attended(AttentionRule::kFenced, true);

  engine_.jobs.at(older).state = engines::EngineState::kRunning;
  life_->Observe(engine_);
  life_->RunUntil([&] { return engines::IsTerminal(engine_.jobs.at(older).state); });
  EXPECT_EQ(engine_.cancels, 2) << "that is another act";
  EXPECT_EQ(engine_.submits, 2);
}

}  // namespace
}  // namespace streampark::store::testing
