// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/value_text.h"

#include <array>
#include <charconv>
#include <limits>

#include "streampark/base/check.h"

namespace streampark::connectors {
namespace {

constexpr int kMostDigits = 38;
constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

constexpr auto kPowers = [] {
  std::array<Int128, kMostDigits + 1> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) {
    powers[i] = powers[i - 1] * 10;
  }
  return powers;
}();

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// Digits of `number`, with zeros before it up to `width`, which is at most 8.
char* PutPadded(std::uint32_t number, int width, char* out) {
  for (int i = width; i > 0; --i) {
    out[i - 1] = static_cast<char>('0' + number % 10);
    number /= 10;
  }
  return out + width;
}

/// Reads from the front of a text; a read that does not fit leaves it failed.
class Front {
 public:
  explicit Front(std::string_view text) : rest_(text) {}

  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }
  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }
  void Expect(char c) { failed_ = !Take(c) || failed_; }
  /// Exactly `count` digits.
  int Digits(std::size_t count) {
    int number = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_.size() <= i || !IsDigit(rest_[i])) {
        failed_ = true;
        return 0;
      }
      number = number * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return number;
  }
  std::size_t CountDigits() const {
    std::size_t count = 0;
    while (count < rest_.size() && IsDigit(rest_[count])) {
      ++count;
    }
    return count;
  }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

