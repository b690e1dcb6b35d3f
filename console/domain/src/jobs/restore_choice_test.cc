// SPDX-License-Identifier: Apache-2.0
#include "jobs/restore_choice.h"

#include <gtest/gtest.h>

namespace streampark::console {
namespace {

using From = RestorePlan::From;
using base::ErrorCode;

JobState Ran(DesiredState desired) {
  JobState state;
  state.job.ran = true;
  state.job.desired = desired;
  return state;
}

std::optional<Restore> Ask(Restore::From from) {
  Restore restore;
  restore.from = from;
  restore.snapshot_id = "s";
  restore.path = "file:///p";
  return restore;
}

TEST(RestoreChoice, AJobThatNeverRanStartsEmpty) {
  EXPECT_EQ(PlanRestore(JobState{}, std::nullopt)->from, From::kNothing);
}

TEST(RestoreChoice, StatelessJobsStartEmptyUnlessAsked) {
  JobState state = Ran(DesiredState::kRunning);
  state.job.stateless = true;
  EXPECT_EQ(PlanRestore(state, std::nullopt)->from, From::kNothing);
  EXPECT_EQ(PlanRestore(state, Ask(Restore::From::kLatest))->from, From::kNewest);
}

TEST(RestoreChoice, ASuspendedJobGoesOnWhereItStopped) {
  JobState state = Ran(DesiredState::kSuspended);
  state.job.resume_snapshot_id = "saved";
  const auto plan = PlanRestore(state, std::nullopt);
  EXPECT_EQ(plan->from, From::kOne);
  EXPECT_EQ(plan->snapshot_id, "saved");
}

TEST(RestoreChoice, AStoppedJobAsks) {
  const auto plan = PlanRestore(Ran(DesiredState::kStopped), std::nullopt);
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(plan.error().code(), ErrorCode::kRestoreChoiceRequired);
}

TEST(RestoreChoice, AnUnprovenSavepointIsNotGuessedAt) {
  JobState state = Ran(DesiredState::kSuspended);
  state.job.resume_unconfirmed = true;
  EXPECT_EQ(PlanRestore(state, std::nullopt).error().code(), ErrorCode::kSnapshotUnconfirmed);
  EXPECT_EQ(PlanRestore(state, Ask(Restore::From::kLatest))->from, From::kNewest);
}

TEST(RestoreChoice, WhatEndedOtherwiseTakesTheNewest) {
  EXPECT_EQ(PlanRestore(Ran(DesiredState::kRunning), std::nullopt)->from, From::kNewest);
}

TEST(RestoreChoice, APersonDecidesAboveAll) {
  for (const DesiredState desired :
       {DesiredState::kRunning, DesiredState::kSuspended, DesiredState::kStopped}) {
    EXPECT_EQ(PlanRestore(Ran(desired), Ask(Restore::From::kNothing))->from, From::kNothing);
    EXPECT_EQ(PlanRestore(Ran(desired), Ask(Restore::From::kSnapshot))->snapshot_id, "s");
    EXPECT_EQ(PlanRestore(Ran(desired), Ask(Restore::From::kPath))->path, "file:///p");
  }
}

TEST(RestoreChoice, CandidatesAreCompleteOnesByTriggerTime) {
  const auto at = [](int second) { return base::Timestamp(base::Millis(second * 1000)); };
  std::vector<Snapshot> snapshots = {
      {.id = "old", .path = "a", .triggered_at = at(1), .completed_at = at(9)},
      {.id = "new", .path = "b", .triggered_at = at(5), .completed_at = at(6)},
      {.id = "unproven", .triggered_at = at(8), .verification = Verification::kUnconfirmed}};
  const std::vector<Snapshot> found = Candidates(snapshots);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].id, "new");
  EXPECT_EQ(found[1].id, "old");
}

TEST(RestoreChoice, WhatIsNeededIsHeld) {
  JobState state = Ran(DesiredState::kSuspended);
  state.job.resume_snapshot_id = "s";
  EXPECT_FALSE(HoldersOf({.id = "s"}, state).empty());
  EXPECT_TRUE(HoldersOf({.id = "other"}, state).empty());
  state.attempt = Attempt{.id = "a", .restored_from = "r", .outcome = AttemptOutcome::kLive};
  EXPECT_FALSE(HoldersOf({.id = "r"}, state).empty());
}

}  // namespace
}  // namespace streampark::console
