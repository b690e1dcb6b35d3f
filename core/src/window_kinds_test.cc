// SPDX-License-Identifier: Apache-2.0
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/core/count_windows.h"
#include "streampark/core/session_windows.h"
#include "streampark/core/triggered_windows.h"

#include "sales.h"

namespace streampark::core {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

using Harness = SalesHarness;
using Sessions = SessionWindowOperator<std::string, Sale, decltype(ShopOf()), SumOfSales>;
using Counts = CountWindowOperator<std::string, Sale, decltype(ShopOf()), SumOfSales>;
using Triggered = TriggeredWindowOperator<std::string, Sale, decltype(ShopOf()), SumOfSales>;

std::unique_ptr<Operator> Make(SessionWindows windows, Lateness lateness = {}) {
  return std::make_unique<Sessions>(windows, lateness, ShopOf(), SumOfSales{&Sale::amount});
}
std::unique_ptr<Operator> Make(CountWindows windows) {
  return std::make_unique<Counts>(windows, ShopOf(), SumOfSales{&Sale::amount});
}
std::unique_ptr<Operator> Make(TimeWindows windows, Firing firing, Lateness lateness = {}) {
  return std::make_unique<Triggered>(windows, lateness, firing, ShopOf(),
                                     SumOfSales{&Sale::amount});
}

TEST(SessionWindows, EndAGapAfterTheirLastRow) {
  Harness harness(Make(Session(5s)));
  harness.Send({"a", 1}, 1'000);
  harness.Send({"b", 8}, 2'000);
  harness.Send({"a", 2}, 4'000);
  harness.Watermark(6'998);
  EXPECT_THAT(harness.Take(), IsEmpty());
  harness.Watermark(6'999);
  EXPECT_THAT(harness.Take(), ElementsAre(Of("b", 2s, 7s, 8)));
  harness.Watermark(8'999);
  EXPECT_THAT(harness.Take(), ElementsAre(Of("a", 1s, 9s, 3)));
  EXPECT_THAT(harness.TakeTimes(), ElementsAre(6'999, 8'999));
  harness.Send({"a", 4}, 10'000);
  harness.Watermark(kEndOfTime);
  EXPECT_THAT(harness.Take(), ElementsAre(Of("a", 10s, 15s, 4)));
}

TEST(SessionWindows, ARowBetweenTwoJoinsThem) {
  Harness harness(Make(Session(5s)));
  harness.Send({"a", 1}, 0);
  harness.Send({"a", 2}, 10'000);
  harness.Send({"a", 4}, 20'000);
  harness.Send({"a", 8}, 5'000);  // [5, 10) touches both of its neighbours
  harness.Watermark(kEndOfTime);
  EXPECT_THAT(harness.Take(), ElementsAre(Of("a", 0s, 15s, 11), Of("a", 20s, 25s, 4)));
}

TEST(SessionWindows, LateRowsFireAgainMakeThemGoOnOrGoAside) {
  Harness harness(Make(Session(5s), {.allowed = 10s, .side = "late"}));
  harness.KeepSide<Sale>("late");
  harness.Send({"a", 1}, 0);
  harness.Watermark(6'000);
  EXPECT_THAT(harness.Take(), ElementsAre(Of("a", 0s, 5s, 1)));
  harness.Send({"a", 2}, 500);  // still [.., 5.5) behind the watermark
  EXPECT_THAT(harness.Take(), ElementsAre(Of("a", 0s, 5500ms, 3)));
  harness.Send({"a", 4}, 4'000);  // goes on until 9
  EXPECT_THAT(harness.Take(), IsEmpty());
  harness.Watermark(8'999);
  EXPECT_THAT(harness.Take(), ElementsAre(Of("a", 0s, 9s, 7)));
  harness.Send({"b", 16}, 1'000);  // a session of its own that has ended and is kept
  EXPECT_THAT(harness.Take(), ElementsAre(Of("b", 1s, 6s, 16)));
  harness.Watermark(18'999);
  harness.Send({"a", 32}, 3'000);
  EXPECT_THAT(harness.Take(), IsEmpty());
  EXPECT_EQ(harness.TakeSide<Sale>("late").size(), 1U);
  EXPECT_TRUE(harness.Snapshot().keyed.at("sessions").groups.empty());
}

TEST(SessionWindows, GoOnFromASnapshotAtAnotherParallelism) {
  Harness before(Make(Session(5s), {.allowed = 60s, .side = ""}));
  before.Send({"a", 1}, 0);
  before.Watermark(5'000);
  EXPECT_EQ(before.Take().size(), 1U);
  for (int user = 0; user < 20; ++user) {
    before.Send({"user-" + std::to_string(user), user}, 6'000);
  }
  const auto written = before.Snapshot();
  std::vector<SalesOfWindow> results;
  for (int subtask = 0; subtask < 3; ++subtask) {
    Harness after(Make(Session(5s), {.allowed = 60s, .side = ""}),
                  Harness::Restored(written, subtask, 3));
    after.Watermark(kEndOfTime);
    const auto fired = after.Take();
    EXPECT_LT(fired.size(), 20U);
    results.insert(results.end(), fired.begin(), fired.end());
  }
  ASSERT_EQ(results.size(), 20U);  // and none of "a", which had fired
  EXPECT_THAT(results, ::testing::Contains(Of("user-7", 6s, 11s, 7)));
  Harness after(Make(Session(5s), {.allowed = 60s, .side = ""}), Harness::Restored(written));
  after.Send({"a", 2}, 1);
  EXPECT_THAT(after.Take(), ElementsAre(Of("a", 0s, 5001ms, 3)));
}

TEST(CountWindows, FireWithTheirLastRow) {
  Harness harness(Make(CountOf(3)));
  for (int i = 1; i <= 7; ++i) {
    harness.Send({"a", i}, i * 1'000);
    harness.Send({"b", 10}, 0);
  }
  EXPECT_THAT(harness.Take(), UnorderedElementsAre(Of("a", 1s, 3s, 6), Of("a", 4s, 6s, 15),
                                                   Of("b", 0s, 0s, 30), Of("b", 0s, 0s, 30)));
  Harness after(Make(CountOf(3)), Harness::Restored(harness.Snapshot()));
  after.Send({"a", 8});
  after.Send({"a", 9}, 9'000);
  ASSERT_EQ(after.Take().size(), 1U);
}

TEST(CountWindows, SlideOverTheLastRows) {
  Harness harness(Make(CountOf(4, 2)));
  for (int i = 1; i <= 5; ++i) {
    harness.Send({"a", i}, i * 1'000);
  }
  EXPECT_THAT(harness.Take(), ElementsAre(Of("a", 1s, 2s, 3), Of("a", 1s, 4s, 10)));
  Harness after(Make(CountOf(4, 2)), Harness::Restored(harness.Snapshot()));
  after.Send({"a", 6}, 6'000);
  EXPECT_THAT(after.Take(), ElementsAre(Of("a", 3s, 6s, 18)));
}

TEST(CountWindows, ASlideBeyondTheSizeLeavesRowsOut) {
  Harness harness(Make(CountOf(2, 3)));
  for (int i = 1; i <= 6; ++i) {
    harness.Send({"a", i}, i * 1'000);
  }
  EXPECT_THAT(harness.Take(), ElementsAre(Of("a", 2s, 3s, 5), Of("a", 5s, 6s, 11)));
}

TEST(CountWindows, OfNoRowsAreRefused) { EXPECT_THROW(Harness(Make(CountOf(0))), TaskFailure); }

TEST(EarlyFiring, EveryRowsAccumulates) {
  Harness harness(Make(Tumbling(10s), {.early = EveryRows(2)}));
  for (int i = 0; i < 5; ++i) {
    harness.Send({"a", 1}, i);
  }
  EXPECT_THAT(harness.Take(), ElementsAre(Of("a", 0s, 10s, 2), Of("a", 0s, 10s, 4)));
  harness.Watermark(9'999);
  EXPECT_THAT(harness.Take(), ElementsAre(Of("a", 0s, 10s, 5)));
}

TEST(EarlyFiring, DiscardingGivesEachRowOnce) {
  const Firing firing{.early = EveryRows(2), .after = Firing::After::kDiscard};
  Harness harness(Make(Sliding(10s, 5s), firing, {.allowed = 60s, .side = ""}));
  harness.Send({"a", 1}, 6'000);
  harness.Send({"a", 2}, 7'000);
  harness.Send({"a", 4}, 12'000);
  EXPECT_THAT(harness.Take(), UnorderedElementsAre(Of("a", 0s, 10s, 3), Of("a", 5s, 15s, 3)));
  harness.Watermark(14'999);  // nothing is left of [0, 10)
  EXPECT_THAT(harness.Take(), ElementsAre(Of("a", 5s, 15s, 4)));
  harness.Send({"a", 8}, 1'000);  // late for [-5, 5), which has nothing else, and [0, 10)
  EXPECT_THAT(harness.Take(), UnorderedElementsAre(Of("a", -5s, 5s, 8), Of("a", 0s, 10s, 8)));
}

TEST(EarlyFiring, ByTimeFiresWhatHasChanged) {
  Harness harness(Make(Tumbling(60s), {.early = Every(10s)}));
  harness.Send({"a", 1}, 1'000);
  harness.MoveClock(10s);
  EXPECT_THAT(harness.Take(), ElementsAre(Of("a", 0s, 60s, 1)));
  harness.MoveClock(10s);
  EXPECT_THAT(harness.Take(), IsEmpty());
  harness.Send({"a", 2}, 2'000);
  harness.Send({"b", 4}, 2'000);
  harness.MoveClock(10s);
  EXPECT_THAT(harness.Take(), UnorderedElementsAre(Of("a", 0s, 60s, 3), Of("b", 0s, 60s, 4)));
  harness.Send({"b", 8}, 3'000);
  Harness after(Make(Tumbling(60s), {.early = Every(10s)}), Harness::Restored(harness.Snapshot()));
  after.MoveClock(10s);
  EXPECT_THAT(after.Take(), ElementsAre(Of("b", 0s, 60s, 12)));
  after.Watermark(kEndOfTime);
  EXPECT_THAT(after.Take(), UnorderedElementsAre(Of("a", 0s, 60s, 3), Of("b", 0s, 60s, 12)));
}

}  // namespace
}  // namespace streampark::core
