// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <fstream>
#include <stdexcept>
#include <string>
#include <unordered_map>

#include "inputs.h"

/// q0, q1, q2, q13: a row at a time.
namespace nexmark {

namespace {

struct PricedBid {
  std::int64_t auction = 0;
  std::int64_t bidder = 0;
  std::int64_t price = 0;
  sp::Timestamp at;
  std::string extra;
};
SP_RECORD(PricedBid, auction, bidder, price, at, extra);

struct AuctionPrice {
  std::int64_t auction = 0;
  std::int64_t price = 0;
  sp::Timestamp at;
};
SP_RECORD(AuctionPrice, auction, price, at);

struct Selected {
  std::int64_t auction = 0;
  std::int64_t price = 0;
};
SP_RECORD(Selected, auction, price);

/// In thousandths: what SQL has as DECIMAL(23, 3).
void ToEuros(PricedBid& bid) { bid.price *= 908; }

template <typename B>
void Select(const sp::DataStream<B>& bids, const ColumnHash& sink) {
  bids.Filter([](const B& bid) { return bid.auction % 123 == 0; })
      .Map([](const B& bid) {
        return Selected{bid.auction, bid.price};
      })
      .ForEach("result", sink);
}

struct SideBid {
  std::int64_t auction = 0;
  std::int64_t bidder = 0;
  std::int64_t price = 0;
  sp::Timestamp at;
};
SP_RECORD(SideBid, auction, bidder, price, at);

struct Enriched {
  std::int64_t auction = 0;
  std::int64_t bidder = 0;
  std::int64_t price = 0;
  sp::Timestamp at;
  std::string value;
};
SP_RECORD(Enriched, auction, bidder, price, at, value);

/// Looks up what a file says of each bid's auction.
class Enrich final : public sp::ProcessFunction<SideBid, Enriched> {
 public:
  explicit Enrich(std::string file) : file_(std::move(file)) {}

  void Open(Context& /*context*/) override {
    std::ifstream lines(file_);
    for (std::string line; std::getline(lines, line);) {
      const auto comma = line.find(',');
      std::int64_t key = 0;
      std::from_chars(line.data(), line.data() + comma, key);
      values_[key] = line.substr(comma + 1);
    }
    if (values_.empty()) {
      throw std::runtime_error("the side input " + file_ + " has no lines");
    }
  }
  void Process(const SideBid& bid, Context& /*context*/, sp::Collector<Enriched>& out) override {
    if (const auto found = values_.find(bid.auction % 10'000); found != values_.end()) {
      out.Emit({bid.auction, bid.bidder, bid.price, bid.at, found->second});
    }
  }

 private:
  std::string file_;
  std::unordered_map<std::int64_t, std::string> values_;
};

}  // namespace

void DecodeAll(const Input& input, const ColumnHash& /*sink*/) {
  input.context.Source<Event>("events").ForEach("nothing", [](const Event&) {});
}

void PassThrough(const Input& input, const ColumnHash& sink) {
  (input.generated > 0 ? GeneratedBids(input) : Bids<Bid>(input)).ForEach("result", sink);
}

void Currency(const Input& input, const ColumnHash& sink) {
  const auto bids = input.generated > 0 ? GeneratedBids(input).Map([](const Bid& bid) {
    return PricedBid{bid.auction, bid.bidder, bid.price, bid.at, bid.extra};
  })
                                        : Bids<PricedBid>(input);
  bids.Modify(ToEuros).ForEach("result", sink);
}

void Selection(const Input& input, const ColumnHash& sink) {
  if (input.generated > 0) {
    Select(GeneratedBids(input), sink);
  } else {
    Select(Bids<AuctionPrice>(input), sink);
  }
}

void SideInput(const Input& input, const ColumnHash& sink) {
  Bids<SideBid>(input).Process("enrich", Enrich(input.side_input)).ForEach("result", sink);
}

}  // namespace nexmark
