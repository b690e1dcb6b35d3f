// SPDX-License-Identifier: Apache-2.0
#include "numeric.h"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "wire_bytes.h"

namespace streampark::connectors::postgres {
namespace {

constexpr std::uint16_t kNegative = 0x4000;
constexpr std::uint16_t kNaN = 0xc000;
constexpr std::uint16_t kPlusInfinity = 0xd000;
constexpr std::uint16_t kMinusInfinity = 0xf000;
constexpr int kBase = 10'000;
constexpr int kDigitsOfBase = 4;
constexpr std::size_t kMostDigits = 140'000;  // more than the server takes

struct Parts {
  std::int16_t weight = 0;
  std::uint16_t sign = 0;
  std::uint16_t shown_scale = 0;
  std::vector<std::uint16_t> digits;
};

bool ReadParts(std::string_view bytes, Parts& parts) {
  WireReader in(bytes);
  const auto count = in.Take<std::uint16_t>();
  parts.weight = in.Take<std::int16_t>();
  parts.sign = in.Take<std::uint16_t>();
  parts.shown_scale = in.Take<std::uint16_t>();
  for (std::uint16_t i = 0; i < count && !in.failed(); ++i) {
    const auto digit = in.Take<std::uint16_t>();
    if (digit >= kBase) {
      return false;
    }
    parts.digits.push_back(digit);
  }
  return !in.failed() && in.rest().empty();
}

/// The digit of base 10000 whose weight that is.
int DigitAt(const Parts& parts, int weight) {
  const int index = parts.weight - weight;
  return index >= 0 && index < static_cast<int>(parts.digits.size())
             ? parts.digits[static_cast<std::size_t>(index)]
             : 0;
}

void AppendFour(int digit, std::string& out) {
  for (const int power : {1'000, 100, 10, 1}) {
    out.push_back(static_cast<char>('0' + digit / power % 10));
  }
}

/// Decimals of so many digits are a machine word, and most are: 128 bits cost several times as much.
constexpr int kDigitsOfWord = 18;

constexpr auto kWords = [] {
  std::array<std::uint64_t, kDigitsOfWord + 1> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) {
    powers[i] = powers[i - 1] * 10;
  }
  return powers;
}();

/// The wire's form of a number; its digits are of the base 10,000, the first of them `weight` places before the point.
struct WireNumber {
  const char* digits = nullptr;
  int count = 0;
  int weight = 0;
  std::uint16_t sign = 0;

