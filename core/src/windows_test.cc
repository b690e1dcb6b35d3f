// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/core/slice_windows.h"

#include "sales.h"

namespace streampark::core {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

using SliceOperator = SliceWindowOperator<std::string, Sale, decltype(ShopOf()), SumOfSales>;
using Harness = SalesHarness;

std::unique_ptr<Operator> Make(TimeWindows windows, Lateness lateness = {}) {
  return std::make_unique<SliceOperator>(windows, lateness, ShopOf(), SumOfSales{&Sale::amount});
}

TEST(Windows, FireWhenTheWatermarkPassesTheirEnd) {
  Harness harness(Make(Tumbling(10s)));
  harness.Send({"a", 1}, 0);
  harness.Send({"a", 2}, 9'999);
  harness.Send({"a", 4}, 10'000);
  harness.Watermark(9'998);
  EXPECT_THAT(harness.Take(), IsEmpty());
  harness.Watermark(9'999);
  EXPECT_THAT(harness.Take(), ElementsAre(Of("a", 0s, 10s, 3)));
  EXPECT_THAT(harness.TakeTimes(), ElementsAre(9'999));
  EXPECT_EQ(harness.watermark(), 9'999);
  harness.Watermark(kEndOfTime);
  EXPECT_THAT(harness.Take(), ElementsAre(Of("a", 10s, 20s, 4)));
}

TEST(Windows, OffsetsAndTimesBeforeTheEpochAreCutRight) {
  Harness harness(Make(Tumbling(10s, 3s)));
  harness.Send({"a", 1}, -8'000);
  harness.Send({"a", 2}, -7'000);
  harness.Send({"a", 4}, 2'999);
  harness.Watermark(kEndOfTime);
  EXPECT_THAT(harness.Take(), ElementsAre(Of("a", -17s, -7s, 1), Of("a", -7s, 3s, 6)));
}

TEST(Windows, SlidesThatDoNotDivideTheSizeAreCutByTheirDivisor) {
  Harness harness(Make(Sliding(6s, 4s)));
  harness.Send({"a", 1}, 1'000);   // windows [-4, 2), [0, 6)
  harness.Send({"a", 10}, 5'000);  // windows [0, 6), [4, 10)
  harness.Watermark(kEndOfTime);
  EXPECT_THAT(harness.Take(),
              ElementsAre(Of("a", -4s, 2s, 1), Of("a", 0s, 6s, 11), Of("a", 4s, 10s, 10)));
}

TEST(Windows, LateRowsFireAgainWhileTheWindowIsKeptAndGoAsideAfter) {
  Harness harness(Make(Tumbling(10s), {.allowed = 5s, .side = "late"}));
  harness.KeepSide<Sale>("late");
  harness.Send({"a", 1}, 1'000);
  harness.Watermark(12'000);
  EXPECT_THAT(harness.Take(), ElementsAre(Of("a", 0s, 10s, 1)));
  harness.Send({"a", 2}, 2'000);
  harness.Send({"b", 5}, 2'000);
  EXPECT_THAT(harness.Take(), ElementsAre(Of("a", 0s, 10s, 3), Of("b", 0s, 10s, 5)));
  harness.Watermark(14'998);
  harness.Send({"a", 4}, 3'000);
  EXPECT_THAT(harness.Take(), ElementsAre(Of("a", 0s, 10s, 7)));
  harness.Watermark(14'999);
  harness.Send({"a", 8}, 3'000);
  EXPECT_THAT(harness.Take(), IsEmpty());
  const auto late = harness.TakeSide<Sale>("late");
  ASSERT_EQ(late.size(), 1U);
  EXPECT_EQ(late[0].amount, 8);
}

TEST(Windows, ALateRowOfASlidingWindowFiresOnlyWhatHasFired) {
  Harness harness(Make(Sliding(10s, 5s), {.allowed = 100s, .side = ""}));
  harness.Watermark(11'000);
  harness.Send({"a", 1}, 7'000);  // in [0, 10), which has fired, and [5, 15), which has not
  EXPECT_THAT(harness.Take(), ElementsAre(Of("a", 0s, 10s, 1)));
  harness.Watermark(15'000);
  EXPECT_THAT(harness.Take(), ElementsAre(Of("a", 5s, 15s, 1)));
}

TEST(Windows, GoOnFromASnapshotWithoutFiringTwice) {
  Harness before(Make(Sliding(10s, 5s)));
  before.Send({"a", 1}, 1'000);
  before.Send({"b", 2}, 7'000);
  before.Watermark(9'999);
  EXPECT_THAT(before.Take(),
              UnorderedElementsAre(Of("a", -5s, 5s, 1), Of("a", 0s, 10s, 1), Of("b", 0s, 10s, 2)));
  Harness after(Make(Sliding(10s, 5s)), Harness::Restored(before.Snapshot()));
  after.Send({"b", 4}, 12'000);
  after.Watermark(kEndOfTime);
  EXPECT_THAT(after.Take(), UnorderedElementsAre(Of("b", 5s, 15s, 6), Of("b", 10s, 20s, 4)));
}

TEST(Windows, WhatIsTooLateIsCountedWhereItGoesNowhere) {
  Harness harness(Make(Tumbling(10s)));
  harness.Watermark(9'999);
  harness.Send({"a", 1}, 5'000);
  EXPECT_EQ(harness.dropped(), 1);
  harness.Send({"a", 1}, 10'000);
  EXPECT_EQ(harness.dropped(), 1);
}

TEST(Windows, RowsBetweenWindowsThatAreFurtherApartThanTheyLastAreInNone) {
  Harness harness(Make(Sliding(2s, 10s), {.side = "late"}));
  harness.KeepSide<Sale>("late");
  harness.Send({"a", 1}, 1'999);
  harness.Send({"a", 2}, 2'000);
  harness.Send({"a", 4}, 9'999);
  harness.Send({"a", 8}, 10'000);
  harness.Watermark(kEndOfTime);
  EXPECT_THAT(harness.Take(), ElementsAre(Of("a", 0s, 2s, 1), Of("a", 10s, 12s, 8)));
  EXPECT_THAT(harness.TakeSide<Sale>("late"), IsEmpty());
  EXPECT_EQ(harness.dropped(), 0);
}

TEST(Windows, OfNoLengthAreNamed) {
  EXPECT_THROW(Harness{Make(Tumbling(0s))}, TaskFailure);
  EXPECT_THROW(Harness{Make(Sliding(10s, 0s))}, TaskFailure);
}

TEST(Windows, ARowWithoutATimeIsNamed) {
  Harness harness(Make(Tumbling(10s)));
  EXPECT_THROW(harness.Send({"a", 1}), TaskFailure);
}

}  // namespace
}  // namespace streampark::core
