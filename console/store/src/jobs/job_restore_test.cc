// SPDX-License-Identifier: Apache-2.0
// What starts and restarts restore, what is refused before anything is touched, and what happens to
// snapshots' files; on a real database with a fake engine.
#include <algorithm>

#include <gtest/gtest.h>

#include "jobs/testing/job_world.h"

namespace streampark::store::testing {
namespace {

using base::ErrorCode;
using console::OperationState;

constexpr const char* kStart = R"({"kind":"START"})";
constexpr const char* kStop = R"({"kind":"STOP","savepoint":"YES"})";
constexpr const char* kCancel = R"({"kind":"STOP","savepoint":"NO"})";
constexpr const char* kRestart = R"({"kind":"RESTART"})";

class JobRestoreTest : public ::testing::Test {
 protected:
  base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  VirtualTime time_;
  FakeEngine engine_{time_};
  JobLife life_{folder_.path(), time_, engine_};
  std::string job_ = life_.CreateJob();

  void Succeeds(std::string_view command) { Succeeds(job_, command); }
  void Succeeds(const std::string& job, std::string_view command) {
    const console::Operation operation = life_.Run(job, command);
    EXPECT_EQ(operation.state, OperationState::kSucceeded)
        << command << ": " << (operation.error ? operation.error->ToString() : "");
  }
  base::Error Fails(const std::string& job, std::string_view command) {
    const console::Operation operation = life_.Run(job, command);
    EXPECT_EQ(operation.state, OperationState::kFailed) << command;
    return operation.error.value_or(base::Error(ErrorCode::kInternal, "no error"));
  }
  console::Snapshot Suspend(const std::string& job) {
    Succeeds(job, kStart);
    const console::Operation stopped = life_.Run(job, kStop);
    return **life_.jobs().store().FindSnapshot(stopped.result.snapshot_id);
  }
  std::vector<console::Snapshot> SnapshotsOf(const std::string& job) {
    return life_.jobs().store().ListSnapshots(job, 0, "")->items;
  }
  base::Status Delete(const std::string& job, const std::string& snapshot) {
    return life_.jobs().DeleteSnapshot(job, snapshot, {});
  }
  static std::string FromPath(const std::string& path, std::string_view mode = "NO_CLAIM") {
    return R"({"kind":"START","restore":{"from":"PATH","path":")" + path + R"(","mode":")" +
           std::string(mode) + R"("}})";
  }
};

TEST_F(JobRestoreTest, AHeldSnapshotIsNotClaimedByItsPath) {
  const console::Snapshot saved = Suspend(job_);
  // The same place in other words.
  const std::string path =
      "file:/savepoints//" + saved.path.substr(saved.path.rfind('/') + 1) + "/";
  EXPECT_EQ(Fails(job_, FromPath(path, "CLAIM")).code(), ErrorCode::kInUse);
  EXPECT_EQ(engine_.submits, 1);
}

TEST_F(JobRestoreTest, AnotherJobsSnapshotIsNotClaimed) {
  const console::Snapshot saved = Suspend(job_);
  const std::string other = life_.CreateJob("other");
  EXPECT_EQ(Fails(other, FromPath(saved.path, "CLAIM")).code(), ErrorCode::kInUse);
  Succeeds(other, FromPath(saved.path));
}

TEST_F(JobRestoreTest, APathThatIsKnownMakesNoSecondRow) {
  const console::Snapshot saved = Suspend(job_);
  Succeeds(FromPath(saved.path + "/"));
  ASSERT_EQ(SnapshotsOf(job_).size(), 1U);
  EXPECT_EQ(life_.State(job_).attempt->restored_from, saved.id);
}

TEST_F(JobRestoreTest, FilesOfAnotherJobStayWhenAGivenPathIsDeleted) {
  const console::Snapshot saved = Suspend(job_);
  const std::string other = life_.CreateJob("other");
  Succeeds(other, FromPath(saved.path));
  Succeeds(other, kCancel);
  ASSERT_EQ(SnapshotsOf(other).size(), 1U);
  ASSERT_TRUE(Delete(other, SnapshotsOf(other).front().id).ok());
  EXPECT_TRUE(engine_.deleted.empty());
  EXPECT_TRUE(SnapshotsOf(other).empty());
  EXPECT_EQ(SnapshotsOf(job_).size(), 1U);
}

TEST_F(JobRestoreTest, FilesThatAnotherRowStandsForStay) {
  const console::Snapshot saved = Suspend(job_);
  Succeeds(kStart);
  Succeeds(kCancel);
  const std::string other = life_.CreateJob("other");
  Succeeds(other, FromPath(saved.path));
  ASSERT_TRUE(Delete(job_, saved.id).ok());
  EXPECT_TRUE(engine_.deleted.empty());
}

