// SPDX-License-Identifier: Apache-2.0
#include "numeric.h"

#include <random>

#include <gtest/gtest.h>

namespace streampark::connectors::postgres {
namespace {

std::string TextOf(Int128 unscaled, int scale) {
  std::string text;
  connectors::AppendDecimal(unscaled, scale, text);
  return text;
}

TEST(Numeric, ComesBackAsItWent) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const int precision = 1 + static_cast<int>(random() % 38);
    const int scale = static_cast<int>(random() % static_cast<unsigned>(precision + 1));
    const auto large =
        static_cast<Int128>(static_cast<unsigned __int128>(random()) << 63U | random());
    Int128 value = (large < 0 ? -(large + 1) : large) % PowerOfTen(precision);
    if (i % 3 == 0) {
      value = value / PowerOfTen(static_cast<int>(random() % 20)) *
              PowerOfTen(static_cast<int>(random() % 3));
      value %= PowerOfTen(precision);
    }
    value = i % 2 == 0 ? value : -value;
    std::string bytes;
    AppendNumeric(value, scale, bytes);
    ASSERT_EQ(NumericText(bytes), TextOf(value, scale));
    const auto read = NumericValue(bytes, precision, scale);
    ASSERT_TRUE(read.has_value()) << TextOf(value, scale);
    ASSERT_TRUE(*read == value) << TextOf(value, scale);
    std::string from_text;
    ASSERT_TRUE(AppendNumeric(TextOf(value, scale), from_text));
    ASSERT_EQ(from_text, bytes) << TextOf(value, scale);
  }
}

TEST(Numeric, WhatDoesNotFitIsNotCut) {
  std::string bytes;
  AppendNumeric(12'345, 2, bytes);
  EXPECT_FALSE(NumericValue(bytes, 10, 1).has_value());
  EXPECT_FALSE(NumericValue(bytes, 4, 2).has_value());
  EXPECT_TRUE(NumericValue(bytes, 10, 2) == Int128{12'345});
  EXPECT_TRUE(NumericValue(bytes, 10, 4) == Int128{1'234'500});
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    EXPECT_FALSE(NumericValue(bytes.substr(0, cut), 10, 2).has_value());
    EXPECT_FALSE(NumericText(bytes.substr(0, cut)).has_value());
  }
}

TEST(Numeric, TextsOfAnyLength) {
  for (const char* text : {"NaN", "Infinity", "-Infinity", "0", "0.00", "-0.0000123",
                           "123456789012345678901234567890123456789012345678901234567890.5"}) {
    std::string bytes;
    ASSERT_TRUE(AppendNumeric(text, bytes)) << text;
    EXPECT_EQ(NumericText(bytes), text);
  }
  for (const char* text : {"", "-", "1e5", "1.2.3", "0x1", " 1"}) {
    std::string bytes;
    EXPECT_FALSE(AppendNumeric(text, bytes)) << text;
  }
}

}  // namespace
}  // namespace streampark::connectors::postgres
