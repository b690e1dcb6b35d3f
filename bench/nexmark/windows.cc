// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "inputs.h"

/// q5, q7, q11, q12: windows.
namespace nexmark {

namespace {

using namespace std::chrono_literals;

// ── q5: which auctions had the most bids of ten seconds, every two ──────────────────────────────
struct AuctionAt {
  std::int64_t auction = 0;
  sp::Timestamp at;
};
SP_RECORD(AuctionAt, auction, at);

struct HotItem {
  std::int64_t auction = 0;
  std::int64_t bids = 0;
};
SP_RECORD(HotItem, auction, bids);

using BidCount = sp::Windowed<std::int64_t, std::int64_t>;

/// The rows that have the most of a measure; several when they tie.
template <typename Row, typename Measure>
struct AllGreatest {
  using Best = std::pair<std::int64_t, std::vector<Row>>;
  Measure measure;

  Best Create() const { return {}; }
  void Add(Best& best, const Row& row) const {
    const auto value = measure(row);
    if (best.second.empty() || value > best.first) {
      best.second.clear();
      best.first = value;
    }
    if (value == best.first) {
      best.second.push_back(row);
    }
  }
  void Merge(Best& best, const Best& other) const {
    for (const auto& row : other.second) {
      Add(best, row);
    }
  }
  std::vector<Row> Get(const Best& best) const { return best.second; }
};
template <typename Row, typename Measure>
AllGreatest<Row, Measure> AllGreatestBy(Measure measure) {
  return {measure};
}

// ── q7: the highest bids of ten seconds ─────────────────────────────────────────────────────────
struct RankedBid {
  std::int64_t auction = 0;
  std::int64_t bidder = 0;
  std::int64_t price = 0;
  sp::Timestamp at;
  std::string extra;
};
SP_RECORD(RankedBid, auction, bidder, price, at, extra);

// ── q11, q12: bids of a bidder, in sessions and by the clock ────────────────────────────────────
struct BidderAt {
  std::int64_t bidder = 0;
  sp::Timestamp at;
};
SP_RECORD(BidderAt, bidder, at);

struct BidderBids {
  std::int64_t bidder = 0;
  std::int64_t bids = 0;
  sp::Timestamp start;
  sp::Timestamp end;
};
SP_RECORD(BidderBids, bidder, bids, start, end);

/// Counts in windows of the machine's clock.
class CountByClock final : public sp::KeyedProcess<std::int64_t, BidderAt, BidderBids> {
 public:
  void Open(sp::KeyedStates<std::int64_t>& states) override {
    count_ = states.Value<std::int64_t>("count");
  }
  void Process(const BidderAt& /*bid*/, Context& context,
               sp::Collector<BidderBids>& /*out*/) override {
    count_.Update([&](std::int64_t& count) {
      if (++count == 1) {
        context.SetProcessingTimer(EndOf(context.processing_time()));
      }
    });
  }
  void OnTimer(sp::Timestamp at, sp::TimeDomain /*domain*/, Context& context,
               sp::Collector<BidderBids>& out) override {
    out.Emit({context.key(), count_.Get(), at - kWindow, at});
    count_.Clear();
  }

 private:
  static constexpr std::chrono::microseconds kWindow = 10s;
  static sp::Timestamp EndOf(sp::Timestamp now) {
    return sp::Timestamp((now.time_since_epoch() / kWindow + 1) * kWindow);
  }
  sp::ValueState<std::int64_t> count_;
};

}  // namespace

void HotItems(const Input& input, const ColumnHash& sink) {
  const auto most = AllGreatestBy<BidCount>([](const BidCount& count) { return count.value; });
  Bids<AuctionAt>(input)
      .KeyBy(&AuctionAt::auction)
      .Window(sp::Sliding(10s, 2s))
      .Aggregate("bids", sp::Count())
      .KeyBy(&BidCount::end)
      .Window(sp::Tumbling(2s))
      .Aggregate("most-bids", most)
      .FlatMap<HotItem>([](const auto& window, sp::Collector<HotItem>& out) {
        for (const auto& count : window.value) {
          out.Emit({count.key, count.value});
        }
      })
      .ForEach("result", sink);
}

void HighestBid(const Input& input, const ColumnHash& sink) {
  const auto bids = Bids<RankedBid>(input);
  const auto highest = bids.KeyBy([](const RankedBid&) { return 0; })
                           .Window(sp::Tumbling(10s))
                           .Aggregate("highest", sp::Max(&RankedBid::price));
  using Highest = typename decltype(highest)::Row;
  // A bid of the very end of the window belongs to the next one, and counts all the same: BETWEEN takes both ends.
  highest.KeyBy(&Highest::value)
      .Join(bids.KeyBy(&RankedBid::price))
      .Between(-10s + 1ms, 1ms)
      .Apply("bids", [](const Highest& /*window*/, const RankedBid& bid) { return bid; })
      .ForEach("result", sink);
}

void UserSessions(const Input& input, const ColumnHash& sink) {
  Bids<BidderAt>(input)
      .KeyBy(&BidderAt::bidder)
      .Window(sp::Session(10s))
      .Aggregate("sessions", sp::Count())
      .Map([](const auto& window) {
        return BidderBids{window.key, window.value, window.start, window.end};
      })
      .ForEach("result", sink);
}

void ProcessingTimeCounts(const Input& input, const ColumnHash& sink) {
  Bids<BidderAt>(input)
      .KeyBy(&BidderAt::bidder)
      .Process("counts", CountByClock())
      .ForEach("result", sink);
}

}  // namespace nexmark
