// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/core/config.h"

namespace streampark {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::map<std::string, std::string> Read(const std::string& text) {
  const auto config = JobConfig::ParseHocon(text, "a.conf");
  EXPECT_TRUE(config.ok()) << config.error().ToString();
  std::map<std::string, std::string> values;
  for (const auto& [key, value] : config->values()) {
    values[key] = value.text;
  }
  return values;
}

std::string Refusal(const std::string& text) {
  const auto config = JobConfig::ParseHocon(text, "a.conf");
  EXPECT_FALSE(config.ok()) << "taken: " << text;
  return config.ok() ? "" : config.error().ToString();
}

using Values = std::map<std::string, std::string>;

TEST(Hocon, WhatTheOriginalsUsersHave) {
  EXPECT_EQ(Read(R"(
flink {
  option { parallelism = 2, detached: "" }   # how it is submitted
  property {
    pipeline.name = carrier delays
    execution.checkpointing { interval = 10 s, mode: EXACTLY_ONCE }
  }
}
kafka.source.flights {
  bootstrap.servers = "broker1:9092,broker2:9092"
  topic = [flights, "late flights"]   // two
}
app.empty = ""
)"),
            (Values{{"app.empty", ""},
                    {"flink.option.detached", ""},
                    {"flink.option.parallelism", "2"},
                    {"flink.property.execution.checkpointing.interval", "10 s"},
                    {"flink.property.execution.checkpointing.mode", "EXACTLY_ONCE"},
                    {"flink.property.pipeline.name", "carrier delays"},
                    {"kafka.source.flights.bootstrap.servers", "broker1:9092,broker2:9092"},
                    {"kafka.source.flights.topic", "flights,late flights"}}));
}

TEST(Hocon, ObjectsMergeAndAnythingElseReplaces) {
  EXPECT_EQ(Read("a { b = 1, c = 2 }\na { c = 3 }\na.d = 4"),
            (Values{{"a.b", "1"}, {"a.c", "3"}, {"a.d", "4"}}));
  EXPECT_EQ(Read("a = { b = 1 }\na = 2"), (Values{{"a", "2"}}));
  EXPECT_EQ(Read("a = 2\na = { b = 1 }"), (Values{{"a.b", "1"}}));
  EXPECT_EQ(Read("a = 2\na = null\nb = null"), (Values{}));
  EXPECT_EQ(Read("base { x = 1, y = 2 }\njob = ${base} { y = 3 }"),
            (Values{{"base.x", "1"}, {"base.y", "2"}, {"job.x", "1"}, {"job.y", "3"}}));
  EXPECT_EQ(Read("{ \"a.b\" : 1, a { \"c\" : true } }"), (Values{{"a.b", "1"}, {"a.c", "true"}}));
}

TEST(Hocon, ReferencesLookAheadAndBack) {
  EXPECT_EQ(Read("url = \"jdbc:\"${host}\":\"${db.port}\nhost = h\ndb { port = 5432 }"),
            (Values{{"url", "jdbc:h:5432"}, {"host", "h"}, {"db.port", "5432"}}));
  // A key may take up what it was, and a field of an object its neighbour.
  EXPECT_EQ(Read("path = /bin\npath = ${path}\":/opt\"")["path"], "/bin:/opt");
  EXPECT_EQ(Read("a { b = 1, c = ${a.b} }")["a.c"], "1");
  EXPECT_EQ(Read("a = [1]\na += 2\na = ${a} [3]")["a"], "1,2,3");
  EXPECT_EQ(Read("a = 1\na = ${?nowhere}\nb = ${?nowhere}"), (Values{{"a", "1"}}));
  EXPECT_THAT(Refusal("b = 1\na = ${nowhere}"),
              AllOf(HasSubstr("a.conf:2:5"), HasSubstr("${nowhere}")));
  EXPECT_THAT(Refusal("a = ${b}\nb = ${a}"), HasSubstr("refers to itself"));
}

TEST(Hocon, TheEnvironmentStandsInAndIsShownNowhere) {
  ::setenv("SP_TEST_HOCON", "open", 1);
  auto config = JobConfig::ParseHocon(
      "a = ${SP_TEST_HOCON}\nb = \"x-\"${?SP_TEST_HOCON}\nc = ${secret:ods}", "a.conf");
  ASSERT_TRUE(config.ok()) << config.error().ToString();
  config->ResolveSecretsBy([](std::string_view) { return std::optional<std::string>("sesame"); });
  EXPECT_EQ(config->Get("a").value(), "open");
  EXPECT_EQ(config->Get("b").value(), "x-open");
  EXPECT_EQ(config->Get("c").value(), "sesame");
  EXPECT_THAT(config->Print(), Not(AnyOf(HasSubstr("open"), HasSubstr("sesame"))));
}

TEST(Hocon, TextsInAndOutOfQuotes) {
  EXPECT_EQ(Read("a = one two  three   # said\nb = \"\\\"q\\\" \\u00fc\\ud83d\\ude00\\n\""),
            (Values{{"a", "one two  three"}, {"b", "\"q\" ü😀\n"}}));
  EXPECT_EQ(Read("sql = \"\"\"SELECT \"x\"\nFROM t\"\"\"\"\nb = 2"),
            (Values{{"sql", "SELECT \"x\"\nFROM t\""}, {"b", "2"}}));
  EXPECT_EQ(Read("a = /var/lib/x // there\nb : 1.5e3"),
            (Values{{"a", "/var/lib/x"}, {"b", "1.5e3"}}));
  EXPECT_EQ(Read("\xef\xbb\xbf# nothing\n"), Values{});
  EXPECT_EQ(
      JobConfig::ParseHocon("x = 1\n\nb = \"\"\"a\nb\"\"\"\nlast = 1", "a.conf")->OriginOf("last"),
      " (a.conf:5)");
}

TEST(Hocon, WhatIsWrongIsSaidWithItsPlace) {
  EXPECT_THAT(Refusal("a = localhost:9092"),
              AllOf(HasSubstr("a.conf:1:14"), HasSubstr("':'"), HasSubstr("quotes")));
  EXPECT_THAT(Refusal("a =\nb = 1"), HasSubstr("The key 'a' has no value"));
  EXPECT_THAT(Refusal("a { b = 1"), AllOf(HasSubstr("a.conf:1:4"), HasSubstr("never closed")));
  EXPECT_THAT(Refusal("a = \"b"), HasSubstr("never closed"));
  EXPECT_THAT(Refusal("a = \"b\nc\""), HasSubstr("not closed on its line"));
  EXPECT_THAT(Refusal("a = [1, {b = 1}]"), HasSubstr("plain values"));
  EXPECT_THAT(Refusal("a = [1] x"), HasSubstr("cannot be one value"));
  EXPECT_THAT(Refusal("a = 1\na += 2"), HasSubstr("+= adds to a list"));
  EXPECT_THAT(Refusal("include \"other.conf\""),
              AllOf(HasSubstr("include"), HasSubstr("--config")));
  EXPECT_THAT(Refusal("a..b = 1"), HasSubstr("empty"));
  EXPECT_THAT(Refusal("= 1"), HasSubstr("a key is expected"));
  EXPECT_THAT(Refusal("a = \"\\x\""), HasSubstr("backslash"));
  EXPECT_THAT(Refusal("[1]"), HasSubstr("keys and values"));
  EXPECT_THAT(Refusal("{a = 1} b"), HasSubstr("follow the last"));
  EXPECT_THAT(Refusal("a { b = 1 }\n\"a.b\" = 2"), HasSubstr("set twice"));
}

TEST(Hocon, LittleDoesNotBecomeMuch) {
  std::string laughs = "a0 = \"0123456789012345678901234567890123456789\"\n";
  for (int i = 1; i < 40; ++i) {
    const std::string before = "${a" + std::to_string(i - 1) + "}";
    laughs += "a" + std::to_string(i) + " = " + before + before + "\n";
  }
  EXPECT_THAT(Refusal(laughs), HasSubstr("too large"));
  std::string chain;
  for (int i = 0; i < 5'000; ++i) {
    chain += "a" + std::to_string(i) + " = ${a" + std::to_string(i + 1) + "}\n";
  }
  EXPECT_THAT(Refusal(chain + "a5000 = 1"), HasSubstr("deep"));
  EXPECT_THAT(Refusal("a" + std::string(100'000, '[')), HasSubstr("a.conf"));
  EXPECT_THAT(Refusal("a = " + std::string(100'000, '[')), HasSubstr("deep"));
  std::string path = "a";
  for (int i = 0; i < 100'000; ++i) {
    path += ".a";
  }
  EXPECT_THAT(Refusal(path + " = 1"), HasSubstr("parts in one path"));
}

}  // namespace
}  // namespace streampark
