// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/value_text.h"

#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace streampark::connectors {
namespace {

std::string Decimal(std::string_view text, int precision, int scale) {
  const auto unscaled = ParseDecimal(text, precision, scale);
  if (!unscaled) {
    return "refused";
  }
  std::string out;
  AppendDecimal(*unscaled, scale, out);
  return out;
}

template <typename T>
std::string Refused(std::optional<T> value) {
  return value ? std::to_string(*value) : "refused";
}

std::string TimestampText(std::int64_t micros) {
  std::string out;
  AppendTimestamp(micros, 'T', out);
  return out;
}

TEST(Decimals, AreReadAndWrittenExactly) {
  EXPECT_EQ(Decimal("12.5", 10, 2), "12.50");
  EXPECT_EQ(Decimal("-0.05", 3, 2), "-0.05");
  EXPECT_EQ(Decimal("0", 1, 0), "0");
  EXPECT_EQ(Decimal("-0.000", 3, 2), "0.00");
  EXPECT_EQ(Decimal("1.5000000000000000000000000000000000000000000000", 2, 1), "1.5");
  EXPECT_EQ(Decimal("000000000000000000000000000000000000000000000001", 1, 0), "1");
  EXPECT_EQ(Decimal("1e3", 4, 0), "1000");
  EXPECT_EQ(Decimal("12500E-2", 5, 2), "125.00");
  EXPECT_EQ(Decimal("0e99999", 1, 0), "0");
  EXPECT_EQ(Decimal("99999999999999999999999999999999999999", 38, 0),
            "99999999999999999999999999999999999999");
  EXPECT_EQ(Decimal("-9.9999999999999999999999999999999999999", 38, 37),
            "-9.9999999999999999999999999999999999999");
  EXPECT_EQ(Decimal("100200300400500600700800900", 38, 5), "100200300400500600700800900.00000");
}

TEST(Decimals, AreNeverRounded) {
  for (const std::string_view bad :
       {"0.125", "1000", "", "-", ".", "1.2.3", "1e", "1e+-1", "1e400000000000", "0x1", "nan", "1 ",
        " 1", "99999999999999999999999999999999999999999999", "1,5"}) {
    EXPECT_EQ(Decimal(bad, 5, 2), "refused") << bad;
  }
  EXPECT_EQ(Decimal("100000000000000000000000000000000000000", 38, 0), "refused");
}

TEST(Decimals, RoundTrip) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const int scale = static_cast<int>(random() % 39);
    Int128 value = static_cast<Int128>(random() >> 1) * static_cast<Int128>(random() >> 1);
    value = value % PowerOfTen(static_cast<int>(random() % 39)) * (random() % 2 == 0 ? 1 : -1);
    std::string text;
    AppendDecimal(value, scale, text);
    const auto back = ParseDecimal(text, 38, scale);
    ASSERT_TRUE(back && *back == value) << text;
  }
}

TEST(Dates, FollowTheGregorianCalendar) {
  EXPECT_EQ(ParseDate("1970-01-01"), 0);
  EXPECT_EQ(ParseDate("1969-12-31"), -1);
  EXPECT_EQ(ParseDate("2000-02-29"), 11016);
  EXPECT_EQ(ParseDate("0000-03-01"), -719468);
  for (const std::string_view bad :
       {"1900-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "20260101", "2026-01-01 ",
        "12026-01-31", "", "+9999999-01-01"}) {
    EXPECT_EQ(ParseDate(bad), std::nullopt) << bad;
  }
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const auto days = static_cast<std::int32_t>(random() % 2'000'000'000) - 1'000'000'000;
    std::string text;
    AppendDate(days, text);
    ASSERT_EQ(ParseDate(text), days) << text;
  }
}

TEST(Times, AreExactToTheMicrosecond) {
  EXPECT_EQ(ParseTime("09:05"), 32'700'000'000);
  EXPECT_EQ(ParseTime("23:59:59.999999"), 86'399'999'999);
  EXPECT_EQ(ParseTime("00:00:00.000001000"), 1);
  for (const std::string_view bad :
       {"24:00:00", "09:60", "09:05:60", "9:05", "09:05:00.", "00:00:00.0000001", "09"}) {
    EXPECT_EQ(ParseTime(bad), std::nullopt) << bad;
  }
}

TEST(Timestamps, AreReadInTheFormsThatSystemsWrite) {
  EXPECT_EQ(ParseTimestamp("1970-01-01T00:00:01"), 1'000'000);
  EXPECT_EQ(ParseTimestamp("1970-01-01 00:00:00.5"), 500'000);
  EXPECT_EQ(ParseTimestamp("1970-01-02"), 86'400'000'000);
  EXPECT_EQ(ParseTimestamp("1970-01-01T00:00:00Z"), std::nullopt);
  EXPECT_EQ(ParseInstant("1970-01-01T02:00:00+02:00", MissingZone::kIsRefused), 0);
  EXPECT_EQ(ParseInstant("1969-12-31T22:30:00-0130", MissingZone::kIsRefused), 0);
  EXPECT_EQ(ParseInstant("1970-01-01 02:00:00+02", MissingZone::kIsRefused), 0);
  EXPECT_EQ(ParseInstant("1970-01-01T00:00:00", MissingZone::kIsUtc), 0);
  EXPECT_EQ(ParseInstant("1970-01-01T00:00:00", MissingZone::kIsRefused), std::nullopt);
  for (const std::string_view bad : {"1970-01-01T00:00:00+", "1970-01-01T00:00:00+2", "1970-01-01T",
                                     "1970-01-01T00:00:00Zx", "+999999-01-01"}) {
    EXPECT_EQ(ParseInstant(bad, MissingZone::kIsUtc), std::nullopt) << bad;
  }
}

TEST(Timestamps, RoundTrip) {
  EXPECT_EQ(TimestampText(-1), "1969-12-31T23:59:59.999999");
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const auto micros = static_cast<std::int64_t>(random());
    ASSERT_EQ(Refused(ParseTimestamp(TimestampText(micros))), std::to_string(micros))
        << TimestampText(micros);
  }
  for (const auto edge :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(Refused(ParseTimestamp(TimestampText(edge))), std::to_string(edge));
  }
}

}  // namespace
}  // namespace streampark::connectors