  /// Absent for what is no number (NaN, infinity) or cut short.
  static std::optional<WireNumber> Of(std::string_view bytes) {
    if (bytes.size() < 8) {
      return std::nullopt;
    }
    const char* const at = bytes.data();
    const WireNumber number{.digits = at + 8,
                            .count = FromWire<std::uint16_t>(at),
                            .weight = FromWire<std::int16_t>(at + 2),
                            .sign = FromWire<std::uint16_t>(at + 4)};
    const bool whole = bytes.size() == 8 + static_cast<std::size_t>(number.count) * 2;
    return whole && (number.sign == 0 || number.sign == kNegative) ? std::optional(number)
                                                                   : std::nullopt;
  }
  std::uint16_t digit(int i) const { return FromWire<std::uint16_t>(digits + i * 2); }
};

/// NumericValue up to that precision.
std::optional<Int128> ShortValue(const WireNumber& number, int precision, int scale) {
  const std::uint64_t limit = kWords[static_cast<std::size_t>(precision)];
  std::uint64_t value = 0;
  int place = number.weight * kDigitsOfBase +
              scale;  // of the digit's least decimal, from that of the value
  for (int i = 0; i < number.count; ++i, place -= kDigitsOfBase) {
    std::uint64_t digit = number.digit(i);
    if (digit == 0) {
      continue;
    }
    if (place < 0) {
      if (place <= -kDigitsOfBase) {
        return std::nullopt;
      }
      const std::uint64_t beyond = kWords[static_cast<std::size_t>(-place)];
      if (digit % beyond != 0) {
        return std::nullopt;  // digits beyond the scale
      }
      digit /= beyond;
    } else if (place > kDigitsOfWord ||
               __builtin_mul_overflow(digit, kWords[static_cast<std::size_t>(place)], &digit)) {
      return std::nullopt;
    }
    if (digit >= limit || (value += digit) >= limit) {  // both are far below the word's end
      return std::nullopt;
    }
  }
  return number.sign == kNegative ? -Int128{value} : Int128{value};
}

void WriteParts(std::int16_t weight, std::uint16_t sign, int shown_scale,
                const std::uint16_t* digits, std::size_t count, std::string& out) {
  AppendToWire(static_cast<std::uint16_t>(count), out);
  AppendToWire(weight, out);
  AppendToWire(sign, out);
  AppendToWire(static_cast<std::uint16_t>(shown_scale), out);
  for (std::size_t i = 0; i < count; ++i) {
    AppendToWire(digits[i], out);
  }
}

/// `rest` / 10^scale, of 64 or 128 bits.
template <typename Rest>
void AppendDigits(Rest rest, bool negative, int scale, std::string& out) {
  // Digits from the least on, the first filled up with zeros so that the point is between two.
  std::array<std::uint16_t, 24> digits;
  std::size_t count = 0;
  const int fill = (kDigitsOfBase - scale % kDigitsOfBase) % kDigitsOfBase;
  if (fill > 0) {
    const auto below =
        static_cast<std::uint32_t>(kWords[static_cast<std::size_t>(kDigitsOfBase - fill)]);
    digits[count++] = static_cast<std::uint16_t>(static_cast<std::uint32_t>(rest % below) *
                                                 (std::uint32_t{kBase} / below));
    rest /= below;
  }
  while (rest > 0) {
    digits[count++] = static_cast<std::uint16_t>(rest % std::uint32_t{kBase});
    rest /= std::uint32_t{kBase};
  }
  const int fraction_digits = (scale + fill) / kDigitsOfBase;
  std::size_t first = 0;  // without zeros at the end
  while (first < count && digits[first] == 0) {
    ++first;
  }
  while (count > first && digits[count - 1] == 0) {
    --count;
  }
  const bool zero = count == first;
  std::array<char, 8 + 24 * 2> bytes;
  WriteToWire(static_cast<std::uint16_t>(count - first), bytes.data());
  WriteToWire(static_cast<std::int16_t>(zero ? 0 : static_cast<int>(count) - 1 - fraction_digits),
              bytes.data() + 2);
  WriteToWire(zero || !negative ? std::uint16_t{0} : kNegative, bytes.data() + 4);
  WriteToWire(static_cast<std::uint16_t>(scale), bytes.data() + 6);
  char* at = bytes.data() + 8;
  for (std::size_t i = count; i > first; --i, at += 2) {
    WriteToWire(digits[i - 1], at);
  }
  out.append(bytes.data(), at);
}

}  // namespace

std::optional<std::string> NumericText(std::string_view bytes) {
  Parts parts;
  if (!ReadParts(bytes, parts)) {
    return std::nullopt;
  }
  switch (parts.sign) {
    case kNaN:
      return "NaN";
    case kPlusInfinity:
      return "Infinity";
    case kMinusInfinity:
      return "-Infinity";
    default:
      break;
  }
  std::string text;
  for (int weight = parts.weight; weight >= 0; --weight) {
    AppendFour(DigitAt(parts, weight), text);
  }
  text.erase(0, std::min(text.find_first_not_of('0'), text.size()));
  if (text.empty()) {
    text = "0";
  }
  if (parts.shown_scale > 0) {
    std::string fraction;
    for (int weight = -1; static_cast<int>(fraction.size()) < parts.shown_scale; --weight) {
      AppendFour(DigitAt(parts, weight), fraction);
    }
    fraction.resize(parts.shown_scale);
    text.append(".").append(fraction);
  }
  return parts.sign == kNegative ? "-" + text : text;
}

std::optional<Int128> NumericValue(std::string_view bytes, int precision, int scale) {
  const auto number = WireNumber::Of(bytes);
  if (!number || precision <= kDigitsOfWord) {
    return number ? ShortValue(*number, precision, scale) : std::nullopt;
  }
  Int128 value = 0;
  const Int128 limit = PowerOfTen(precision);
  for (int i = 0; i < number->count; ++i) {
    int digit = number->digit(i);
    // The least decimal place of this digit, counted from that of the value.
    const int place = (number->weight - i) * kDigitsOfBase + scale;
    if (digit == 0) {
      continue;
    }
    int shift = place;
    for (; shift < 0; ++shift) {
      if (digit % 10 != 0) {
        return std::nullopt;  // digits beyond the scale
      }
      digit /= 10;
    }
    if (shift > 38) {
      return std::nullopt;
    }
    const Int128 power = PowerOfTen(shift);
    if (power > limit || Int128{digit} > limit / power) {
      return std::nullopt;
    }
    value += digit * power;
    if (value >= limit) {
      return std::nullopt;
    }
  }
  return number->sign == kNegative ? -value : value;
}

void AppendNumeric(Int128 unscaled, int scale, std::string& out) {
  const auto size = static_cast<unsigned __int128>(unscaled < 0 ? -unscaled : unscaled);
  if (size <= std::numeric_limits<std::uint64_t>::max()) {
    AppendDigits(static_cast<std::uint64_t>(size), unscaled < 0, scale, out);
  } else {
    AppendDigits(size, unscaled < 0, scale, out);
  }
}

bool AppendNumeric(std::string_view text, std::string& out) {
  if (text == "NaN" || text == "Infinity" || text == "-Infinity") {
    WriteParts(0,
               text == "NaN"        ? kNaN
               : text == "Infinity" ? kPlusInfinity
                                    : kMinusInfinity,
               0, nullptr, 0, out);
    return true;
  }
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) {
    text.remove_prefix(1);
  }
  const auto point = std::min(text.find('.'), text.size());
  std::string whole(text.substr(0, point));
  std::string fraction(text.substr(std::min(point + 1, text.size())));
  const bool only_digits = (whole + fraction).find_first_not_of("0123456789") == std::string::npos;
  if (whole.size() + fraction.size() == 0 || !only_digits ||
      whole.size() + fraction.size() > kMostDigits || fraction.size() > 16'383) {
    return false;
  }
  const int shown = static_cast<int>(fraction.size());
  whole.insert(0, (kDigitsOfBase - whole.size() % kDigitsOfBase) % kDigitsOfBase, '0');
  fraction.append((kDigitsOfBase - fraction.size() % kDigitsOfBase) % kDigitsOfBase, '0');
  const std::string all = whole + fraction;
  std::vector<std::uint16_t> digits;
  for (std::size_t i = 0; i < all.size(); i += kDigitsOfBase) {
    int digit = 0;
    for (std::size_t j = i; j < i + kDigitsOfBase; ++j) {
      digit = digit * 10 + (all[j] - '0');
    }
    digits.push_back(static_cast<std::uint16_t>(digit));
  }
  int weight = static_cast<int>(whole.size()) / kDigitsOfBase - 1;
  while (!digits.empty() && digits.back() == 0) {
    digits.pop_back();
  }
  std::size_t first = 0;
  while (first < digits.size() && digits[first] == 0) {
    ++first;
    --weight;
  }
  const bool zero = digits.empty();
  WriteParts(zero ? std::int16_t{0} : static_cast<std::int16_t>(weight),
             negative && !zero ? kNegative : std::uint16_t{0}, shown, digits.data() + first,
             digits.size() - first, out);
  return true;
}

}  // namespace streampark::connectors::postgres
