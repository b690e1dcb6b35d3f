// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/ulid.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace streampark::base {
namespace {

/// Fills with one byte, so that a test knows every digit.
class SameByte final : public Random {
 public:
  explicit SameByte(std::uint8_t byte) : byte_(byte) {}
  void Fill(std::span<std::uint8_t> bytes) override {
    std::fill(bytes.begin(), bytes.end(), byte_);
  }

 private:
  std::uint8_t byte_;
};

TEST(UlidTest, SpellsTimeAndTail) {
  ManualClock clock(Timestamp(Millis(1'469'922'850'259)));
  SameByte zeros(0);
  UlidGenerator ids(clock, zeros);
  EXPECT_EQ(ids.Next(), "01ARZ3NDEK0000000000000000");
  EXPECT_EQ(ids.Next(), "01ARZ3NDEK0000000000000001");
}

TEST(UlidTest, IncreasesWithinAMillisecondAndPastTheTailsEnd) {
  ManualClock clock;
  SameByte ones(0xff);
  UlidGenerator ids(clock, ones);
  std::string last = ids.Next();
  for (int i = 0; i < 100; ++i) {
    const std::string next = ids.Next();
    EXPECT_LT(last, next);
    last = next;
  }
}

TEST(UlidTest, IncreasesWhenTheClockIsSetBack) {
  ManualClock clock;
  SecureRandom random;
  UlidGenerator ids(clock, random);
  const std::string before = ids.Next();
  clock.Advance(Millis(-5000));
  EXPECT_LT(before, ids.Next());
}

TEST(UlidTest, KnowsItsOwn) {
  SystemClock clock;
  SecureRandom random;
  UlidGenerator ids(clock, random);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = ids.Next();
    EXPECT_TRUE(IsUlid(id)) << id;
    EXPECT_TRUE(seen.insert(id).second);
  }
  EXPECT_FALSE(IsUlid(""));
  EXPECT_FALSE(IsUlid("01ARZ3NDEKTSV4RRFFQ69G5FAI"));  // I is not a digit
  EXPECT_FALSE(IsUlid("81ARZ3NDEKTSV4RRFFQ69G5FAV"));  // beyond 128 bits
}

TEST(RandomTest, PasswordsHaveNoLookAlikes) {
  SecureRandom random;
  const std::string password = RandomPassword(random, 200);
  EXPECT_EQ(password.size(), 200U);
  EXPECT_EQ(password.find_first_of("0O1lIio"), std::string::npos);
  EXPECT_EQ(RandomToken(random, 32).size(), 43U);
  EXPECT_EQ(RandomHex(random, 16).size(), 32U);
}

}  // namespace
}  // namespace streampark::base
