// SPDX-License-Identifier: Apache-2.0
#include "automation/judge.h"

#include <vector>

#include <gtest/gtest.h>

namespace streampark::console {
namespace {

constexpr base::Timestamp kNow{base::Millis(1'700'000'000'000)};
constexpr base::Millis kSecond{1000};

JudgedFacts Well() {
  JudgedFacts facts;
  facts.now = kNow;
  facts.runs = true;
  facts.restorable = true;
  return facts;
}
JudgedFacts Down(End::Why why = End::Why::kEnded) {
  JudgedFacts facts = Well();
  facts.runs = false;
  facts.end = End{"end", why};
  return facts;
}
/// Down, and its wait is over.
JudgedFacts Due() {
  JudgedFacts facts = Down();
  facts.recovery = {.ends = 1, .answered = "end", .due = kNow};
  return facts;
}

void Expect(const JudgedFacts& facts, DecisionKind kind, std::string_view rule) {
  const Judgement judged = Judge(facts);
  EXPECT_EQ(judged.kind, kind) << ToString(judged.kind);
  EXPECT_EQ(judged.rule, rule);
}

TEST(JudgeTest, Paused) {
  JudgedFacts facts = Due();
  facts.paused = true;
  Expect(facts, DecisionKind::kNothing, "paused");
  facts = Well();
  facts.wanted = false;
  facts.paused = true;
  Expect(facts, DecisionKind::kNothing, "paused");
}

TEST(JudgeTest, InFlight) {
  JudgedFacts facts = Due();
  facts.in_flight = true;
  Expect(facts, DecisionKind::kNothing, "in-flight");
}

TEST(JudgeTest, Silent) {
  JudgedFacts facts = Due();
  facts.answers = false;
  Expect(facts, DecisionKind::kNothing, "silent");
  facts = Well();
  facts.wanted = false;
  facts.answers = false;
  Expect(facts, DecisionKind::kNothing, "silent");
}

TEST(JudgeTest, SilenceSpendsNothingOfTheBudget) {
  JudgedFacts facts = Down();
  facts.answers = false;
  EXPECT_EQ(Judge(facts).recovery, facts.recovery);
}

TEST(JudgeTest, Fence) {
  JudgedFacts facts = Well();
  facts.wanted = false;
  Expect(facts, DecisionKind::kFence, "fence");
  EXPECT_EQ(Judge(facts).recovery.fenced_at, kNow);
  facts.policy.attempts = 0;
  facts.standing = Standing::Kind::kQuarantined;
  Expect(facts, DecisionKind::kFence, "fence");
}

TEST(JudgeTest, Unwanted) {
  JudgedFacts facts = Due();
  facts.wanted = false;
  Expect(facts, DecisionKind::kNothing, "unwanted");
}

TEST(JudgeTest, Standing) {
  JudgedFacts facts = Due();
  facts.standing = Standing::Kind::kAsks;
  Expect(facts, DecisionKind::kNothing, "standing");
}

TEST(JudgeTest, NoAttemptsMeansNever) {
  JudgedFacts facts = Down();
  facts.policy.attempts = 0;
  Expect(facts, DecisionKind::kNothing, "never");
  facts = Well();
  facts.loops = true;
  facts.policy.attempts = 0;
  Expect(facts, DecisionKind::kNothing, "never");
}

TEST(JudgeTest, Hopeless) { Expect(Down(End::Why::kHopeless), DecisionKind::kAsk, "hopeless"); }

TEST(JudgeTest, NoState) {
  Expect(Down(End::Why::kNoChoice), DecisionKind::kAsk, "no-state");
  JudgedFacts facts = Down();
  facts.restorable = false;
  Expect(facts, DecisionKind::kAsk, "no-state");
  facts.has_state = false;
  Expect(facts, DecisionKind::kWait, "ended");
  facts = Well();
  facts.loops = true;
  facts.restorable = false;
  Expect(facts, DecisionKind::kAsk, "no-state");
}

TEST(JudgeTest, Spent) {
  JudgedFacts facts = Down();
  facts.policy.attempts = 2;
  facts.recovery = {.ends = 1, .answered = "first"};
  Expect(facts, DecisionKind::kWait, "ended");
  facts.recovery = {.ends = 2, .answered = "second"};
  Expect(facts, DecisionKind::kQuarantine, "spent");
  facts.recovery = {.ends = 2, .answered = "end", .due = kNow};
  Expect(facts, DecisionKind::kRestart, "ended");
}

TEST(JudgeTest, Ended) {
  JudgedFacts facts = Down();
  Expect(facts, DecisionKind::kWait, "ended");
  const Judgement waits = Judge(facts);
  EXPECT_EQ(waits.again, kNow + 10 * kSecond);
  EXPECT_EQ(waits.recovery, (Recovery{.ends = 1, .answered = "end", .due = waits.again}));
  facts.recovery = waits.recovery;
  facts.now = kNow + 9 * kSecond;
  EXPECT_EQ(Judge(facts).recovery, waits.recovery);
  Expect(facts, DecisionKind::kWait, "ended");
  facts.now = kNow + 10 * kSecond;
  Expect(facts, DecisionKind::kRestart, "ended");
  EXPECT_EQ(Judge(facts).recovery.ends, 1);
  // The command was refused: nothing else has happened, so the same is decided again.
  facts.recovery = Judge(facts).recovery;
  Expect(facts, DecisionKind::kRestart, "ended");
}

TEST(JudgeTest, BackoffDoublesFromTheFirstToTheLongest) {
  const RestartPolicy policy{.attempts = 9, .first = 10 * kSecond, .longest = 60 * kSecond};
  EXPECT_EQ(BackoffOf(policy, 1), 10 * kSecond);
  EXPECT_EQ(BackoffOf(policy, 2), 20 * kSecond);
  EXPECT_EQ(BackoffOf(policy, 3), 40 * kSecond);
  EXPECT_EQ(BackoffOf(policy, 4), 60 * kSecond);
  EXPECT_EQ(BackoffOf(policy, 1000), 60 * kSecond);
}

TEST(JudgeTest, Loop) {
  JudgedFacts facts = Well();
  facts.loops = true;
  Expect(facts, DecisionKind::kRestart, "loop");
  facts.recovery = Judge(facts).recovery;
  Expect(facts, DecisionKind::kQuarantine, "loop");
}

TEST(JudgeTest, Stable) {
  JudgedFacts facts = Well();
  facts.recovery = {.ends = 3, .answered = "end", .looped = true};
  Expect(facts, DecisionKind::kNothing, "well");
  facts.healthy_since = kNow - 599 * kSecond;
  Expect(facts, DecisionKind::kNothing, "well");
  EXPECT_EQ(Judge(facts).again, kNow + kSecond);
  facts.healthy_since = kNow - 600 * kSecond;
  Expect(facts, DecisionKind::kNothing, "stable");
  EXPECT_EQ(Judge(facts).recovery, Recovery());
}

TEST(JudgeTest, EndedAsSomebodyWished) {
  JudgedFacts facts = Well();
  facts.runs = false;
  Expect(facts, DecisionKind::kNothing, "well");
}

/// Every combination of the facts, each with the promises that must hold for it.
TEST(JudgeTest, PromisesHoldForEveryCombination) {
  const std::vector<std::optional<End>> ends = {
      std::nullopt, End{"end", End::Why::kEnded}, End{"other", End::Why::kEnded},
      End{"end", End::Why::kHopeless}, End{"end", End::Why::kNoChoice}};
  const std::vector<std::optional<base::Timestamp>> times = {std::nullopt, kNow - 700 * kSecond,
                                                             kNow, kNow + kSecond};
  const std::vector<std::optional<Standing::Kind>> standings = {
      std::nullopt, Standing::Kind::kQuarantined, Standing::Kind::kAsks};
  long seen = 0;
  for (int bits = 0; bits < 1 << 9; ++bits) {
    const auto bit = [&](int place) { return (bits >> place & 1) != 0; };
    for (const auto& end : ends) {
      for (const auto& due : times) {
        for (const auto& standing : standings) {
          for (const int attempts : {0, 1, 5}) {
            for (const int answered : {0, 1, 5}) {
              JudgedFacts facts;
              facts.now = kNow;
              facts.paused = bit(0);
              facts.in_flight = bit(1);
              facts.answers = bit(2);
              facts.wanted = bit(3);
              facts.runs = bit(4) && !end;
              facts.end = end;
              facts.has_state = bit(5);
              facts.restorable = bit(6);
              facts.loops = bit(7);
              facts.healthy_since = due;
              facts.policy.attempts = attempts;
              facts.recovery = {.ends = answered, .answered = "end", .due = due, .looped = bit(8)};
              facts.standing = standing;
              const Judgement judged = Judge(facts);
              ++seen;
              const bool acts =
                  judged.kind == DecisionKind::kRestart || judged.kind == DecisionKind::kFence;
              const bool says = judged.kind != DecisionKind::kNothing;
              if (facts.paused || facts.in_flight || !facts.answers) {
                ASSERT_FALSE(says) << "acts while paused, in flight or on silence";
                ASSERT_EQ(judged.recovery, facts.recovery);
              }
              if (judged.kind == DecisionKind::kRestart) {
                ASSERT_TRUE(facts.wanted) << "restarts what nobody wants";
                ASSERT_TRUE(!facts.has_state || facts.restorable) << "would start empty";
                ASSERT_GT(attempts, 0) << "restarts though never was said";
                ASSERT_FALSE(standing) << "restarts what a person has to start";
                ASSERT_TRUE(facts.end || (facts.runs && facts.loops))
                    << "restarts a job that is well";
                ASSERT_FALSE(facts.end && facts.end->why != End::Why::kEnded) << "retries in vain";
                ASSERT_FALSE(facts.end && judged.recovery.due) << "before its wait is over";
              }
              if (judged.kind == DecisionKind::kFence) {
                ASSERT_TRUE(!facts.wanted && facts.runs) << "fences what is wanted, or gone";
              }
              if (judged.kind == DecisionKind::kWait) {
                ASSERT_TRUE(judged.again && *judged.again > kNow) << "waits for ever";
                ASSERT_LE(judged.recovery.ends, attempts > answered ? attempts : answered)
                    << "waits beyond its budget";
              }
              if (!facts.wanted && !facts.runs) {
                ASSERT_FALSE(acts);
              }
              ASSERT_FALSE(judged.rule.empty());
              ASSERT_EQ(Judge(facts).kind, judged.kind) << "not a function";
            }
          }
        }
      }
    }
  }
  EXPECT_EQ(seen, 512L * 5 * 4 * 3 * 3 * 3);
}

}  // namespace
}  // namespace streampark::console
