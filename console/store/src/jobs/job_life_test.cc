// SPDX-License-Identifier: Apache-2.0
// Operations of jobs from beginning to end, on a real database with a fake engine.
#include <gtest/gtest.h>

#include "jobs/testing/job_world.h"

namespace streampark::store::testing {
namespace {

using base::ErrorCode;
using console::AttemptOutcome;
using console::Badge;
using console::DesiredState;
using console::OperationState;

constexpr const char* kStart = R"({"kind":"START"})";
constexpr const char* kStop = R"({"kind":"STOP","savepoint":"YES","name":"lunch"})";
constexpr const char* kCancel = R"({"kind":"STOP","savepoint":"NO"})";

class JobLifeTest : public ::testing::Test {
 protected:
  base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  VirtualTime time_;
  FakeEngine engine_{time_};
  JobLife life_{folder_.path(), time_, engine_};
  std::string job_ = life_.CreateJob();

  void ExpectSucceeded(const console::Operation& operation) {
    EXPECT_EQ(operation.state, OperationState::kSucceeded)
        << (operation.error ? operation.error->ToString() : "");
  }
  void ExpectFailed(const console::Operation& operation, ErrorCode code) {
    EXPECT_EQ(operation.state, OperationState::kFailed);
    ASSERT_TRUE(operation.error.has_value());
    EXPECT_EQ(operation.error->code(), code) << operation.error->ToString();
  }
  base::Result<console::Operation> Try(std::string_view command) {
    return life_.jobs().desk().Command(job_, *console::CommandFromText(command), {"u", "user"});
  }
  std::string OnlyRestoredFrom() {
    for (const auto& [id, job] : engine_.jobs) {
      if (!engines::IsTerminal(job.state)) {
        return job.restored_from;
      }
    }
    return "none is alive";
  }
};

TEST_F(JobLifeTest, StartsStopsAndGoesOnWhereItStopped) {
  ExpectSucceeded(life_.Run(job_, kStart));
  EXPECT_EQ(life_.State(job_).job.desired, DesiredState::kRunning);
  EXPECT_EQ(life_.jobs().board().Find(job_)->badge.badge, Badge::kRunning);
  const console::Operation stopped = life_.Run(job_, kStop);
  ExpectSucceeded(stopped);
  EXPECT_FALSE(stopped.result.snapshot_id.empty());
  EXPECT_EQ(life_.jobs().board().Find(job_)->badge.badge, Badge::kSuspended);
  EXPECT_EQ(life_.State(job_).attempt->outcome, AttemptOutcome::kSuspended);
  const auto snapshot = life_.jobs().store().FindSnapshot(stopped.result.snapshot_id);
  EXPECT_EQ((*snapshot)->name, "lunch");
  ExpectSucceeded(life_.Run(job_, kStart));
  EXPECT_EQ(OnlyRestoredFrom(), (*snapshot)->path);
  EXPECT_EQ(engine_.compiles, 1) << "a warm start compiles nothing";
  EXPECT_EQ(engine_.Alive(job_), 1);
}

TEST_F(JobLifeTest, ASecondStartIsRefused) {
  engine_.keeps_pending = true;
  const console::Operation first = life_.Command(job_, kStart);
  const auto second = Try(kStart);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), ErrorCode::kOperationInFlight);
  EXPECT_EQ(second.error().related_id(), first.id);
  engine_.keeps_pending = false;
  ExpectSucceeded(life_.Await(first.id));
  EXPECT_EQ(Try(kStart).error().code(), ErrorCode::kIllegalState);
}

TEST_F(JobLifeTest, TheSameKeyGetsTheSameAnswer) {
  const auto command = *console::CommandFromText(kStart);
  const auto first = life_.jobs().desk().Command(job_, command, {"u", "user"}, "key");
  ExpectSucceeded(life_.Await(first->id));
  const auto again = life_.jobs().desk().Command(job_, command, {"u", "user"}, "key");
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->id, first->id);
  const auto other =
      life_.jobs().desk().Command(job_, *console::CommandFromText(kStop), {"u", "user"}, "key");
  EXPECT_EQ(other.error().code(), ErrorCode::kIdempotencyMismatch);
}