// The two conversions are Howard Hinnant's, https://howardhinnant.github.io/date_algorithms.html.
std::int64_t DaysFromCivil(std::int64_t year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

struct Civil {
  std::int64_t year;
  int month, day;
};

Civil CivilFromDays(std::int64_t days) {
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const std::int64_t day_of_era = days - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_index = (5 * day_of_year + 2) / 153;
  const int day = static_cast<int>(day_of_year - (153 * month_index + 2) / 5 + 1);
  const int month = static_cast<int>(month_index < 10 ? month_index + 3 : month_index - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

constexpr std::size_t kLongestText = 48;

char* PutDate(std::int32_t days, char* out) {
  const Civil civil = CivilFromDays(days);
  if (civil.year < 0) {
    *out++ = '-';
  } else if (civil.year > 9999) {
    *out++ = '+';
  }
  const auto year = static_cast<std::uint32_t>(civil.year < 0 ? -civil.year : civil.year);
  out = PutPadded(year, year < 10'000 ? 4 : year < 100'000 ? 5 : year < 1'000'000 ? 6 : 7, out);
  *out++ = '-';
  out = PutPadded(static_cast<std::uint32_t>(civil.month), 2, out);
  *out++ = '-';
  return PutPadded(static_cast<std::uint32_t>(civil.day), 2, out);
}

char* PutTime(std::int64_t micros, char* out) {
  const auto seconds = static_cast<std::uint32_t>(micros / kMicrosPerSecond);
  out = PutPadded(seconds / 3600, 2, out);
  *out++ = ':';
  out = PutPadded(seconds / 60 % 60, 2, out);
  *out++ = ':';
  out = PutPadded(seconds % 60, 2, out);
  const auto fraction = static_cast<std::uint32_t>(micros % kMicrosPerSecond);
  if (fraction > 0) {
    *out++ = '.';
    out = PutPadded(fraction, 6, out);
    while (out[-1] == '0') {
      --out;
    }
  }
  return out;
}

int DaysInMonth(std::int64_t year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

std::int64_t ReadDate(Front& in, bool& failed) {
  const bool minus = in.Take('-');
  const bool sign = minus || in.Take('+');
  const std::size_t digits = in.CountDigits();
  if (digits < 4 || digits > 7 || (digits > 4 && !sign)) {
    failed = true;
    return 0;
  }
  const int positive = in.Digits(digits);
  const std::int64_t year = minus ? -positive : positive;
  in.Expect('-');
  const int month = in.Digits(2);
  in.Expect('-');
  const int day = in.Digits(2);
  if (in.failed() || month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, month)) {
    failed = true;
    return 0;
  }
  return DaysFromCivil(year, month, day);
}

std::int64_t ReadTime(Front& in, bool& failed) {
  const int hour = in.Digits(2);
  in.Expect(':');
  const int minute = in.Digits(2);
  int second = 0;
  std::int64_t micros = 0;
  if (in.Take(':')) {
    second = in.Digits(2);
    if (in.Take('.')) {
      const std::size_t digits = in.CountDigits();
      if (digits < 1 || digits > 9) {
        failed = true;
        return 0;
      }
      micros = in.Digits(digits);
      for (std::size_t i = digits; i < 9; ++i) {
        micros *= 10;
      }
      failed = micros % 1000 != 0 || failed;
      micros /= 1000;
    }
  }
  failed = in.failed() || hour > 23 || minute > 59 || second > 59 || failed;
  return (hour * 3600 + minute * 60 + second) * kMicrosPerSecond + micros;
}

std::int64_t ReadTimestamp(Front& in, bool& failed) {
  const std::int64_t days = ReadDate(in, failed);
  std::int64_t micros = 0;
  if (!failed && (in.Take('T') || in.Take(' ') || in.Take('t'))) {
    micros = ReadTime(in, failed);
  }
  // Wide, since the first representable day begins before the first representable microsecond.
  const Int128 total = static_cast<Int128>(days) * kMicrosPerDay + micros;
  if (total < std::numeric_limits<std::int64_t>::min() ||
      total > std::numeric_limits<std::int64_t>::max()) {
    failed = true;
    return 0;
  }
  return static_cast<std::int64_t>(total);
}

/// Microseconds east of UTC.
std::int64_t ReadZone(Front& in, MissingZone missing, bool& failed) {
  if (in.at_end()) {
    failed = missing == MissingZone::kIsRefused || failed;
    return 0;
  }
  if (in.Take('Z') || in.Take('z')) {
    return 0;
  }
  const bool west = in.Take('-');
  if (!west) {
    in.Expect('+');
  }
  const int hours = in.Digits(2);
  const int minutes = in.at_end() ? 0 : (in.Take(':'), in.Digits(2));
  failed = in.failed() || hours > 18 || minutes > 59 || failed;
  const std::int64_t offset = (hours * 3600 + minutes * 60) * kMicrosPerSecond;
  return west ? -offset : offset;
}

/// Up to 18 characters without an exponent, in one machine word; absent when the long way has to decide.
std::optional<std::int64_t> ParseShortDecimal(std::string_view text, int precision, int scale) {
  const bool minus = !text.empty() && text.front() == '-';
  if (text.size() > 18 || text.size() < (minus ? 2U : 1U)) {
    return std::nullopt;
  }
  std::int64_t unscaled = 0;
  int places = -1;
  for (std::size_t i = minus ? 1 : 0; i < text.size(); ++i) {
    const auto digit = static_cast<unsigned>(text[i]) - '0';
    if (digit <= 9) {
      unscaled = unscaled * 10 + digit;
      places += places >= 0 ? 1 : 0;
    } else if (text[i] == '.' && places < 0 && text.size() > (minus ? 2U : 1U)) {
      places = 0;
    } else {
      return std::nullopt;
    }
  }
  const int missing = scale - (places < 0 ? 0 : places);
  if (missing < 0 || missing > 18 || precision - missing < 0 ||
      unscaled >= kPowers[static_cast<std::size_t>(precision - missing)]) {
    return std::nullopt;
  }
  if (__builtin_mul_overflow(unscaled,
                             static_cast<std::int64_t>(kPowers[static_cast<std::size_t>(missing)]),
                             &unscaled)) {
    return std::nullopt;
  }
  return minus ? -unscaled : unscaled;
}

}  // namespace

Int128 PowerOfTen(int exponent) {
  SP_CHECK(exponent >= 0 && exponent <= kMostDigits);
  return kPowers[static_cast<std::size_t>(exponent)];
}

void AppendDecimal(Int128 unscaled, int scale, std::string& out) {
  std::array<char, 64> text;
  char* const end = text.data() + text.size();
  char* at = end;  // from the last digit on
  int count = 0;
  const auto put = [&](std::uint64_t digit) {
    if (count == scale && scale > 0) {
      *--at = '.';
    }
    *--at = static_cast<char>('0' + digit);
    ++count;
  };
  __extension__ using Unsigned = unsigned __int128;
  Unsigned rest = unscaled < 0 ? Unsigned(0) - static_cast<Unsigned>(unscaled)
                               : static_cast<Unsigned>(unscaled);
  // 128-bit division is slow: nine digits at a time.
  while (rest > std::numeric_limits<std::uint64_t>::max()) {
    auto piece = static_cast<std::uint32_t>(rest % 1'000'000'000U);
    rest /= 1'000'000'000U;
    for (int i = 0; i < 9; ++i) {
      put(piece % 10);
      piece /= 10;
    }
  }
  for (auto low = static_cast<std::uint64_t>(rest); low > 0; low /= 10) {
    put(low % 10);
  }
  while (count <= scale) {
    put(0);
  }
  if (unscaled < 0) {
    *--at = '-';
  }
  out.append(at, end);
}

std::optional<Int128> ParseDecimal(std::string_view text, int precision, int scale) {
  if (const auto unscaled = ParseShortDecimal(text, precision, scale)) {
    return *unscaled;
  }
  std::size_t at = 0;
  const bool minus = !text.empty() && text[0] == '-';
  at += !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  Int128 unscaled = 0;
  int significant = 0;     // digits from the first that is not zero
  int after_point = 0;     // of those read
  std::int64_t zeros = 0;  // read but not yet counted: they matter only when another digit follows
  bool point = false;
  bool any = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (!IsDigit(c)) {
      break;
    }
    any = true;
    if (c == '0') {
      ++zeros;
      after_point += point ? 1 : 0;
      continue;
    }
    if (significant > 0) {
      significant += static_cast<int>(zeros > kMostDigits ? kMostDigits + 1 : zeros);
      if (significant >= kMostDigits) {
        return std::nullopt;
      }
      unscaled *= PowerOfTen(static_cast<int>(zeros));
    }
    zeros = 0;
    after_point += point ? 1 : 0;
    ++significant;
    unscaled = unscaled * 10 + (c - '0');
  }
  if (!any) {
    return std::nullopt;
  }
  int exponent = 0;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at + 1 < text.size() && text[at] == '+' && IsDigit(text[at + 1])) {
      ++at;
    }
    const auto [end, error] =
        std::from_chars(text.data() + at, text.data() + text.size(), exponent);
    if (error != std::errc() || exponent > 100'000 || exponent < -100'000) {
      return std::nullopt;
    }
    at = static_cast<std::size_t>(end - text.data());
  }
  if (at != text.size()) {
    return std::nullopt;
  }
  if (significant == 0) {
    return Int128(0);
  }
  // The value is unscaled · 10^(zeros - after_point + exponent).
  const std::int64_t shift = zeros - after_point + exponent + scale;
  if (shift < 0 || shift + significant > precision) {
    return std::nullopt;
  }
  unscaled *= PowerOfTen(static_cast<int>(shift));
  return minus ? -unscaled : unscaled;
}

