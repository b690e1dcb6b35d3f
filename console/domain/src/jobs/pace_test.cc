// SPDX-License-Identifier: Apache-2.0
#include "jobs/pace.h"

#include <gtest/gtest.h>

namespace streampark::console {
namespace {

Pace Of(std::optional<double> in, std::optional<std::int64_t> pending = std::nullopt,
        std::optional<int> slots = 1) {
  return {.rates = {.records_in_per_second = in, .pending_records = pending}, .slots = slots};
}

TEST(Pace, StaysWhileNumbersHardlyDiffer) {
  EXPECT_EQ(Steadied(Of(1000, 200), Of(1049, 191)), Of(1000, 200));
  EXPECT_EQ(Steadied(Of(1000, 200), Of(1060, 191)), Of(1060, 200));
  EXPECT_EQ(Steadied(Of(1000, 200), Of(951, 180)), Of(1000, 180));
}

TEST(Pace, DoesNotDriftAwayFromWhatIsSeen) {
  Pace shown = Of(1000);
  for (double rate = 1000; rate < 2000; rate += 10) {
    shown = Steadied(shown, Of(rate));
    EXPECT_NEAR(*shown.rates.records_in_per_second, rate, rate * 0.05);
  }
}

TEST(Pace, IsAnotherAtZeroAndWhenItBecomesKnownOrUnknown) {
  EXPECT_EQ(Steadied(Of(0, 0), Of(0.01, 1)), Of(0.01, 1));
  EXPECT_EQ(Steadied(Of(0.01, 1), Of(0, 0)), Of(0, 0));
  EXPECT_EQ(Steadied(Of(5, 1), Of(std::nullopt)), Of(std::nullopt));
  EXPECT_EQ(Steadied(Of(std::nullopt), Of(5, 0)), Of(5, 0));
  EXPECT_EQ(Steadied(Of(5, 1, 2), Of(5, 1, 4)), Of(5, 1, 4)) << "slots are no rate";
}

}  // namespace
}  // namespace streampark::console
