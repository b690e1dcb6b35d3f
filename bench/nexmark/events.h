// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "streampark/core.h"

/// The events of Nexmark: people who sell, what they put up for auction, and what others bid (Tucker, Tufte, Papadimos, Maier: "NEXMark,
/// a benchmark for queries over data streams"). One stream holds all three, as on Flink's own port of it.
namespace nexmark {

namespace sp = streampark;

struct Person {
  std::int64_t id = 0;
  std::string name;
  std::string email;
  std::string card;
  std::string city;
  std::string state;
  sp::Timestamp at;
  std::string extra;
};
SP_RECORD(Person, id, name, email, card, city, state, at, extra);

struct Auction {
  std::int64_t id = 0;
  std::string item;
  std::string description;
  std::int64_t initial_bid = 0;
  std::int64_t reserve = 0;
  sp::Timestamp at;
  sp::Timestamp expires;
  std::int64_t seller = 0;
  std::int64_t category = 0;
  std::string extra;
};
SP_RECORD(Auction, id, item, description, initial_bid, reserve, at, expires, seller, category,
          extra);

struct Bid {
  std::int64_t auction = 0;
  std::int64_t bidder = 0;
  std::int64_t price = 0;
  std::string channel;
  std::string url;
  sp::Timestamp at;
  std::string extra;
};
SP_RECORD(Bid, auction, bidder, price, channel, url, at, extra);

struct Event {
  std::optional<Person> person;
  std::optional<Auction> auction;
  std::optional<Bid> bid;
};
SP_RECORD(Event, person, auction, bid);

}  // namespace nexmark