TEST_F(JobLifeTest, AFailedSavepointLeavesTheJobRunning) {
  ExpectSucceeded(life_.Run(job_, kStart));
  engine_.savepoints_fail = true;
  const console::Operation stopped = life_.Run(job_, kStop);
  ExpectFailed(stopped, ErrorCode::kSavepointFailed);
  EXPECT_EQ(stopped.error->cause(), "the folder is not writable");
  EXPECT_EQ(engine_.Alive(job_), 1);
  EXPECT_EQ(engine_.cancels, 0);
  EXPECT_EQ(life_.State(job_).job.desired, DesiredState::kRunning);
}

// The question whether our trigger arrived is answered by what the engine has, and that may be of
// the command before.
TEST_F(JobLifeTest, AnotherCommandsSavepointIsNotTakenForTheStops) {
  ExpectSucceeded(life_.Run(job_, kStart));
  ExpectSucceeded(life_.Run(job_, R"({"kind":"SAVEPOINT"})"));
  bool lost = false;
  engine_.disturb = [&](const Call& call, FakeEngine::Moment) -> base::Status {
    if (call.name == "TRIGGER" && !std::exchange(lost, true)) {
      return base::Error(ErrorCode::kEngineTimeout, "no answer in time");  // nor did it arrive
    }
    return base::Ok();
  };
  ExpectFailed(life_.Run(job_, kStop), ErrorCode::kSavepointFailed);
  EXPECT_TRUE(lost);
  EXPECT_EQ(life_.State(job_).job.desired, DesiredState::kRunning);
  ExpectSucceeded(life_.Run(job_, kStop));
}

TEST_F(JobLifeTest, AStopThatAJobManagersEndUndoesFailsVisibly) {
  ExpectSucceeded(life_.Run(job_, kStart));
  engine_.stop_takes = std::chrono::seconds(2);
  for (const char* stop : {kStop, kCancel}) {
    const console::Operation stopping = life_.Command(job_, stop);
    FakeEngine::Job& only = engine_.jobs.begin()->second;
    life_.RunUntil([&] { return only.state == engines::EngineState::kStopping; });
    only.state = engines::EngineState::kRunning;  // another JobManager has taken it up
    ExpectFailed(life_.Await(stopping.id), ErrorCode::kEngineError);
    EXPECT_TRUE(life_.State(job_).live());
  }
  ExpectSucceeded(life_.Run(job_, kCancel));
}

TEST_F(JobLifeTest, AForgottenTriggerIsProvenByTheStatistics) {
  ExpectSucceeded(life_.Run(job_, kStart));
  engine_.forgets_triggers = true;
  const console::Operation stopped = life_.Run(job_, kStop);
  ExpectSucceeded(stopped);
  EXPECT_FALSE(life_.State(job_).job.resume_snapshot_id.empty());
}

TEST_F(JobLifeTest, TooFewSlotsAreNamed) {
  engine_.slots_free = 0;
  const console::Operation started = life_.Run(job_, kStart);
  ExpectFailed(started, ErrorCode::kNotEnoughSlots);
  EXPECT_NE(started.error->message().find("needs 1, 0 free"), std::string::npos);
  EXPECT_EQ(engine_.submits, 0);
  EXPECT_EQ(life_.jobs().board().Find(job_)->badge.badge, Badge::kFailed);
  engine_.slots_free = 4;
  ExpectSucceeded(life_.Run(job_, kStart));  // it never ran, so it starts empty without a question
}

