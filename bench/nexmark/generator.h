// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "events.h"

/// Events by their number: the same number is always the same event, here and in java/…/Generator.java, which is the same
/// arithmetic. Of 50 events one is a person, three are auctions, the rest are bids; half the bids go to a hot auction, three of
/// four come from a hot bidder. Event time grows by 100 µs an event.
namespace nexmark {

class EventMaker {
 public:
  void operator()(std::int64_t number, Event& event);

 private:
  template <typename T>
  static T& Make(std::optional<T>& field, std::vector<T>& aside);
  template <typename T>
  static void PutAside(std::optional<T>& field, std::vector<T>& aside);

  // What events of another kind had left, so that its texts keep their room.
  std::vector<Person> people_;
  std::vector<Auction> auctions_;
  std::vector<Bid> bids_;
};

}  // namespace nexmark
