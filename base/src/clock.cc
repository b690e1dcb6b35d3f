// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/clock.h"

#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

namespace streampark::base {
namespace {

struct DurationUnit {
  std::string_view suffix;
  long long millis;
};

// Longest first: the formatter takes the first unit that divides exactly.
constexpr std::array<DurationUnit, 5> kDurationUnits = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

/// Takes exactly `count` digits off the front of `text`; absent when they are not there.
std::optional<int> TakeDigits(std::string_view& text, std::size_t count) {
  if (text.size() < count) {
    return std::nullopt;
  }
  int number = 0;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return number;
}

bool TakeOneOf(std::string_view& text, std::string_view allowed) {
  if (text.empty() || allowed.find(text.front()) == std::string_view::npos) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

/// The part after the seconds' point as milliseconds; finer digits are cut off.
std::optional<int> TakeFraction(std::string_view& text) {
  int millis = 0;
  int scale = 100;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    millis += (text[digits] - '0') * scale;
    scale /= 10;
  }
  if (digits == 0) {
    return std::nullopt;
  }
  text.remove_prefix(digits);
  return millis;
}

std::optional<std::chrono::minutes> TakeOffset(std::string_view& text) {
  if (TakeOneOf(text, "Zz")) {
    return std::chrono::minutes(0);
  }
  const bool negative = !text.empty() && text.front() == '-';
  if (!TakeOneOf(text, "+-")) {
    return std::nullopt;
  }
  const auto hours = TakeDigits(text, 2);
  if (!hours || !TakeOneOf(text, ":")) {
    return std::nullopt;
  }
  const auto minutes = TakeDigits(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) {
    return std::nullopt;
  }
  const std::chrono::minutes offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return negative ? -offset : offset;
}

}  // namespace

Timestamp SystemClock::Now() const {
  return std::chrono::floor<Millis>(std::chrono::system_clock::now());
}

SteadyTime SystemClock::SteadyNow() const { return std::chrono::steady_clock::now(); }

ManualClock::ManualClock(Timestamp start) : start_(start) {}

Timestamp ManualClock::Now() const { return start_ + Millis(elapsed_ms_.load()); }

SteadyTime ManualClock::SteadyNow() const { return SteadyTime(Millis(elapsed_ms_.load())); }

void ManualClock::Advance(Millis by) { elapsed_ms_ += by.count(); }

std::string FormatTimestamp(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

std::optional<Timestamp> ParseTimestamp(std::string_view text) {
  const auto year = TakeDigits(text, 4);
  if (!year || !TakeOneOf(text, "-")) {
    return std::nullopt;
  }
  const auto month = TakeDigits(text, 2);
  if (!month || !TakeOneOf(text, "-")) {
    return std::nullopt;
  }
  const auto day = TakeDigits(text, 2);
  if (!day || !TakeOneOf(text, "Tt ")) {
    return std::nullopt;
  }
  const auto hour = TakeDigits(text, 2);
  if (!hour || !TakeOneOf(text, ":")) {
    return std::nullopt;
  }
  const auto minute = TakeDigits(text, 2);
  if (!minute || !TakeOneOf(text, ":")) {
    return std::nullopt;
  }
  const auto second = TakeDigits(text, 2);
  if (!second) {
    return std::nullopt;
  }
  int millis = 0;
  if (TakeOneOf(text, ".")) {
    const auto fraction = TakeFraction(text);
    if (!fraction) {
      return std::nullopt;
    }
    millis = *fraction;
  }
  const auto offset = TakeOffset(text);
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  // A leap second is read as the second before it ends: 60 is accepted, as RFC 3339 demands.
  if (!offset || !text.empty() || !date.ok() || *hour > 23 || *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second) + Millis(millis) - *offset;
}

std::optional<Millis> ParseDuration(std::string_view text) {
  long long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) {
    return std::nullopt;
  }
  const std::string_view suffix = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const DurationUnit& unit : kDurationUnits) {
    if (suffix == unit.suffix) {
      if (number > std::numeric_limits<long long>::max() / unit.millis) {
        return std::nullopt;
      }
      return Millis(number * unit.millis);
    }
  }
  return std::nullopt;
}

std::string FormatDuration(Millis duration) {
  if (duration.count() == 0) {
    return "0s";
  }
  for (const DurationUnit& unit : kDurationUnits) {
    if (duration.count() % unit.millis == 0) {
      return fmt::format("{}{}", duration.count() / unit.millis, unit.suffix);
    }
  }
  return fmt::format("{}ms", duration.count());
}

}  // namespace streampark::base
