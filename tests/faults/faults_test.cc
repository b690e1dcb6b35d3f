// SPDX-License-Identifier: Apache-2.0
// Ten thousand lives of consoles from one seed, and what they showed. `--seed N` begins elsewhere,
// `--long` goes on for ten times as long.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>

#include <gtest/gtest.h>

#include "streampark/base/log.h"

#include "passages.h"
#include "run.h"

namespace streampark::faults {
namespace {

std::uint64_t first_seed = 1;
int runs = 10'000;

std::string Trace(Plan plan) {
  plan.keep_trace = true;
  constexpr std::size_t kShown = 300;
  const std::vector<std::string> trace = Take(plan).trace;
  std::string text;
  for (std::size_t i = trace.size() - std::min(trace.size(), kShown); i < trace.size(); ++i) {
    text += "  " + trace[i] + "\n";
  }
  return text;
}

/// The fewest turns with faults after which the promise is broken still; quiet ones follow.
std::string Shortest(Plan plan, const std::string& broken) {
  int holds = 0;
  int breaks = plan.turns;
  while (breaks - holds > 1) {
    plan.turns = (holds + breaks) / 2;
    (Take(plan).broken.empty() ? holds : breaks) = plan.turns;
  }
  plan.turns = breaks;
  return "seed " + std::to_string(plan.seed) + ", " + std::to_string(breaks) + " turns: " + broken +
         "\n" + Trace(plan);
}

/// All runs of this call, made once.
struct Campaign {
  int taken = 0, turns = 0, commands = 0, kills = 0, faults = 0;
  std::string broken;              // the first one's story
  std::map<Passage, Plan> passed;  // each with a run that it can be killed in
  std::set<Passage> killed;

  void Add(const Plan& plan) {
    const Outcome outcome = Take(plan);
    ++taken;
    turns += outcome.turns;
    commands += outcome.commands;
    kills += outcome.kills;
    faults += outcome.faults;
    for (const auto& [passage, number] : outcome.passed) {
      Plan kill = plan;
      kill.kills_at.insert(number);
      passed.try_emplace(passage, kill);
    }
    killed.insert(outcome.killed.begin(), outcome.killed.end());
    if (broken.empty() && !outcome.broken.empty()) {
      broken = Shortest(plan, outcome.broken);
    }
  }
};

const Campaign& TheCampaign() {
  static const Campaign campaign = [] {
    std::cout << "first seed " << first_seed << ", " << runs << " runs" << std::endl;
    Campaign made;
    for (int i = 0; i < runs && made.broken.empty(); ++i) {
      made.Add({.seed = first_seed + static_cast<std::uint64_t>(i)});
    }
    // Where no draw has killed, the run that passed there is taken once more and killed there.
    std::set<Passage> tried;
    for (bool found = true; found;) {
      found = false;
      const auto known = made.passed;
      for (const auto& [passage, plan] : known) {
        if (!made.killed.contains(passage) && made.broken.empty() && tried.insert(passage).second) {
          made.Add(plan);
          found = true;
        }
      }
    }
    std::cout << made.taken << " runs, " << made.turns << " turns, " << made.commands
              << " commands, " << made.faults << " faults, " << made.kills << " kills at "
              << made.killed.size() << " of " << made.passed.size() << " passages" << std::endl;
    return made;
  }();
  return campaign;
}

TEST(Faults, OneSeedIsOneStory) {
  for (std::uint64_t seed = first_seed; seed < first_seed + 20; ++seed) {
    const Plan plan{.seed = seed, .keep_trace = true};
    const Outcome once = Take(plan), again = Take(plan);
    EXPECT_EQ(once.digest, again.digest) << "seed " << seed;
    EXPECT_EQ(once.trace, again.trace) << "seed " << seed;
  }
}

TEST(Faults, NoPromiseIsBroken) {
  EXPECT_TRUE(TheCampaign().broken.empty()) << TheCampaign().broken;
}

TEST(Faults, WhateverTheSourcesPassIsPassed) {
  ASSERT_TRUE(TheCampaign().broken.empty()) << "the runs ended before that";
  std::set<std::string> passed;
  for (const auto& [passage, plan] : TheCampaign().passed) {
    passed.insert(passage.point);
  }
  for (const std::string& point : PointsInSources()) {
    EXPECT_TRUE(passed.contains(point)) << point << " is in the sources and no run came by";
  }
}

TEST(Faults, EveryPassageOfEveryStepKillsOnce) {
  ASSERT_TRUE(TheCampaign().broken.empty()) << "the runs ended before that";
  for (const auto& [passage, plan] : TheCampaign().passed) {
    EXPECT_TRUE(TheCampaign().killed.contains(passage)) << ToString(passage);
  }
}

class Seeded : public ::testing::TestWithParam<Defect> {};

TEST_P(Seeded, IsFound) {
  constexpr int kBudget = 3000;
  for (int i = 0; i < kBudget; ++i) {
    const Outcome outcome =
        Take({.seed = first_seed + static_cast<std::uint64_t>(i), .defect = GetParam()});
    if (!outcome.broken.empty()) {
      std::cout << "run " << i + 1 << ": " << outcome.broken << std::endl;
      return;
    }
  }
  FAIL() << kBudget << " runs see nothing of it";
}

INSTANTIATE_TEST_SUITE_P(Defect, Seeded, ::testing::ValuesIn(kDefects),
                         [](const auto& defect) { return std::string(ToString(defect.param)); });

}  // namespace
}  // namespace streampark::faults

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  static_cast<void>(streampark::base::ConfigureLog(
      streampark::base::LogLevel::kError, streampark::base::LogFormat::kText, "/dev/null"));
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    if (option == "--long") {
      streampark::faults::runs *= 10;
    } else if (option == "--seed" && i + 1 < argc) {
      streampark::faults::first_seed = std::strtoull(argv[++i], nullptr, 10);
    } else if (option == "--runs" && i + 1 < argc) {
      streampark::faults::runs = std::atoi(argv[++i]);
    } else {
      std::cerr << "faults: does not know " << option << std::endl;
      return 2;
    }
  }
  return RUN_ALL_TESTS();
}
