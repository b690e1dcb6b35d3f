// SPDX-License-Identifier: Apache-2.0
#include "jobs/upgrade_path.h"

#include <gtest/gtest.h>

namespace streampark::console {
namespace {

constexpr base::Millis kFresh{60'000};
constexpr base::Millis kOld{600'000};

PathFacts Running(UpgradeMode mode = UpgradeMode::kSavepoint) {
  return {.live = true, .runs = true, .mode = mode, .checkpoint_age = kFresh};
}
PathFacts Broken(UpgradeMode mode = UpgradeMode::kSavepoint) {
  PathFacts facts = Running(mode);
  facts.runs = false;
  return facts;
}

UpgradePath Chosen(const PathFacts& facts) {
  const auto path = ChoosePath(facts);
  EXPECT_TRUE(path.ok()) << path.error().ToString();
  return path.ok() ? *path : UpgradePath::kStart;
}
void ExpectRefused(const PathFacts& facts) {
  const auto path = ChoosePath(facts);
  ASSERT_FALSE(path.ok()) << ToString(*path);
  EXPECT_EQ(path.error().code(), base::ErrorCode::kIllegalState);
}

TEST(UpgradePath, ARunningJobStopsWithASavepoint) {
  EXPECT_EQ(Chosen(Running()), UpgradePath::kSavepoint);
}

TEST(UpgradePath, LastStateNeedsAFreshCheckpoint) {
  PathFacts facts = Running(UpgradeMode::kLastState);
  EXPECT_EQ(Chosen(facts), UpgradePath::kLastState);
  facts.checkpoint_age = kOld;
  EXPECT_EQ(Chosen(facts), UpgradePath::kSavepoint);
  facts.checkpoint_age.reset();
  EXPECT_EQ(Chosen(facts), UpgradePath::kSavepoint);
}

TEST(UpgradePath, FromStatelessToLastStateASavepointComesFirst) {
  PathFacts facts = Running(UpgradeMode::kLastState);
  facts.was_stateless = true;
  EXPECT_EQ(Chosen(facts), UpgradePath::kSavepoint);
}

TEST(UpgradePath, WhatRestartsFallsBackToItsLastState) {
  EXPECT_EQ(Chosen(Broken()), UpgradePath::kLastState);
  EXPECT_EQ(Chosen(Broken(UpgradeMode::kLastState)), UpgradePath::kLastState);
}

TEST(UpgradePath, ASavepointThatIsInsistedOnDoesNotFallBack) {
  PathFacts facts = Broken();
  facts.mode_insisted = true;
  ExpectRefused(facts);
}

TEST(UpgradePath, WithoutAnyStateToGoOnFromNothingIsTouched) {
  for (const UpgradeMode mode : {UpgradeMode::kSavepoint, UpgradeMode::kLastState}) {
    PathFacts facts = Broken(mode);
    facts.checkpoint_age.reset();
    ExpectRefused(facts);
  }
}

TEST(UpgradePath, AnotherEngineVersionNeedsASavepointOfAHealthyJob) {
  PathFacts facts = Running(UpgradeMode::kLastState);
  facts.version_changes = true;
  EXPECT_EQ(Chosen(facts), UpgradePath::kSavepoint);
  facts = Broken(UpgradeMode::kLastState);
  facts.version_changes = true;
  ExpectRefused(facts);
}

TEST(UpgradePath, AJobWithoutStateStartsAnew) {
  PathFacts facts = Broken();
  facts.stateless = true;
  EXPECT_EQ(Chosen(facts), UpgradePath::kEmpty);
}

TEST(UpgradePath, WhatDoesNotRunIsStarted) { EXPECT_EQ(Chosen(PathFacts{}), UpgradePath::kStart); }

TEST(UpgradePath, ARollbackKeepsWhatItCan) {
  PathFacts facts = Running();
  facts.rolls_back = true;
  EXPECT_EQ(Chosen(facts), UpgradePath::kSavepoint);
  facts.runs = false;
  facts.checkpoint_age.reset();
  EXPECT_EQ(Chosen(facts), UpgradePath::kEmpty);
}

TEST(WayBack, IsTakenUnlessThereIsAReason) {
  const BackFacts good{.last_stable = 3};
  EXPECT_FALSE(WhyNotBack(good));
  const auto why = [&](auto change) {
    BackFacts facts = good;
    change(facts);
    return WhyNotBack(facts).value_or("");
  };
  EXPECT_EQ(why([](BackFacts& f) { f.allowed = false; }),
            "upgrade.rollback is off in the job's spec");
  EXPECT_EQ(why([](BackFacts& f) { f.ran = false; }), "the job did not run before");
  EXPECT_EQ(why([](BackFacts& f) { f.ended_elsewhere = true; }),
            "somebody cancelled it on the engine");
  EXPECT_EQ(why([](BackFacts& f) { f.last_stable.reset(); }),
            "no revision of the job was ever stable");
  EXPECT_NE(why([](BackFacts& f) { f.startable = false; }).find("revision 3"), std::string::npos);
  EXPECT_NE(why([](BackFacts& f) { f.has_point = false; }).find("no snapshot"), std::string::npos);
}

}  // namespace
}  // namespace streampark::console