TEST_F(JobRestoreTest, OwnFilesAreDeletedThroughTheJournal) {
  const console::Snapshot saved = Suspend(job_);
  EXPECT_EQ(Delete(job_, saved.id).error().code(), ErrorCode::kInUse);
  Succeeds(kStart);
  Succeeds(kCancel);
  ASSERT_TRUE(Delete(job_, saved.id).ok());
  EXPECT_EQ(engine_.deleted, std::vector<std::string>{saved.path});
  const auto entries = life_.operations().ListEntries(job_);
  ASSERT_EQ(entries->size(), 1U);
  EXPECT_EQ(entries->front().state, console::JournalEntry::State::kDone);
  EXPECT_TRUE(SnapshotsOf(job_).empty());
}

TEST_F(JobRestoreTest, WhatWasDeletedDoesNotComeBackFromTheEnginesMemory) {
  Succeeds(kStart);
  const console::Operation saved = life_.Run(job_, R"({"kind":"SAVEPOINT"})");
  ASSERT_TRUE(Delete(job_, saved.result.snapshot_id).ok());
  ASSERT_TRUE(SnapshotsOf(job_).empty());
  engine_.jobs.begin()->second.state = engines::EngineState::kFailed;
  life_.Observe(engine_);  // and the engine is asked for the last time what it has
  life_.RunUntil([&] { return !life_.State(job_).live(); });
  EXPECT_TRUE(SnapshotsOf(job_).empty());
}

TEST_F(JobRestoreTest, ADeletionThatWasCutOffIsFinishedAndNeverRestoredFrom) {
  const console::Snapshot saved = Suspend(job_);
  Succeeds(kStart);
  Succeeds(kCancel);
  engine_.reachable = false;
  EXPECT_EQ(Delete(job_, saved.id).error().code(), ErrorCode::kClusterUnreachable);
  engine_.reachable = true;
  EXPECT_EQ(Fails(job_, FromPath(saved.path)).code(), ErrorCode::kInUse);
  EXPECT_EQ(Fails(job_, R"({"kind":"START","restore":{"from":"LATEST"}})").code(),
            ErrorCode::kRestoreChoiceRequired);
  ASSERT_TRUE(Delete(job_, saved.id).ok());
  EXPECT_TRUE(SnapshotsOf(job_).empty());
}

TEST_F(JobRestoreTest, ADeletionThatWasCutOffIsTakenUpAgainByItself) {
  const console::Snapshot saved = Suspend(job_);
  Succeeds(kStart);
  Succeeds(kCancel);
  engine_.reachable = false;
  EXPECT_FALSE(Delete(job_, saved.id).ok());
  engine_.reachable = true;
  life_.RunUntil([&] { return SnapshotsOf(job_).empty(); });
  EXPECT_EQ(engine_.deleted, std::vector<std::string>{saved.path});
}

TEST_F(JobRestoreTest, ARestartThatWouldLeaveStateBehindStopsNothing) {
  engine_.operators = {{"a", "source", 1}, {"b", "count", 1}};
  Succeeds(kStart);
  Succeeds(R"({"kind":"SAVEPOINT"})");
  engine_.saved = {{.id = "a", .state_bytes = 8, .has_state = true},
                   {.id = "b", .state_bytes = 9, .has_state = true}};
  engine_.operators = {{"a", "source", 1}};
  life_.Edit(job_, "INSERT INTO b SELECT 1");
  const int triggers = engine_.triggers;
  const base::Error error = Fails(job_, kRestart);
  EXPECT_EQ(error.code(), ErrorCode::kStateNotRestored);
  ASSERT_EQ(error.fields().size(), 1U);
  EXPECT_NE(error.fields()[0].message.find("count (b)"), std::string::npos);
  EXPECT_EQ(engine_.triggers, triggers);
  EXPECT_EQ(engine_.Alive(job_), 1);
  Succeeds(R"({"kind":"RESTART","restore":{"from":"LATEST","allowNonRestored":true}})");
  EXPECT_TRUE(engine_.restores.back().allow_non_restored);
}

TEST_F(JobRestoreTest, AnOlderAttemptsSnapshotStandsInForNothing) {
  Suspend(job_);
  Succeeds(kStart);
  // Of the running attempt there is no checkpoint yet; the suspended one's savepoint says nothing.
  engine_.saved = {{.id = "a", .state_bytes = 8, .has_state = true}};
  const console::Operation restarted = life_.Run(job_, kRestart);
  const auto rehearsed =
      std::find_if(restarted.steps.begin(), restarted.steps.end(),
                   [](const console::Step& step) { return step.name == "REHEARSE"; });
  ASSERT_NE(rehearsed, restarted.steps.end());
  EXPECT_EQ(rehearsed->message, "there is no checkpoint to rehearse with");
}

TEST_F(JobRestoreTest, AStartThatWouldLeaveStateBehindSubmitsNothing) {
  engine_.operators = {{"a", "source", 1}};
  Suspend(job_);
  engine_.saved = {{.id = "b", .state_bytes = 9, .has_state = true}};
  EXPECT_EQ(Fails(job_, kStart).code(), ErrorCode::kStateNotRestored);
  EXPECT_EQ(engine_.submits, 1);
  EXPECT_EQ(life_.State(job_).job.desired, console::DesiredState::kSuspended);
}

