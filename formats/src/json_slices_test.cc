// SPDX-License-Identifier: Apache-2.0
#include "streampark/formats/json_slices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streampark::formats {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kText =
    R"( {"a": {"b/c": [ 1.50 , {"~": "x\"y"}, []]}, "a": 2, "é": null, "n": -1e3, "e": {} } )";

std::string At(std::string_view pointer, std::string_view text = kText) {
  const auto parsed = JsonPointer::Parse(pointer);
  if (!parsed) {
    return "no pointer";
  }
  const auto found = FindJson(text, *parsed);
  return !found.ok() ? found.error().message() : std::string(found->value_or("none"));
}

TEST(JsonSlices, AreFoundByAPointer) {
  EXPECT_EQ(At("/a/b~1c/0"), "1.50");
  EXPECT_EQ(At("/a/b~1c/1/~0"), R"("x\"y")");
  EXPECT_EQ(At("/a/b~1c/2"), "[]");
  EXPECT_EQ(At("/\u00e9"), "null");
  EXPECT_EQ(At("/n"), "-1e3");
  EXPECT_EQ(At("/e"), "{}");
  EXPECT_EQ(At("", "[1]"), "[1]");
  for (const char* none : {"/b", "/a/b", "/a/b~1c/3", "/a/b~1c/x", "/n/x", "/e/x", "/a/b~1c/2/0"}) {
    EXPECT_EQ(At(none), "none") << none;
  }
  for (const char* bad : {"a", "/a~", "/a~2"}) {
    EXPECT_EQ(At(bad), "no pointer") << bad;
  }
  for (const char* text :
       {"", "x", "{", "{\"a\"", "{\"a\":", "{\"b\":1", "{1:2}", "{\"a\":[1", "{\"b\":1 \"a\":2}"}) {
    EXPECT_THAT(At("/a", text), ::testing::HasSubstr("(at byte ")) << text;
  }
}

TEST(JsonSlices, ElementsOfAList) {
  EXPECT_THAT(JsonElements(" [ {\"a\": [1, 2]} , 3 ,\"x\"] ").value(),
              ElementsAre("{\"a\": [1, 2]}", "3", "\"x\""));
  EXPECT_THAT(JsonElements("[]").value(), IsEmpty());
  EXPECT_THAT(JsonElements(" null").value(), IsEmpty());
  EXPECT_THAT(JsonElements("{\"a\": 1} ").value(), ElementsAre("{\"a\": 1}"));
  for (const char* text : {"", "[", "[1", "[1,", "[1,]", "[1 2]", "[1] 2", "{\"a\": 1} x", "[x]"}) {
    EXPECT_FALSE(JsonElements(text).ok()) << text;
  }
}

TEST(JsonSlices, ScalarsAsText) {
  EXPECT_EQ(JsonText(" \"a\\u00e9\\n\" "), "a\u00e9\n");
  EXPECT_EQ(JsonText("12345678901234567890.10"), "12345678901234567890.10");
  EXPECT_EQ(JsonText("true"), "true");
  for (const char* text : {"null", "[1]", "{}", "", "x", "1 2", "\"a"}) {
    EXPECT_EQ(JsonText(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace streampark::formats