TEST_F(JobLifeTest, WrongSqlNamesThePlace) {
  engine_.sql_wrong = true;
  const console::Operation released = life_.Run(job_, R"({"kind":"RELEASE"})");
  ExpectFailed(released, ErrorCode::kSqlInvalid);
  EXPECT_NE(released.error->message().find("line 3, column 7"), std::string::npos);
  EXPECT_EQ(life_.jobs().board().Find(job_)->badge.reason.code, "RELEASE_FAILED");
}

TEST_F(JobLifeTest, AJobThatFailsWhileStartingShowsItsRootCause) {
  engine_.jobs_fail = true;
  engine_.answer_age = base::Millis(100);
  const console::Operation started = life_.Run(job_, kStart);
  ExpectFailed(started, ErrorCode::kEngineError);
  EXPECT_EQ(started.error->cause(), "no route to the broker");
  EXPECT_EQ(engine_.Alive(job_), 0);
}

TEST_F(JobLifeTest, BesideAnEarlierAttemptThatTheEngineTookUpAgainNoneIsStarted) {
  ExpectSucceeded(life_.Run(job_, kStart));
  ExpectSucceeded(life_.Run(job_, kCancel));
  engine_.slots_free = 0;
  ExpectFailed(life_.Run(job_, R"({"kind":"START","restore":{"from":"NOTHING"}})"),
               ErrorCode::kNotEnoughSlots);
  engine_.slots_free = 4;
  engine_.jobs.begin()->second.state = engines::EngineState::kRunning;
  ExpectFailed(life_.Run(job_, R"({"kind":"START","restore":{"from":"NOTHING"}})"),
               ErrorCode::kIllegalState);
  EXPECT_EQ(engine_.Alive(job_), 1);
}

TEST_F(JobLifeTest, AStoppedJobAsksAndIsNeverStartedEmptyByItself) {
  ExpectSucceeded(life_.Run(job_, kStart));
  ExpectSucceeded(life_.Run(job_, kCancel));
  EXPECT_EQ(life_.jobs().board().Find(job_)->badge.badge, Badge::kStopped);
  EXPECT_EQ(Try(kStart).error().code(), ErrorCode::kRestoreChoiceRequired);
  // Nothing was saved, so LATEST has nothing to give either.
  ExpectFailed(life_.Run(job_, R"({"kind":"START","restore":{"from":"LATEST"}})"),
               ErrorCode::kRestoreChoiceRequired);
  EXPECT_EQ(engine_.submits, 1);
  ExpectSucceeded(life_.Run(job_, R"({"kind":"START","restore":{"from":"NOTHING"}})"));
}

TEST_F(JobLifeTest, AMissingSavepointIsNotReplacedByNothing) {
  ExpectSucceeded(life_.Run(job_, kStart));
  ExpectSucceeded(life_.Run(job_, kStop));
  engine_.snapshots_missing = true;
  ExpectFailed(life_.Run(job_, kStart), ErrorCode::kSnapshotInvalid);
  EXPECT_EQ(engine_.submits, 1);
  EXPECT_EQ(life_.State(job_).job.desired, DesiredState::kSuspended);
}

TEST_F(JobLifeTest, ACancelledStartLeavesNothingBehind) {
  engine_.keeps_pending = true;
  const console::Operation started = life_.Command(job_, kStart);
  life_.RunUntil([&] { return engine_.Alive(job_) > 0; });
  ASSERT_TRUE(life_.jobs().desk().Cancel(started.id).ok());
  EXPECT_EQ(life_.Await(started.id).state, OperationState::kCancelled);
  EXPECT_EQ(engine_.Alive(job_), 0);
  EXPECT_FALSE(life_.State(job_).live());
}