void AppendDate(std::int32_t days, std::string& out) {
  char text[kLongestText];
  out.append(text, PutDate(days, text));
}

std::optional<std::int32_t> ParseDate(std::string_view text) {
  Front in(text);
  bool failed = false;
  const std::int64_t days = ReadDate(in, failed);
  if (failed || !in.at_end() || days < std::numeric_limits<std::int32_t>::min() ||
      days > std::numeric_limits<std::int32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::int32_t>(days);
}

void AppendTime(std::int64_t micros, std::string& out) {
  char text[kLongestText];
  out.append(text, PutTime(micros, text));
}

std::optional<std::int64_t> ParseTime(std::string_view text) {
  Front in(text);
  bool failed = false;
  const std::int64_t micros = ReadTime(in, failed);
  return failed || !in.at_end() ? std::nullopt : std::optional(micros);
}

void AppendTimestamp(std::int64_t micros, char separator, std::string& out) {
  std::int64_t days = micros / kMicrosPerDay;
  std::int64_t rest = micros % kMicrosPerDay;
  if (rest < 0) {
    rest += kMicrosPerDay;
    --days;
  }
  char text[kLongestText];
  char* end = PutDate(static_cast<std::int32_t>(days), text);
  *end++ = separator;
  out.append(text, PutTime(rest, end));
}

std::optional<std::int64_t> ParseTimestamp(std::string_view text) {
  Front in(text);
  bool failed = false;
  const std::int64_t micros = ReadTimestamp(in, failed);
  return failed || !in.at_end() ? std::nullopt : std::optional(micros);
}

std::optional<std::int64_t> ParseInstant(std::string_view text, MissingZone missing) {
  Front in(text);
  bool failed = false;
  std::int64_t micros = ReadTimestamp(in, failed);
  if (failed) {
    return std::nullopt;
  }
  const std::int64_t offset = ReadZone(in, missing, failed);
  if (failed || !in.at_end() || __builtin_sub_overflow(micros, offset, &micros)) {
    return std::nullopt;
  }
  return micros;
}

}  // namespace streampark::connectors
