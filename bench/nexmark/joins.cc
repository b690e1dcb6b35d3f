// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "inputs.h"

/// q3, q4, q8: people, auctions and bids meet.
namespace nexmark {

namespace {

using namespace std::chrono_literals;

// ── q3: who sells in which states, for ever ─────────────────────────────────────────────────────
struct Seller {
  std::int64_t id = 0;
  std::string name;
  std::string city;
  std::string state;
  sp::Timestamp at;
};
SP_RECORD(Seller, id, name, city, state, at);

struct Offer {
  std::int64_t id = 0;
  std::int64_t seller = 0;
  std::int64_t category = 0;
  sp::Timestamp at;
};
SP_RECORD(Offer, id, seller, category, at);

struct OffersAndSellers {
  std::optional<Seller> person;
  std::optional<Offer> auction;
};
SP_RECORD(OffersAndSellers, person, auction);

struct LocalItem {
  std::string name;
  std::string city;
  std::string state;
  std::int64_t auction = 0;
};
SP_RECORD(LocalItem, name, city, state, auction);

/// All pairs of a seller and an offer, whichever comes first.
class SellersOffers final : public sp::KeyedCoProcess<std::int64_t, Offer, Seller, LocalItem> {
 public:
  void Open(sp::KeyedStates<std::int64_t>& states) override {
    sellers_ = states.List<Seller>("sellers");
    offers_ = states.List<std::int64_t>("offers");
  }
  void ProcessFirst(const Offer& offer, Context& /*context*/,
                    sp::Collector<LocalItem>& out) override {
    for (const auto& seller : sellers_.Get()) {
      out.Emit({seller.name, seller.city, seller.state, offer.id});
    }
    offers_.Add(offer.id);
  }
  void ProcessSecond(const Seller& seller, Context& /*context*/,
                     sp::Collector<LocalItem>& out) override {
    for (const auto offer : offers_.Get()) {
      out.Emit({seller.name, seller.city, seller.state, offer});
    }
    sellers_.Add(seller);
  }

