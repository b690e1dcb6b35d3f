// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/core.h"

#include "job_results.h"
#include "operator_harness.h"

namespace streampark::core {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

struct Bid {
  std::string item;
  std::int64_t price = 0;
  Timestamp at;
};
SP_RECORD(Bid, item, price, at);
struct Offer {
  std::string item;
  std::string seller;
  Timestamp at;
};
SP_RECORD(Offer, item, seller, at);
using Pair = std::pair<std::string, std::int64_t>;

auto BidItem() {
  return [](const Bid& bid) -> const std::string& { return bid.item; };
}
auto OfferItem() {
  return [](const Offer& offer) -> const std::string& { return offer.item; };
}
auto Inner() {
  return [](const Bid& bid, const Offer& offer) { return Pair(offer.seller, bid.price); };
}
auto Outer() {
  return [](const Bid* bid, const Offer* offer) {
    return Pair(offer != nullptr ? offer->seller : "none", bid != nullptr ? bid->price : -1);
  };
}
using Harness = OperatorHarness<Bid, Pair>;

std::unique_ptr<Operator> MakeInterval(EventTime lower, EventTime upper) {
  auto join = Inner();
  return std::make_unique<IntervalJoinOperator<std::string, Bid, decltype(BidItem()), Offer,
                                               decltype(OfferItem()), decltype(join), Pair>>(
      lower, upper, BidItem(), OfferItem(), join);
}
template <JoinKind kKind, typename F>
std::unique_ptr<Operator> MakeWindow(TimeWindows windows, F join) {
  return std::make_unique<WindowJoinOperator<std::string, Bid, decltype(BidItem()), Offer,
                                             decltype(OfferItem()), F, Pair, kKind>>(
      windows, BidItem(), OfferItem(), join);
}
void SendBid(Harness& harness, std::string item, std::int64_t price, EventTime time) {
  harness.Send({std::move(item), price, ToTimestamp(time)}, time);
}
void SendOffer(Harness& harness, std::string item, std::string seller, EventTime time) {
  harness.SendAs<Offer>({std::move(item), std::move(seller), ToTimestamp(time)}, time, 1);
}
void Advance(Harness& harness, EventTime watermark) {
  harness.Watermark(watermark, 0);
  harness.Watermark(watermark, 1);
}

TEST(IntervalJoin, MeetsWhatIsNearInEitherOrder) {
  Harness harness(MakeInterval(-1'000, 2'000));
  SendBid(harness, "tea", 1, 10'000);
  SendOffer(harness, "tea", "too early", 8'999);
  SendOffer(harness, "tea", "first", 9'000);
  SendOffer(harness, "tea", "last", 12'000);
  SendOffer(harness, "tea", "too late", 12'001);
  SendOffer(harness, "salt", "another", 10'000);
  EXPECT_THAT(harness.Take(), ElementsAre(Pair("first", 1), Pair("last", 1)));
  EXPECT_THAT(harness.TakeTimes(), ElementsAre(10'000, 12'000));
  SendBid(harness, "tea", 2, 11'500);
  EXPECT_THAT(harness.Take(), ElementsAre(Pair("last", 2), Pair("too late", 2)));
}

TEST(IntervalJoin, ForgetsWhatNothingCanMeetAnyMore) {
  Harness harness(MakeInterval(-1'000, 2'000));
  SendBid(harness, "tea", 1, 10'000);
  SendBid(harness, "tea", 2, 11'000);
  SendOffer(harness, "tea", "here", 10'500);
  EXPECT_EQ(harness.Take().size(), 2U);
  Advance(harness, 11'999);
  const auto offers = [&] { return harness.Snapshot().keyed.at("second").groups.size(); };
  const auto bids = [&] { return harness.Snapshot().keyed.at("first").groups.size(); };
  EXPECT_EQ(offers(), 0U);  // no bid before 11.5 s is let in
  EXPECT_EQ(bids(), 1U);
  SendOffer(harness, "tea", "late", 11'998);
  EXPECT_THAT(harness.Take(), IsEmpty());
  Advance(harness, 12'000);
  SendOffer(harness, "tea", "near the second", 12'500);
  EXPECT_THAT(harness.Take(), ElementsAre(Pair("near the second", 2)));
  Advance(harness, 60'000);
  EXPECT_EQ(bids() + offers(), 0U);
}

TEST(IntervalJoin, GoesOnFromASnapshotAtAnotherParallelism) {
  Harness before(MakeInterval(0, 1'000));
  for (int i = 0; i < 20; ++i) {
    SendBid(before, "item-" + std::to_string(i), i, 1'000);
  }
  const auto written = before.Snapshot();
  std::size_t met = 0;
  for (int subtask = 0; subtask < 3; ++subtask) {
    Harness after(MakeInterval(0, 1'000), Harness::Restored(written, subtask, 3));
    for (int i = 0; i < 20; ++i) {
      SendOffer(after, "item-" + std::to_string(i), "s", 1'500);
    }
    met += after.Take().size();
    Advance(after, 10'000);
    EXPECT_TRUE(after.Snapshot().keyed.at("first").groups.empty());
  }
  EXPECT_EQ(met, 20U);
}

TEST(WindowJoin, PairsWhatIsInOneWindow) {
  Harness harness(MakeWindow<JoinKind::kInner>(Tumbling(10s), Inner()));
  SendBid(harness, "tea", 1, 1'000);
  SendBid(harness, "tea", 2, 9'999);
  SendOffer(harness, "tea", "a", 5'000);
  SendOffer(harness, "tea", "b", 10'000);
  SendOffer(harness, "salt", "c", 5'000);
  Advance(harness, 9'998);
  EXPECT_THAT(harness.Take(), IsEmpty());
  Advance(harness, 9'999);
  EXPECT_THAT(harness.Take(), UnorderedElementsAre(Pair("a", 1), Pair("a", 2)));
  EXPECT_THAT(harness.TakeTimes(), ElementsAre(9'999, 9'999));
  SendBid(harness, "tea", 3, 9'000);  // late
  Advance(harness, kEndOfTime);
  EXPECT_THAT(harness.Take(), IsEmpty());
}

TEST(WindowJoin, OuterOnesGiveWhatMetNothing) {
  const auto run = [](std::unique_ptr<Operator> join) {
    Harness harness(std::move(join));
    SendBid(harness, "tea", 1, 1'000);
    SendOffer(harness, "salt", "c", 5'000);
    Advance(harness, kEndOfTime);
    return harness.Take();
  };
  EXPECT_THAT(run(MakeWindow<JoinKind::kLeft>(Tumbling(10s), Outer())),
              ElementsAre(Pair("none", 1)));
  EXPECT_THAT(run(MakeWindow<JoinKind::kRight>(Tumbling(10s), Outer())),
              ElementsAre(Pair("c", -1)));
  EXPECT_THAT(run(MakeWindow<JoinKind::kFull>(Tumbling(10s), Outer())),
              UnorderedElementsAre(Pair("none", 1), Pair("c", -1)));
}

TEST(WindowJoin, SlidingOnesGoOnFromASnapshotWithoutFiringTwice) {
  const auto make = [] { return MakeWindow<JoinKind::kInner>(Sliding(10s, 5s), Inner()); };
  Harness before(make());
  SendBid(before, "tea", 1, 6'000);
  SendOffer(before, "tea", "a", 7'000);
  Advance(before, 9'999);
  EXPECT_THAT(before.Take(), ElementsAre(Pair("a", 1)));
  Harness after(make(), Harness::Restored(before.Snapshot()));
  SendOffer(after, "tea", "b", 12'000);
  Advance(after, kEndOfTime);
  EXPECT_THAT(after.Take(), UnorderedElementsAre(Pair("a", 1), Pair("b", 1)));
}

TEST(Joins, MeetByKeyAtAnyParallelism) {
  for (const int parallelism : {1, 3}) {
    JobResults<Pair> in_windows;
    JobResults<Pair> near;
    StreamContext context("joins");
    const auto bids = context
                          .Generate<Bid>("bids", 1'000,
                                         [](std::int64_t n, Bid& bid) {
                                           bid = {"item-" + std::to_string(n), n, Timestamp(1s)};
                                         })
                          .Watermarks(&Bid::at, MonotonousTimestamps())
                          .KeyBy(&Bid::item);
    const auto offers =
        context
            .Generate<Offer>("offers", 1'000,
                             [](std::int64_t n, Offer& offer) {
                               offer = {"item-" + std::to_string(999 - n), "s", Timestamp(2s)};
                             })
            .Watermarks(&Offer::at, MonotonousTimestamps())
            .KeyBy(&Offer::item);
    bids.Join(offers)
        .Window(Tumbling(10s))
        .Apply("in windows", Inner())
        .ForEach("windows", [in_windows](const Pair& row) mutable { in_windows.Add(row); });
    bids.Join(offers)
        .Between(-5min, 10min)
        .Apply("near", Inner())
        .ForEach("intervals", [near](const Pair& row) mutable { near.Add(row); });
    ASSERT_TRUE(RunToTheEnd(context.plan(), parallelism).ok());
    EXPECT_EQ(in_windows.sorted().size(), 1'000U);
    EXPECT_EQ(near.sorted(), in_windows.sorted());
  }
}

}  // namespace
}  // namespace streampark::core
