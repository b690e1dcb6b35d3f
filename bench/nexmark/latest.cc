// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "inputs.h"

/// q17, q18: what is true now of each key, as changes.
namespace nexmark {

namespace {

struct PriceAt {
  std::int64_t auction = 0;
  std::int64_t price = 0;
  sp::Timestamp at;
};
SP_RECORD(PriceAt, auction, price, at);

struct DayStatistics {
  std::int64_t auction = 0;
  std::string day;
  std::int64_t bids = 0;
  std::int64_t cheap = 0;
  std::int64_t middling = 0;
  std::int64_t dear = 0;
  std::int64_t least = 0;
  std::int64_t greatest = 0;
  std::int64_t mean = 0;
  std::int64_t sum = 0;
};
SP_RECORD(DayStatistics, auction, day, bids, cheap, middling, dear, least, greatest, mean, sum);

/// How many prices are at least `from` and below `below`.
struct CountPrices {
  std::int64_t from;
  std::int64_t below;
  std::int64_t Create() const { return 0; }
  void Add(std::int64_t& count, const PriceAt& bid) const {
    count += static_cast<std::int64_t>(bid.price >= from && bid.price < below);
  }
  void Merge(std::int64_t& count, std::int64_t other) const { count += other; }
  std::int64_t Get(std::int64_t count) const { return count; }
};

std::string DayText(std::int64_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  std::string text = "0000-00-00";
  const auto write = [&text](int value, std::size_t last, int digits) {
    for (; digits > 0; --digits, value /= 10) {
      text[last--] = static_cast<char>('0' + value % 10);
    }
  };
  write(static_cast<int>(date.year()), 3, 4);
  write(static_cast<int>(static_cast<unsigned>(date.month())), 6, 2);
  write(static_cast<int>(static_cast<unsigned>(date.day())), 9, 2);
  return text;
}

}  // namespace

void AuctionStatistics(const Input& input, const ColumnHash& sink) {
  constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
  Bids<PriceAt>(input)
      .KeyBy([](const PriceAt& bid) {
        return std::pair<std::int64_t, std::int64_t>(
            bid.auction, std::chrono::floor<std::chrono::days>(bid.at).time_since_epoch().count());
      })
      .AggregateChanges(
          "statistics",
          sp::Together(sp::Count(), CountPrices{0, 10'000}, CountPrices{10'000, 1'000'000},
                       CountPrices{1'000'000, kNoLimit}, sp::Min(&PriceAt::price),
                       sp::Max(&PriceAt::price), sp::Sum(&PriceAt::price)))
      .Map([](const auto& change) {
        const auto& [bids, cheap, middling, dear, least, greatest, sum] = change.row.value;
        return sp::Change<DayStatistics>{
            change.kind,
            {change.row.key.first, DayText(change.row.key.second), bids, cheap, middling, dear,
             least, greatest, sum / bids, sum}};
      })
      .ForEach("result", sink);
}

void LastBid(const Input& input, const ColumnHash& sink) {
  Bids<Bid>(input)
      .KeyBy([](const Bid& bid) { return std::pair(bid.bidder, bid.auction); })
      .Latest("last-bid")
      .ForEach("result", sink);
}

}  // namespace nexmark