 private:
  sp::ListState<Seller> sellers_;
  sp::ListState<std::int64_t> offers_;
};

// ── q4: the mean of what auctions of a category were won for ────────────────────────────────────
struct Terms {
  std::int64_t id = 0;
  std::int64_t category = 0;
  sp::Timestamp at;
  sp::Timestamp expires;
};
SP_RECORD(Terms, id, category, at, expires);

struct AuctionPriceAt {
  std::int64_t auction = 0;
  std::int64_t price = 0;
  sp::Timestamp at;
};
SP_RECORD(AuctionPriceAt, auction, price, at);

struct TermsAndBids {
  std::optional<Terms> auction;
  std::optional<AuctionPriceAt> bid;
};
SP_RECORD(TermsAndBids, auction, bid);

struct Winning {
  std::int64_t category = 0;
  std::int64_t price = 0;
};
SP_RECORD(Winning, category, price);

struct CategoryMean {
  std::int64_t category = 0;
  std::int64_t mean = 0;
};
SP_RECORD(CategoryMean, category, mean);

/// The highest bid of each auction within its terms, as changes. Bids that come before their auction wait for it.
class WinningBids final
    : public sp::KeyedCoProcess<std::int64_t, Terms, AuctionPriceAt, sp::Change<Winning>> {
 public:
  void Open(sp::KeyedStates<std::int64_t>& states) override {
    auction_ = states.Value<Known>("auction");
  }
  void ProcessFirst(const Terms& terms, Context& /*context*/, sp::Collector<Out>& out) override {
    auction_.Update([&](Known& known) {
      known.terms = terms;
      for (const auto& bid : known.early) {
        Take(known, bid, out);
      }
      known.early.clear();
    });
  }
  void ProcessSecond(const AuctionPriceAt& bid, Context& /*context*/,
                     sp::Collector<Out>& out) override {
    auction_.Update([&](Known& known) {
      if (known.terms) {
        Take(known, bid, out);
      } else {
        known.early.push_back(bid);
      }
    });
  }

 public:
  struct Known {
    std::optional<Terms> terms;
    std::optional<std::int64_t> highest;
    std::vector<AuctionPriceAt> early;
  };

 private:
  static void Take(Known& known, const AuctionPriceAt& bid, sp::Collector<Out>& out) {
    const auto& terms = *known.terms;
    if (bid.at < terms.at || bid.at > terms.expires ||
        (known.highest && bid.price <= *known.highest)) {
      return;
    }
    if (known.highest) {
      out.Emit({sp::RowKind::kUpdateBefore, {terms.category, *known.highest}});
    }
    out.Emit({known.highest ? sp::RowKind::kUpdateAfter : sp::RowKind::kInsert,
              {terms.category, bid.price}});
    known.highest = bid.price;
  }

  sp::ValueState<Known> auction_;
};
using WinningState = WinningBids::Known;
SP_RECORD(WinningState, terms, highest, early);

// ── q8: who joined and began to sell within the same ten seconds ────────────────────────────────
struct Joined {
  std::int64_t id = 0;
  std::string name;
  sp::Timestamp at;
};
SP_RECORD(Joined, id, name, at);

struct SellerAt {
  std::int64_t seller = 0;
  sp::Timestamp at;
};
SP_RECORD(SellerAt, seller, at);

struct JoinedAndSelling {
  std::optional<Joined> person;
  std::optional<SellerAt> auction;
};
SP_RECORD(JoinedAndSelling, person, auction);

struct NewSeller {
  std::int64_t id = 0;
  std::string name;
  sp::Timestamp start;
};
SP_RECORD(NewSeller, id, name, start);

template <typename E>
sp::DataStream<E> Events(const Input& input) {
  return input.context.Source<E>("events").Watermarks(kAtOf, Strategy());
}

}  // namespace

void LocalItems(const Input& input, const ColumnHash& sink) {
  const auto events = Events<OffersAndSellers>(input);
  const auto offers = events.Only(&OffersAndSellers::auction).Filter([](const Offer& offer) {
    return offer.category == 10;
  });
  const auto sellers = events.Only(&OffersAndSellers::person).Filter([](const Seller& seller) {
    return seller.state == "OR" || seller.state == "ID" || seller.state == "CA";
  });
  offers.KeyBy(&Offer::seller)
      .Connect(sellers.KeyBy(&Seller::id))
      .Process("sellers-offers", SellersOffers())
      .ForEach("result", sink);
}

void AveragePrice(const Input& input, const ColumnHash& sink) {
  const auto events = Events<TermsAndBids>(input);
  const auto auctions = events.Only(&TermsAndBids::auction);
  const auto bids = events.Only(&TermsAndBids::bid);
  auctions.KeyBy(&Terms::id)
      .Connect(bids.KeyBy(&AuctionPriceAt::auction))
      .Process("winning-bids", WinningBids())
      .KeyBy([](const sp::Change<Winning>& change) { return change.row.category; })
      .AggregateChanges("mean", sp::Together(sp::Sum(&Winning::price), sp::Count()))
      .Map([](const auto& change) {
        const auto& [sum, count] = change.row.value;
        return sp::Change<CategoryMean>{change.kind, {change.row.key, sum / count}};
      })
      .ForEach("result", sink);
}

void NewUsers(const Input& input, const ColumnHash& sink) {
  const auto events = Events<JoinedAndSelling>(input);
  const auto people = events.Only(&JoinedAndSelling::person);
  const auto sellers = events.Only(&JoinedAndSelling::auction);
  const auto selling =
      sellers.KeyBy(&SellerAt::seller).Window(sp::Tumbling(10s)).Aggregate("sellers", sp::Count());
  using Selling = typename decltype(selling)::Row;
  people.KeyBy(&Joined::id)
      .Join(selling.KeyBy(&Selling::key))
      .Window(sp::Tumbling(10s))
      .Apply("new-sellers",
             [](const Joined& person, const Selling& window) {
               return NewSeller{person.id, person.name, window.start};
             })
      .ForEach("result", sink);
}

}  // namespace nexmark
