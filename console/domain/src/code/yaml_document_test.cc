// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/code/yaml_document.h"

#include <gtest/gtest.h>

#include "streampark/base/json.h"

namespace streampark::console {
namespace {

YamlDocument One(std::string_view text) {
  auto documents = YamlDocument::Parse(text);
  EXPECT_TRUE(documents.ok()) << (documents.ok() ? "" : documents.error().ToString());
  EXPECT_EQ(documents->size(), 1U);
  return std::move(documents->front());
}

std::string MessageOf(std::string_view text) {
  const auto documents = YamlDocument::Parse(text);
  return documents.ok() ? "" : documents.error().message();
}

TEST(YamlDocumentTest, TypesPlainScalarsAndLeavesQuotedOnesText) {
  const YamlDocument document =
      One("a: 1\nb: \"1\"\nc: true\nd: 'true'\ne: 1.5\nf:\ng: 1.20.5\nh: 10s\ni: -3\n");
  EXPECT_EQ(
      json::serialize(document.root()),
      R"({"a":1,"b":"1","c":true,"d":"true","e":1.5E0,"f":null,"g":"1.20.5","h":"10s","i":-3})");
}

TEST(YamlDocumentTest, KnowsWhereEachValueStands) {
  const YamlDocument document = One("spec:\n  options:\n    a/b: x\n");
  EXPECT_EQ(document.Locate("/spec/options/a~1b").line, 3);
  EXPECT_EQ(document.Locate("/spec/options/a~1b").column, 10);
  EXPECT_EQ(document.LocateKey("/spec/options/a~1b").column, 5);
  EXPECT_EQ(document.Locate("/spec/options/missing").line, 3) << "the nearest one above it";
}

TEST(YamlDocumentTest, ReadsSeveralDocuments) {
  const auto documents = YamlDocument::Parse("---\na: 1\n---\nb: 2\n---\n");
  ASSERT_TRUE(documents.ok());
  EXPECT_EQ(documents->size(), 2U);
}

TEST(YamlDocumentTest, PointsAtWhatIsNotYaml) {
  EXPECT_NE(MessageOf("a: [1, 2\nb: 3\n").find("line "), std::string::npos);
  EXPECT_EQ(MessageOf("a: 1\nb: 2\na: 3\n"), "line 3, column 1: the key `a` stands here twice");
  EXPECT_NE(MessageOf("? [x]\n: 1\n").find("a key must be a word"), std::string::npos);
}

TEST(YamlDocumentTest, RefusesWhatGrowsOutOfBounds) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 8; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) {
      bomb += before + (k < 9 ? ", " : "]\n");
    }
  }
  EXPECT_NE(MessageOf(bomb).find("too large"), std::string::npos);
  EXPECT_NE(MessageOf(std::string(100, '[') + std::string(100, ']')), "");
  EXPECT_NE(MessageOf(std::string(3U << 20U, 'x')), "");
}

}  // namespace
}  // namespace streampark::console
