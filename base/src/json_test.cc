// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/json.h"

#include <gtest/gtest.h>

namespace streampark::json {
namespace {

TEST(JsonTest, SaysWhereItStopsBeingJson) {
  const auto parsed = Parse("{\n  \"a\": 1,\n  oops\n}");
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().code(), base::ErrorCode::kInvalidRequest);
  EXPECT_EQ(parsed.error().message(), "not valid JSON at line 3, column 3");
  EXPECT_FALSE(Parse("").ok());
  EXPECT_FALSE(Parse("{} x").ok());
  EXPECT_FALSE(Parse("{\"a\":").ok());
}

TEST(JsonTest, LimitsNesting) {
  EXPECT_TRUE(Parse(std::string(60, '[') + std::string(60, ']')).ok());
  EXPECT_FALSE(Parse(std::string(100, '[') + std::string(100, ']')).ok());
}

TEST(JsonTest, ReadsMembersOfTheWantedKind) {
  const value parsed =
      Parse(R"({"s":"x","i":7,"d":1.5,"b":true,"n":null,"o":{},"a":["p",1,"q"]})").value();
  const object& in = parsed.get_object();
  EXPECT_EQ(FindString(in, "s"), "x");
  EXPECT_EQ(FindString(in, "i"), std::nullopt);
  EXPECT_EQ(FindString(in, "n"), std::nullopt);
  EXPECT_EQ(FindString(in, "missing"), std::nullopt);
  EXPECT_EQ(FindInteger(in, "i"), 7);
  EXPECT_EQ(FindInteger(in, "d"), std::nullopt);
  EXPECT_EQ(FindNumber(in, "i"), 7.0);
  EXPECT_EQ(FindNumber(in, "d"), 1.5);
  EXPECT_EQ(FindBool(in, "b"), true);
  EXPECT_NE(FindObject(in, "o"), nullptr);
  EXPECT_EQ(FindObject(in, "a"), nullptr);
  EXPECT_EQ(FindArray(in, "n"), nullptr);
  EXPECT_EQ(StringOr(in, "n", "else"), "else");
  EXPECT_EQ(IntegerOr(in, "s", 3), 3);
  EXPECT_EQ(StringsOf(in, "a"), (std::vector<std::string>{"p", "q"}));
}

TEST(JsonTest, AbsentIsNull) {
  EXPECT_TRUE(TimeOrNull(std::nullopt).is_null());
  EXPECT_EQ(serialize(TimeOrNull(base::Timestamp(base::Millis(0)))),
            "\"1970-01-01T00:00:00.000Z\"");
  EXPECT_TRUE(TextOrNull("").is_null());
  EXPECT_EQ(TextOrNull("x"), value("x"));
}

}  // namespace
}  // namespace streampark::json