TEST_F(JobLifeTest, ASubmitThatArrivesAfterItsStartWasGivenUpIsCancelledToo) {
  engine_.delay_submit = [](const Call&) { return std::optional(base::Millis(3000)); };
  const console::Operation started = life_.Command(job_, kStart);
  life_.RunUntil([&] { return !engine_.on_their_way.empty(); });
  engine_.disturb = [](const Call&, FakeEngine::Moment) -> base::Status {
    return base::Error(ErrorCode::kEngineTimeout, "no answer in time");
  };
  ASSERT_TRUE(life_.jobs().desk().Cancel(started.id).ok());
  EXPECT_EQ(life_.Await(started.id).state, OperationState::kCancelled);
  engine_.disturb = {};
  ExpectSucceeded(life_.Run(job_, kCancel));
  time_.Run(std::chrono::seconds(10));
  EXPECT_EQ(engine_.submits, 1) << "it has arrived";
  EXPECT_EQ(engine_.Alive(job_), 0);
}

TEST_F(JobLifeTest, AJobThatNobodySawRunAndThatWroteASavepointGoesOnFromIt) {
  engine_.delay_submit = [](const Call&) { return std::optional(base::Millis(3000)); };
  const console::Operation started = life_.Command(job_, kStart);
  life_.RunUntil([&] { return !engine_.on_their_way.empty(); });
  engine_.disturb = [](const Call&, FakeEngine::Moment) -> base::Status {
    return base::Error(ErrorCode::kEngineTimeout, "no answer in time");
  };
  ASSERT_TRUE(life_.jobs().desk().Cancel(started.id).ok());
  EXPECT_EQ(life_.Await(started.id).state, OperationState::kCancelled);
  engine_.disturb = {};
  engine_.delay_submit = {};
  for (int i = 0; i < 2; ++i) {  // it arrives; it comes to run
    time_.Run(std::chrono::seconds(5));
    engine_.Progress();
  }
  ASSERT_FALSE(life_.State(job_).job.ran) << "it runs, and nobody has looked";
  const console::Operation stopped = life_.Run(job_, kStop);
  ExpectSucceeded(stopped);
  ExpectSucceeded(life_.Run(job_, kStart));
  const auto snapshot = life_.jobs().store().FindSnapshot(stopped.result.snapshot_id);
  EXPECT_EQ(OnlyRestoredFrom(), (*snapshot)->path);
}

TEST_F(JobLifeTest, ACancelledStartThatRanUnseenIsNotFollowedByAnEmptyOne) {
  engine_.checkpoint_every = base::Millis(1000);
  engine_.disturb = [](const Call& call, FakeEngine::Moment moment) -> base::Status {
    const bool lost =
        call.name == "FIND" || (call.name == "SUBMIT" && moment == FakeEngine::Moment::kAnswered);
    return lost ? base::Status(base::Error(ErrorCode::kEngineTimeout, "no answer in time"))
                : base::Ok();
  };
  const console::Operation started = life_.Command(job_, kStart);
  life_.RunUntil([&] { return engine_.submits == 1; });
  for (int i = 0; i < 3; ++i) {
    time_.Run(std::chrono::seconds(2));
    engine_.Progress();
  }
  engine_.disturb = {};
  ASSERT_TRUE(life_.jobs().desk().Cancel(started.id).ok());
  EXPECT_EQ(life_.Await(started.id).state, OperationState::kCancelled);
  EXPECT_EQ(engine_.Alive(job_), 0);
  const auto empty = Try(kStart);
  ASSERT_FALSE(empty.ok()) << "it has completed checkpoints";
  EXPECT_EQ(empty.error().code(), ErrorCode::kRestoreChoiceRequired);
}

TEST_F(JobLifeTest, AStopWithoutSavepointTakesOver) {
  ExpectSucceeded(life_.Run(job_, kStart));
  engine_.keeps_saving = true;
  const console::Operation saving = life_.Command(job_, kStop);
  const console::Operation cancel = life_.Command(job_, kCancel);
  EXPECT_EQ(cancel.preempts, saving.id);
  ExpectSucceeded(life_.Await(cancel.id));
  EXPECT_EQ(life_.Await(saving.id).state, OperationState::kCancelled);
  EXPECT_EQ(engine_.Alive(job_), 0);
}

