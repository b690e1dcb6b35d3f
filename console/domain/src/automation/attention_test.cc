// SPDX-License-Identifier: Apache-2.0
#include "automation/attention.h"

#include <gtest/gtest.h>

namespace streampark::console {
namespace {

constexpr base::Timestamp kNow{base::Millis(1'700'000'000'000)};
constexpr base::Millis kMinute{60'000};
using Rules = std::set<AttentionRule>;

AttentionFacts Facts() {
  AttentionFacts facts;
  facts.now = kNow;
  return facts;
}

TEST(AttentionTest, AWellJobNeedsNobody) {
  EXPECT_EQ(Attentions(Facts()).rules, Rules());
  EXPECT_EQ(Attentions(Facts()).again, std::nullopt);
}

TEST(AttentionTest, NoCheckpoint) {
  AttentionFacts facts = Facts();
  facts.no_checkpoint = true;
  EXPECT_EQ(Attentions(facts).rules, Rules{AttentionRule::kNoCheckpoint});
  facts.unreachable_since = kNow;
  EXPECT_EQ(Attentions(facts).rules, Rules()) << "what was seen before the silence says nothing";
}

TEST(AttentionTest, QuarantinedAndAsks) {
  AttentionFacts facts = Facts();
  facts.standing = Standing::Kind::kQuarantined;
  EXPECT_EQ(Attentions(facts).rules, Rules{AttentionRule::kQuarantined});
  facts.standing = Standing::Kind::kAsks;
  facts.left_down = true;
  EXPECT_EQ(Attentions(facts).rules, Rules{AttentionRule::kAsks});
  facts.wanted = false;
  EXPECT_EQ(Attentions(facts).rules, Rules());
}

TEST(AttentionTest, UnreachableOnlyAfterPatience) {
  AttentionFacts facts = Facts();
  facts.unreachable_since = kNow - 4 * kMinute;
  EXPECT_EQ(Attentions(facts).rules, Rules());
  EXPECT_EQ(Attentions(facts).again, kNow + kMinute);
  facts.now = kNow + kMinute;
  EXPECT_EQ(Attentions(facts).rules, Rules{AttentionRule::kUnreachable});
}

TEST(AttentionTest, FencedForADay) {
  AttentionFacts facts = Facts();
  facts.wanted = false;
  facts.fenced_at = kNow - kMinute;
  EXPECT_EQ(Attentions(facts).rules, Rules{AttentionRule::kFenced});
  facts.now = *Attentions(facts).again;
  EXPECT_EQ(Attentions(facts).rules, Rules());
}

TEST(AttentionTest, LeftDown) {
  AttentionFacts facts = Facts();
  facts.left_down = true;
  EXPECT_EQ(Attentions(facts).rules, Rules{AttentionRule::kLeftDown});
}

}  // namespace
}  // namespace streampark::console
