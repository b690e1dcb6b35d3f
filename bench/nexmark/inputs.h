// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

#include "generator.h"
#include "queries.h"

/// The three streams that queries read. A query asks for no column that it does not use: what a connector is not asked for is not read.
namespace nexmark {

/// Events of which only some kinds, or some columns, are wanted.
template <typename B>
struct BidsOnly {
  std::optional<B> bid;
};
template <typename B>
constexpr auto StreamparkFields(const BidsOnly<B>*) {
  return std::make_tuple(sp::core::MakeRecordField("bid", &BidsOnly<B>::bid));
}

inline sp::WatermarkStrategy Strategy() {
  return sp::BoundedOutOfOrderness(std::chrono::seconds(4));
}

/// When an event happened. An object, so that its call is inlined where a pointer's would not be.
constexpr auto kAtOf = []<typename E>(const E& event) {
  if constexpr (requires { event.bid; }) {
    if (event.bid) {
      return event.bid->at;
    }
  }
  if constexpr (requires { event.auction; }) {
    if (event.auction) {
      return event.auction->at;
    }
  }
  if constexpr (requires { event.person; }) {
    if (event.person) {
      return event.person->at;
    }
  }
  return sp::Timestamp::min();
};

/// The bids, as structs of the columns that the query uses; `at` has to be one of them.
template <typename B>
sp::DataStream<B> Bids(const Input& input) {
  using E = BidsOnly<B>;
  return input.context.Source<E>("events").Watermarks(kAtOf, Strategy()).Only(&E::bid);
}

/// The bids of generated events, whole: each event is made, bid or not.
inline sp::DataStream<Bid> GeneratedBids(const Input& input) {
  return input.context.Generate<Event>("events", input.generated, EventMaker())
      .Watermarks(kAtOf, Strategy())
      .Only(&Event::bid);
}

}  // namespace nexmark
