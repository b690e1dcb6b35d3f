// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/windows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operator_harness.h"

namespace streampark::core {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

struct Sale {
  std::string shop;
  std::int64_t amount = 0;
};
SP_RECORD(Sale, shop, amount);

auto ShopOf() {
  return [](const Sale& sale) -> const std::string& { return sale.shop; };
}
using Aggregate = SumAggregate<Sale, std::int64_t>;
using SliceOperator = SliceWindowOperator<std::string, Sale, decltype(ShopOf()), Aggregate>;
using Result = Windowed<std::string, std::int64_t>;
using Harness = OperatorHarness<Sale, Result>;

std::unique_ptr<Operator> Make(TimeWindows windows, Lateness lateness = {}) {
  return std::make_unique<SliceOperator>(windows, lateness, ShopOf(), Aggregate{&Sale::amount});
}
Result Of(std::string shop, std::chrono::milliseconds start, std::chrono::milliseconds end,
          std::int64_t sum) {
  return {std::move(shop), Timestamp(start), Timestamp(end), sum};
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

TEST(Windows, ARowWithoutATimeIsNamed) {
  Harness harness(Make(Tumbling(10s)));
  EXPECT_THROW(harness.Send({"a", 1}), TaskFailure);
}

}  // namespace
}  // namespace streampark::core
