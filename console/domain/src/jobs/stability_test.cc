// SPDX-License-Identifier: Apache-2.0
#include "jobs/stability.h"

#include <gtest/gtest.h>

namespace streampark::console {
namespace {

base::Timestamp At(std::int64_t seconds) { return base::Timestamp(base::Millis(seconds * 1000)); }

StabilityFacts Well() {
  return {.live = true,
          .whole_since = At(100),
          .last_checkpoint_at = At(110),
          .window = base::Millis(60'000),
          .now = At(160)};
}

TEST(Stability, HealthyForTheWindowWithACheckpointIsStable) {
  EXPECT_TRUE(IsStable(Well()));
  StabilityFacts early = Well();
  early.now = At(159);
  EXPECT_FALSE(IsStable(early));
}

TEST(Stability, WithoutACheckpointNothingIsProven) {
  StabilityFacts facts = Well();
  facts.last_checkpoint_at.reset();
  EXPECT_FALSE(IsStable(facts));
  facts.takes_checkpoints = false;
  EXPECT_TRUE(IsStable(facts));
}

TEST(Stability, WhatDoesNotRunWholeIsNotStable) {
  StabilityFacts facts = Well();
  facts.whole_since.reset();
  EXPECT_FALSE(IsStable(facts));
  facts = Well();
  facts.live = false;
  EXPECT_FALSE(IsStable(facts));
}

TEST(Stability, WhatHasFinishedIsStable) {
  StabilityFacts facts{.finished = true, .now = At(0)};
  EXPECT_TRUE(IsStable(facts));
}

TEST(Stability, ARestartBeginsTheWindowAnew) {
  JobState state;
  state.observed.state = engines::EngineState::kRunning;
  state.observed.tasks = engines::TaskCounts{.total = 2, .running = 2};
  NoteRestarts(state, 0, At(100));
  EXPECT_EQ(state.health.whole_since, At(100));
  NoteRestarts(state, 0, At(130));
  EXPECT_EQ(state.health.whole_since, At(100));
  NoteRestarts(state, 1, At(140));
  EXPECT_EQ(state.health.whole_since, At(140));
  NoteRestarts(state, std::nullopt, At(150));
  EXPECT_EQ(state.health.whole_since, At(140));
  state.observed.tasks->running = 1;
  NoteRestarts(state, std::nullopt, At(160));
  EXPECT_FALSE(state.health.whole_since);
}

TEST(Stability, OptionsSayWhetherCheckpointsAreTaken) {
  EXPECT_TRUE(TakesCheckpoints({{"execution.checkpointing.interval", "10s"}}));
  EXPECT_FALSE(TakesCheckpoints({{"execution.checkpointing.interval", "0s"}}));
  EXPECT_FALSE(TakesCheckpoints({}));
  EXPECT_FALSE(TakesCheckpoints(
      {{"execution.checkpointing.interval", "10s"}, {"execution.runtime-mode", "batch"}}));
}

TEST(Stability, IntervalsAreReadAsEnginesSpellThem) {
  const auto takes = [](const char* interval) {
    return TakesCheckpoints({{"execution.checkpointing.interval", interval}});
  };
  for (const char* interval : {"500", "10s", "10 s", "1 min", "2h"}) {
    EXPECT_TRUE(takes(interval)) << interval;
  }
  for (const char* interval : {"0", "0s", "0 s", "0 ms"}) {
    EXPECT_FALSE(takes(interval)) << interval;
  }
  EXPECT_FALSE(TakesCheckpoints({}));
}

}  // namespace
}  // namespace streampark::console