TEST_F(JobLifeTest, RestartGoesThroughASavepoint) {
  ExpectSucceeded(life_.Run(job_, kStart));
  ExpectSucceeded(life_.Run(job_, R"({"kind":"RESTART"})"));
  EXPECT_EQ(engine_.triggers, 1);
  EXPECT_EQ(engine_.Alive(job_), 1);
  EXPECT_NE(OnlyRestoredFrom(), "");
}

TEST_F(JobLifeTest, DeletionCanBeUndone) {
  ExpectSucceeded(life_.Run(job_, kStart));
  ExpectSucceeded(life_.Run(job_, R"({"kind":"DELETE"})"));
  EXPECT_EQ(engine_.Alive(job_), 0);
  EXPECT_EQ(life_.jobs().board().Count(console::TeamSet::All()).total, 0);
  life_.CreateJob("job");  // the name is free
  EXPECT_EQ(life_.jobs().desk().Undelete(job_, {"u", "user"}).error().code(),
            ErrorCode::kNameTaken);
}

TEST_F(JobLifeTest, UnreachableIsNoVerdict) {
  ExpectSucceeded(life_.Run(job_, kStart));
  life_.Observe(engine_);
  FakeClusters clusters;
  life_.jobs().observations().OnSilence(
      *clusters.Find("cluster"), console::ClusterObservationSink::Silence::kNoAnswer, time_.Now());
  EXPECT_EQ(life_.jobs().board().Find(job_)->badge.badge, Badge::kUnreachable);
  EXPECT_TRUE(life_.State(job_).live());
  EXPECT_EQ(Try(kStop).error().code(), ErrorCode::kClusterUnreachable);
  life_.Observe(engine_);
  EXPECT_EQ(life_.jobs().board().Find(job_)->badge.badge, Badge::kRunning);
}

TEST_F(JobLifeTest, ALookThatMissesAJobLosesNothing) {
  ExpectSucceeded(life_.Run(job_, kStart));
  FakeEngine empty{time_};
  life_.Observe(empty);
  life_.Observe(empty);
  life_.Observe(empty);
  EXPECT_TRUE(life_.State(job_).live()) << "three looks within 15 s are no proof";
}

TEST_F(JobLifeTest, EndsByOthersAreRecordedWithTheirCause) {
  ExpectSucceeded(life_.Run(job_, kStart));
  engine_.jobs.begin()->second.state = engines::EngineState::kFailed;
  life_.Observe(engine_);
  life_.RunUntil([&] { return !life_.State(job_).live(); });
  EXPECT_EQ(life_.State(job_).attempt->outcome, AttemptOutcome::kFailed);
  EXPECT_EQ(life_.State(job_).attempt->message, "no route to the broker");
  EXPECT_EQ(life_.State(job_).job.desired, DesiredState::kRunning);
}

// Engines cache what they say of a job: right after its end they tell how it was before.
TEST_F(JobLifeTest, WhatTheEngineSaysOnlyLaterOfAnEndIsNotLost) {
  ExpectSucceeded(life_.Run(job_, kStart));
  engine_.answer_age = base::Millis(200);
  FakeEngine::Job& only = engine_.jobs.begin()->second;
  engine_.Complete(only, engines::SnapshotKind::kSavepoint, "file:///savepoints/the-last");
  only.state = engines::EngineState::kFailed;
  life_.Observe(engine_);
  life_.RunUntil([&] { return !life_.State(job_).live(); });
  EXPECT_EQ(life_.State(job_).attempt->outcome, AttemptOutcome::kFailed);
  ExpectSucceeded(life_.Run(job_, R"({"kind":"START","restore":{"from":"LATEST"}})"));
  EXPECT_EQ(OnlyRestoredFrom(), "file:///savepoints/the-last");
  const auto kept = life_.jobs().store().ListExceptions(job_);
  ASSERT_TRUE(kept.ok() && !kept->empty());
  EXPECT_EQ(kept->front().exception.root_cause, "no route to the broker");
}

