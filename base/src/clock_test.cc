// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/clock.h"

#include <gtest/gtest.h>

namespace streampark::base {
namespace {

TEST(ClockTest, FormatsUtcWithMilliseconds) {
  EXPECT_EQ(FormatTimestamp(Timestamp(Millis(0))), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatTimestamp(Timestamp(Millis(1'769'850'300'007))), "2026-01-31T09:05:00.007Z");
  EXPECT_EQ(FormatTimestamp(Timestamp(Millis(-1))), "1969-12-31T23:59:59.999Z");
}

TEST(ClockTest, ReadsAnyOffset) {
  const auto utc = ParseTimestamp("2026-01-31T09:05:00.5Z");
  ASSERT_TRUE(utc);
  EXPECT_EQ(FormatTimestamp(*utc), "2026-01-31T09:05:00.500Z");
  EXPECT_EQ(ParseTimestamp("2026-01-31T14:35:00.500+05:30"), utc);
  EXPECT_EQ(ParseTimestamp("2026-01-31T01:05:00.500999-08:00"), utc);
}

TEST(ClockTest, RefusesWhatIsNotATimestamp) {
  for (const char* text : {"", "2026", "2026-02-30T00:00:00Z", "2026-01-31T24:00:00Z",
                           "2026-01-31T09:05:00", "2026-01-31T09:05:00Zx", "2026-01-31T09:05:00.Z",
                           "2026-01-31T09:05:00+0530", "x026-01-31T09:05:00Z"}) {
    EXPECT_FALSE(ParseTimestamp(text)) << text;
  }
}

TEST(ClockTest, DurationsGoThereAndBack) {
  for (const char* text : {"0s", "250ms", "90s", "5m", "1h", "2d", "1500ms"}) {
    const auto parsed = ParseDuration(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(FormatDuration(*parsed), text);
  }
  EXPECT_EQ(FormatDuration(Millis(60'000)), "1m");
  EXPECT_EQ(ParseDuration("48h"), Millis(172'800'000));
}

TEST(ClockTest, RefusesWhatIsNotADuration) {
  for (const char* text : {"", "5", "s", "-5s", "5 s", "5x", "1.5s", "99999999999999999999s",
                           "9223372036854775807d"}) {
    EXPECT_FALSE(ParseDuration(text)) << text;
  }
}

TEST(ClockTest, AManualClockMovesWhenTold) {
  ManualClock clock;
  const Timestamp start = clock.Now();
  const SteadyTime steady = clock.SteadyNow();
  clock.Advance(Millis(1500));
  EXPECT_EQ(clock.Now() - start, Millis(1500));
  EXPECT_EQ(clock.SteadyNow() - steady, Millis(1500));
}

}  // namespace
}  // namespace streampark::base
