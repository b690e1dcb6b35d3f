// SPDX-License-Identifier: Apache-2.0
#include "generator.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

namespace nexmark {

namespace {

constexpr std::int64_t kFirstMillis = 1'436'918'400'000;  // 2015-07-15
constexpr std::int64_t kFirstId = 1'000;
constexpr std::int64_t kAuctionsAnEpoch = 3;
constexpr std::int64_t kEpoch = 50;  // 1 person, 3 auctions, 46 bids
constexpr std::int64_t kActivePeople = 1'000;
constexpr std::int64_t kAuctionsInFlight = 100;
constexpr std::int64_t kLead = 10;  // ids that are referred to before they come
constexpr std::int64_t kHot = 100;

constexpr std::array<std::string_view, 6> kStates = {"AZ", "CA", "ID", "OR", "WA", "WY"};
constexpr std::array<std::string_view, 10> kCities = {
    "Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland",
    "Bend",    "Redmond",     "Seattle",       "Kent",  "Cheyenne"};
constexpr std::array<std::string_view, 11> kFirstNames = {
    "Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"};
constexpr std::array<std::string_view, 9> kLastNames = {
    "Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"};
struct Channel {
  std::string_view name;
  std::string_view url;
};
constexpr std::array<Channel, 4> kChannels = {{{"Google", "https://www.nexmark.com/Google"},
                                               {"Facebook", "https://www.nexmark.com/Facebook"},
                                               {"Baidu", "https://www.nexmark.com/Baidu"},
                                               {"Apple", "https://www.nexmark.com/Apple"}}};

/// Letters that texts are cut from.
constexpr std::size_t kLetters = 4'096;

/// Steele, Lea, Flood: "Fast splittable pseudorandom number generators" (SplitMix64).
class Dice {
 public:
  constexpr explicit Dice(std::int64_t seed) : state_(static_cast<std::uint64_t>(seed) * kStep) {}
  constexpr std::uint64_t Next() {
    state_ += kStep;
    std::uint64_t bits = state_;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9ULL;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebULL;
    return bits ^ (bits >> 31);
  }
  /// 0 ≤ n < limit.
  constexpr std::int64_t Below(std::int64_t limit) {
    return static_cast<std::int64_t>((Next() >> 32) * static_cast<std::uint64_t>(limit) >> 32);
  }
  /// The same where it is `wanted`, else nothing is thrown. Without a branch: nobody could foretell it.
  std::int64_t BelowIf(bool wanted, std::int64_t limit) {
    Dice thrown = *this;
    const auto result = thrown.Below(limit);
    state_ += static_cast<std::uint64_t>(wanted) * kStep;
    return result;
  }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15ULL;
  std::uint64_t state_;
};

constexpr auto kText = [] {
  std::array<char, kLetters + 256> made{};
  Dice dice(-1);
  for (char& letter : made) {
    letter = static_cast<char>('a' + dice.Below(26));
  }
  return made;
}();

/// What std::string::assign does, which has to expect a part of the string itself.
void Assign(std::string_view text, std::string& into) {
  into.clear();
  into.append(text);
}

/// Letters, at least half as many as `most`.
void Text(Dice& dice, std::int64_t most, std::string& into) {
  const auto length = most / 2 + dice.Below(most / 2 + 1);
  Assign({kText.data() + dice.Below(kLetters), static_cast<std::size_t>(length)}, into);
}

template <typename T, std::size_t N>
const T& OneOf(Dice& dice, const std::array<T, N>& all) {
  return all[static_cast<std::size_t>(dice.Below(N))];
}

/// A number below 10,000 as text.
class Digits {
 public:
  explicit Digits(std::int64_t number) {
    const auto four = static_cast<std::uint32_t>(number);
    const auto at = [four](std::uint32_t power) {
      return static_cast<char>('0' + four / power % 10);
    };
    padded_ = {at(1'000), at(100), at(10), at(1)};
    zeros_ = static_cast<std::size_t>(four < 1'000) + static_cast<std::size_t>(four < 100) +
             static_cast<std::size_t>(four < 10);
  }
  std::string_view view() const { return {padded_.data() + zeros_, padded_.size() - zeros_}; }

 private:
  std::array<char, 4> padded_;
  std::size_t zeros_;
};

/// Up to four bytes after a text.
template <std::size_t N>
void Join(const char (&before)[N], std::string_view after, std::string& into) {
  std::array<char, N - 1 + 4> joined;
  std::memcpy(joined.data(), before, N - 1);
  std::memcpy(joined.data() + N - 1, after.data(), after.size());
  Assign({joined.data(), N - 1 + after.size()}, into);
}

/// Spread evenly over six orders of magnitude.
std::int64_t Price(Dice& dice) {
  static constexpr std::array<std::int64_t, 6> kPowers = {100,     1'000,     10'000,
                                                          100'000, 1'000'000, 10'000'000};
  const auto power = OneOf(dice, kPowers);
  return power * (1'000 + dice.Below(9'000)) / 1'000;
}

std::int64_t MillisOf(std::int64_t number) { return kFirstMillis + number / 10; }
sp::Timestamp TimeOf(std::int64_t millis) {
  return sp::Timestamp(std::chrono::milliseconds(millis));
}

std::int64_t LastPerson(std::int64_t number) { return number / kEpoch; }
std::int64_t LastAuction(std::int64_t number) {
  const auto place = number % kEpoch;
  const auto epoch = number / kEpoch;
  if (place < 1) {
    return epoch * kAuctionsAnEpoch - 1;
  }
  return epoch * kAuctionsAnEpoch + std::min(place - 1, kAuctionsAnEpoch - 1);
}

/// Throws the dice where it is `wanted`.
std::int64_t AnyPerson(std::int64_t number, bool wanted, Dice& dice) {
  const auto people = LastPerson(number) + 1;
  const auto active = std::min(people, kActivePeople);
  return people - active + dice.BelowIf(wanted, active + kLead);
}
std::int64_t AnyAuction(std::int64_t number, bool wanted, Dice& dice) {
  const auto last = std::max<std::int64_t>(LastAuction(number), 0);
  const auto first = std::max<std::int64_t>(last - kAuctionsInFlight, 0);
  return first + dice.BelowIf(wanted, last - first + 1 + kLead);
}

void MakePerson(std::int64_t number, Person& person) {
  Dice dice(number);
  person.id = kFirstId + LastPerson(number);
  person.name = OneOf(dice, kFirstNames);
  person.name += ' ';
  person.name += OneOf(dice, kLastNames);
  Text(dice, 14, person.email);
  person.email += "@example.com";
  person.card.clear();
  for (int part = 0; part < 4; ++part) {
    person.card += Digits(1'000 + dice.Below(9'000)).view();
    person.card += part < 3 ? " " : "";
  }
  person.city = OneOf(dice, kCities);
  person.state = OneOf(dice, kStates);
  person.at = TimeOf(MillisOf(number));
  Text(dice, 100, person.extra);
}

void MakeAuction(std::int64_t number, Auction& auction) {
  Dice dice(number);
  auction.id = kFirstId + LastAuction(number);
  Text(dice, 20, auction.item);
  Text(dice, 100, auction.description);
  auction.initial_bid = Price(dice);
  auction.reserve = auction.initial_bid + Price(dice);
  const auto now = MillisOf(number);
  const auto horizon = MillisOf(number + kAuctionsInFlight * kEpoch / kAuctionsAnEpoch) - now;
  auction.at = TimeOf(now);
  auction.expires = TimeOf(now + 1 + dice.Below(std::max<std::int64_t>(horizon * 2, 1)));
  const bool hot_seller = dice.Below(4) > 0;
  const auto seller = AnyPerson(number, !hot_seller, dice);
  auction.seller = kFirstId + (hot_seller ? LastPerson(number) / kHot * kHot : seller);
  auction.category = 10 + dice.Below(5);
  Text(dice, 200, auction.extra);
}

void MakeBid(std::int64_t number, Bid& bid) {
  Dice dice(number);
  const bool hot_auction = dice.Below(2) > 0;
  const auto auction = AnyAuction(number, !hot_auction, dice);
  bid.auction = kFirstId + (hot_auction ? LastAuction(number) / kHot * kHot : auction);
  const bool hot_bidder = dice.Below(4) > 0;
  const auto bidder = AnyPerson(number, !hot_bidder, dice);
  bid.bidder = kFirstId + (hot_bidder ? LastPerson(number) / kHot * kHot + 1 : bidder);
  bid.price = Price(dice);
  if (dice.Below(2) > 0) {
    const auto& channel = OneOf(dice, kChannels);
    Assign(channel.name, bid.channel);
    Assign(channel.url, bid.url);
  } else {
    const Digits channel(dice.Below(10'000));
    Join("channel-", channel.view(), bid.channel);
    Join("https://www.nexmark.com/item.htm?query=1&channel_id=", channel.view(), bid.url);
  }
  bid.at = TimeOf(MillisOf(number));
  Text(dice, 32, bid.extra);
}

}  // namespace

template <typename T>
T& EventMaker::Make(std::optional<T>& field, std::vector<T>& aside) {
  if (!field) {
    if (aside.empty()) {
      return field.emplace();
    }
    field.emplace(std::move(aside.back()));
    aside.pop_back();
  }
  return *field;
}

template <typename T>
void EventMaker::PutAside(std::optional<T>& field, std::vector<T>& aside) {
  if (field) {
    aside.push_back(std::move(*field));
    field.reset();
  }
}

void EventMaker::operator()(std::int64_t number, Event& event) {
  const auto place = number % kEpoch;
  if (place > kAuctionsAnEpoch) {
    PutAside(event.person, people_);
    PutAside(event.auction, auctions_);
    MakeBid(number, Make(event.bid, bids_));
  } else if (place > 0) {
    PutAside(event.person, people_);
    PutAside(event.bid, bids_);
    MakeAuction(number, Make(event.auction, auctions_));
  } else {
    PutAside(event.auction, auctions_);
    PutAside(event.bid, bids_);
    MakePerson(number, Make(event.person, people_));
  }
}

}  // namespace nexmark