TEST_F(JobLifeTest, NonsenseFromTheClusterFailsNoSavepointUnderWay) {
  ExpectSucceeded(life_.Run(job_, kStart));
  engine_.keeps_saving = true;
  const console::Operation stop = life_.Command(job_, kStop);
  const auto step_says = [&](std::string_view part) {
    const auto mark = life_.State(job_).operation;
    return mark && mark->message.find(part) != std::string::npos;
  };
  life_.RunUntil([&] { return step_says("writes the savepoint"); });
  engine_.disturb = [](const Call&, FakeEngine::Moment) -> base::Status {
    return base::Error(ErrorCode::kEngineError, "the answer is not Flink's");
  };
  life_.RunUntil([&] { return step_says("no proper answer"); });
  engine_.disturb = nullptr;
  engine_.keeps_saving = false;
  ExpectSucceeded(life_.Await(stop.id));
  EXPECT_EQ(life_.State(job_).job.desired, DesiredState::kSuspended);
}

TEST_F(JobLifeTest, WhatCannotBeSeenIsWaitedForOrGivenUpByAPerson) {
  for (const char* kind : {R"("kind":"STOP","savepoint":"NO")", R"("kind":"DELETE")"}) {
    const std::string job = life_.CreateJob(std::string("job ") + kind[8]);
    ExpectSucceeded(life_.Run(job, kStart));
    engine_.reachable = false;
    const console::Operation waits = life_.Command(job, "{" + std::string(kind) + "}");
    time_.Run(base::Millis(3'600'000));
    EXPECT_TRUE(life_.State(job).operation) << "an hour later it still waits";
    ASSERT_TRUE(life_.jobs().desk().Cancel(waits.id).ok());
    EXPECT_EQ(life_.Await(waits.id).state, OperationState::kCancelled);
    EXPECT_TRUE(life_.State(job).live()) << "nobody knows";
    ExpectSucceeded(life_.Run(job, "{" + std::string(kind) + R"(,"abandon":true})"));
    EXPECT_EQ(life_.State(job).attempt->outcome, AttemptOutcome::kLost);
    EXPECT_EQ(engine_.cancels, 0);
    engine_.reachable = true;
  }
}

TEST_F(JobLifeTest, ASecondSavepointIsRefusedWithTheFirstsId) {
  ExpectSucceeded(life_.Run(job_, kStart));
  engine_.keeps_saving = true;
  const console::Operation first = life_.Command(job_, R"({"kind":"SAVEPOINT"})");
  life_.RunUntil([&] { return engine_.triggers == 1; });
  for (const char* second : {R"({"kind":"SAVEPOINT"})", kStop}) {
    const auto refused = Try(second);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), ErrorCode::kOperationInFlight);
    EXPECT_EQ(refused.error().related_id(), first.id);
  }
  engine_.keeps_saving = false;
  ExpectSucceeded(life_.Await(first.id));
  EXPECT_EQ(engine_.triggers, 1);
}

TEST_F(JobLifeTest, ASavepointThatTakesHoursIsWaitedForAndNothingIsCancelled) {
  ExpectSucceeded(life_.Run(job_, kStart));
  engine_.savepoint_takes = base::Millis(6 * 3'600'000);
  const console::Operation stop = life_.Command(job_, kStop);
  time_.Run(base::Millis(5 * 3'600'000));
  EXPECT_EQ(life_.jobs().board().Find(job_)->badge.badge, Badge::kStopping);
  EXPECT_EQ(engine_.cancels, 0);
  time_.Run(base::Millis(2 * 3'600'000));
  ExpectSucceeded(life_.Await(stop.id));
  EXPECT_EQ(life_.State(job_).attempt->outcome, AttemptOutcome::kSuspended);
}

}  // namespace
}  // namespace streampark::store::testing