TEST_F(JobRestoreTest, AnOldReleaseIsNumberedAnewAfterAnotherWasDeployed) {
  Succeeds(kStart);
  const int second = life_.Edit(job_, "INSERT INTO b SELECT 2");
  Succeeds(R"({"kind":"RELEASE"})");
  life_.Edit(job_, "INSERT INTO b SELECT 3");
  Succeeds(kRestart);
  ASSERT_EQ(engine_.compiles, 3);
  Succeeds(R"({"kind":"RESTART","revision":)" + std::to_string(second) + "}");
  ASSERT_EQ(engine_.compiles, 4)
      << "it was numbered after the first revision, not the deployed one";
  EXPECT_EQ(engine_.histories.back().plans.front(), "plan of INSERT INTO b SELECT 3");
  EXPECT_EQ(engine_.histories.back().plans.size(), 3U);
  EXPECT_EQ(engine_.histories.back().highest_number, 3);
  Succeeds(kRestart);
  EXPECT_EQ(engine_.compiles, 5);
  Succeeds(kRestart);
  EXPECT_EQ(engine_.compiles, 5) << "the deployed one is taken as it is";
}

TEST_F(JobRestoreTest, AFailedReleaseLeavesTheGoodOneAlone) {
  Succeeds(kStart);
  engine_.sql_wrong = true;
  EXPECT_EQ(Fails(job_, R"({"kind":"RELEASE"})").code(), ErrorCode::kSqlInvalid);
  const auto release = life_.jobs().store().FindRelease(job_, 1);
  EXPECT_EQ((*release)->state, console::Release::State::kReleased);
  engine_.sql_wrong = false;
  Succeeds(kRestart);
  EXPECT_EQ(engine_.compiles, 1);
}

TEST_F(JobRestoreTest, AStatefulJobNeedsAPlaceForItsCheckpoints) {
  life_.Edit(job_, "INSERT INTO b SELECT 4", "remote");
  EXPECT_EQ(Fails(job_, kStart).code(), ErrorCode::kValidationFailed);
  EXPECT_EQ(engine_.submits, 0);
  Succeeds(R"({"kind":"START","options":{"execution.checkpointing.dir":"file:///kept"}})");
}

TEST_F(JobRestoreTest, AKeyMakesOneJobHoweverOftenItIsSent) {
  console::JobDraft draft;
  draft.name = "once";
  draft.team_id = "team";
  draft.spec.cluster_id = "cluster";
  draft.spec.sql = "INSERT INTO b SELECT 1";
  const auto first = life_.jobs().desk().Create(draft, {"u", "user"}, "key");
  const auto again = life_.jobs().desk().Create(draft, {"u", "user"}, "key");
  ASSERT_TRUE(again.ok()) << again.error().ToString();
  EXPECT_EQ((*again)->state.job.id, (*first)->state.job.id);
}

TEST_F(JobRestoreTest, OldHistoryGoesButForTheNewestAndWhatIsOpen) {
  const base::Timestamp long_ago{base::Millis(1000)};
  for (int i = 0; i < 60; ++i) {
    console::Operation old;
    old.id = "0" + std::to_string(100 + i);
    old.subject = {console::SubjectKind::kCluster, "c", "c", ""};
    old.state = OperationState::kSucceeded;
    old.requested_at = long_ago;
    ASSERT_TRUE(life_.operations().Begin(old).ok());
    old.finished_at = long_ago;
    ASSERT_TRUE(life_.operations().Save(old).ok());
    for (const auto state :
         {console::JournalEntry::State::kDone, console::JournalEntry::State::kOpen}) {
      console::JournalEntry entry{.id = old.id + std::string(ToString(state)),
                                  .operation_id = old.id,
                                  .step = std::string(ToString(state)),
                                  .opened_at = long_ago};
      ASSERT_TRUE(life_.operations().Open(entry).ok());
      entry.state = state;
      entry.closed_at = long_ago;
      ASSERT_TRUE(life_.operations().Close(entry).ok());
    }
  }
  ASSERT_TRUE(life_.jobs().store().PruneHistory(long_ago + base::Millis(1)).ok());
  const auto left = life_.operations().List(console::SubjectKind::kCluster, "c", 100, "");
  ASSERT_EQ(left->items.size(), 50U);
  EXPECT_EQ(left->items.back().id, "0110");
  EXPECT_EQ(life_.operations().ListEntries("0110")->size(), 2U);
  const auto pruned = life_.operations().ListEntries("0109");
  ASSERT_EQ(pruned->size(), 1U);
  EXPECT_EQ(pruned->front().state, console::JournalEntry::State::kOpen);
}

}  // namespace
}  // namespace streampark::store::testing
