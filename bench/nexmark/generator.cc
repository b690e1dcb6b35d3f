// SPDX-License-Identifier: Apache-2.0
#include "generator.h"

#include <algorithm>
#include <array>
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
constexpr std::array<std::string_view, 4> kChannels = {"Google", "Facebook", "Baidu", "Apple"};

/// Letters that texts are cut from.
constexpr std::size_t kLetters = 4'096;

/// Steele, Lea, Flood: "Fast splittable pseudorandom number generators" (SplitMix64).
class Dice {
 public:
  explicit Dice(std::int64_t seed)
      : state_(static_cast<std::uint64_t>(seed) * 0x9e3779b97f4a7c15ULL) {}
  std::uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t bits = state_;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9ULL;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebULL;
    return bits ^ (bits >> 31);
  }
  /// 0 ≤ n < limit.
  std::int64_t Below(std::int64_t limit) {
    return static_cast<std::int64_t>((Next() >> 32) * static_cast<std::uint64_t>(limit) >> 32);
  }

 private:
  std::uint64_t state_;
};

const std::array<char, kLetters + 256>& Letters() {
  static const auto letters = [] {
    std::array<char, kLetters + 256> made{};
    Dice dice(-1);
    for (char& letter : made) {
      letter = static_cast<char>('a' + dice.Below(26));
    }
    return made;
  }();
  return letters;
}

/// Letters, at least half as many as `most`.
void Text(Dice& dice, std::int64_t most, std::string& into) {
  const auto length = most / 2 + dice.Below(most / 2 + 1);
  into.assign(Letters().data() + dice.Below(kLetters), static_cast<std::size_t>(length));
}

template <std::size_t N>
std::string_view OneOf(Dice& dice, const std::array<std::string_view, N>& words) {
  return words[static_cast<std::size_t>(dice.Below(N))];
}

void AppendNumber(std::string& text, std::int64_t number) {
  std::array<char, 20> digits{};
  std::size_t at = digits.size();
  do {
    digits[--at] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  text.append(digits.data() + at, digits.size() - at);
}

/// Spread evenly over six orders of magnitude.
std::int64_t Price(Dice& dice) {
  std::int64_t power = 100;
  for (auto left = dice.Below(6); left > 0; --left) {
    power *= 10;
  }
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

std::int64_t AnyPerson(std::int64_t number, Dice& dice) {
  const auto people = LastPerson(number) + 1;
  const auto active = std::min(people, kActivePeople);
  return people - active + dice.Below(active + kLead);
}
std::int64_t AnyAuction(std::int64_t number, Dice& dice) {
  const auto last = std::max<std::int64_t>(LastAuction(number), 0);
  const auto first = std::max<std::int64_t>(last - kAuctionsInFlight, 0);
  return first + dice.Below(last - first + 1 + kLead);
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
    AppendNumber(person.card, 1'000 + dice.Below(9'000));
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
  auction.seller =
      kFirstId + (dice.Below(4) > 0 ? LastPerson(number) / kHot * kHot : AnyPerson(number, dice));
  auction.category = 10 + dice.Below(5);
  Text(dice, 200, auction.extra);
}

void MakeBid(std::int64_t number, Bid& bid) {
  Dice dice(number);
  bid.auction =
      kFirstId + (dice.Below(2) > 0 ? LastAuction(number) / kHot * kHot : AnyAuction(number, dice));
  bid.bidder = kFirstId +
               (dice.Below(4) > 0 ? LastPerson(number) / kHot * kHot + 1 : AnyPerson(number, dice));
  bid.price = Price(dice);
  bid.url = "https://www.nexmark.com/";
  if (dice.Below(2) > 0) {
    bid.channel = OneOf(dice, kChannels);
    bid.url += bid.channel;
  } else {
    const auto channel = dice.Below(10'000);
    bid.channel = "channel-";
    AppendNumber(bid.channel, channel);
    bid.url += "item.htm?query=1&channel_id=";
    AppendNumber(bid.url, channel);
  }
  bid.at = TimeOf(MillisOf(number));
  Text(dice, 32, bid.extra);
}

/// Keeps what the field held, so that its texts keep their room.
template <typename T>
T& Kept(std::optional<T>& field) {
  return field ? *field : field.emplace();
}

}  // namespace

void MakeEvent(std::int64_t number, Event& event) {
  const auto place = number % kEpoch;
  if (place == 0) {
    event.auction.reset();
    event.bid.reset();
    MakePerson(number, Kept(event.person));
  } else if (place <= kAuctionsAnEpoch) {
    event.person.reset();
    event.bid.reset();
    MakeAuction(number, Kept(event.auction));
  } else {
    event.person.reset();
    event.auction.reset();
    MakeBid(number, Kept(event.bid));
  }
}

}  // namespace nexmark
