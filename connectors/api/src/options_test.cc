// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/options.h"

#include <gtest/gtest.h>

#include "streampark/base/json.h"

namespace streampark::connectors {
namespace {

using Given = std::map<std::string, std::string>;

const OptionTable& Table() {
  static const OptionTable kTable(
      {
          {.name = "path",
           .text = "The folder.",
           .presence = OptionSpec::Presence::kRequired,
           .aliases = {"directory"}},
          {.name = "password", .kind = OptionKind::kSecret, .text = "Never shown."},
          {.name = "batch.rows",
           .kind = OptionKind::kInteger,
           .text = "Rows a batch.",
           .fallback = "1000",
           .least = 1,
           .most = 5000},
          {.name = "ratio", .kind = OptionKind::kNumber, .text = "A ratio.", .fallback = "0.5"},
          {.name = "watch",
           .kind = OptionKind::kBoolean,
           .text = "Go on.",
           .fallback = "false",
           .use = OptionUse::kSource},
          {.name = "roll.interval",
           .kind = OptionKind::kDuration,
           .text = "At most so long.",
           .use = OptionUse::kSink,
           .least = 1000},
          {.name = "roll.size",
           .kind = OptionKind::kSize,
           .text = "At most | so much.",
           .fallback = "10MiB",
           .use = OptionUse::kSink},
          {.name = "format",
           .kind = OptionKind::kChoice,
           .text = "The format.",
           .fallback = "json",
           .choices = {"json", "csv"}},
          {.name = "fields", .kind = OptionKind::kList, .text = "Which."},
      },
      {"properties."});
  return kTable;
}

std::string Faults(const Given& given, OptionUse use) {
  const auto read = Table().Read(given, use);
  if (read.ok()) {
    return "";
  }
  std::string text;
  for (const auto& field : read.error().fields()) {
    text += field.pointer + ": " + field.message +
            (field.hint.empty() ? "" : " [" + field.hint + "]") + "\n";
  }
  return text;
}

TEST(OptionTable, ReadsEachKind) {
  const auto read = Table().Read({{"directory", "/in"},
                                  {"roll.interval", "90s"},
                                  {"roll.size", "64KiB"},
                                  {"ratio", "2.5"},
                                  {"format", "csv"},
                                  {"fields", "a, b ,c"},
                                  {"properties.x.y", "z"}},
                                 OptionUse::kSink);
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(read.value().String("path"), "/in");
  EXPECT_EQ(read.value().Duration("roll.interval"), base::Millis(90'000));
  EXPECT_EQ(read.value().Size("roll.size"), 65'536);
  EXPECT_EQ(read.value().Number("ratio"), 2.5);
  EXPECT_EQ(read.value().Integer("batch.rows"), 1000);
  EXPECT_EQ(read.value().String("format"), "csv");
  EXPECT_EQ(read.value().List("fields"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_FALSE(read.value().Has("password"));
  EXPECT_FALSE(read.value().Has("watch")) << "a source's alone has no fallback in a sink";
  EXPECT_EQ(read.value().Passed("properties."), (Given{{"x.y", "z"}}));
}

TEST(OptionTable, TellsEveryFaultAtOnce) {
  EXPECT_EQ(Faults({{"batch.row", "1"},
                    {"batch.rows", "0"},
                    {"format", "jsn"},
                    {"ratio", "1,5"},
                    {"roll.size", "5 apples"},
                    {"roll.interval", "10ms"},
                    {"watch", "true"},
                    {"password", "hunter2"},
                    {"fields", "a,,b"}},
                   OptionUse::kSink),
            "/batch.row: there is no option 'batch.row' [did you mean 'batch.rows'?]\n"
            "/batch.rows: is less than 1\n"
            "/fields: has an empty item [write a,b,c]\n"
            "/format: 'jsn' is none of its values [did you mean 'json'? It is one of json, csv]\n"
            "/ratio: '1,5' is no number [a number]\n"
            "/roll.interval: is less than 1s\n"
            "/roll.size: '5 apples' is no size [a number of bytes, or one with a unit: 64KiB, "
            "10MiB, 1GiB]\n"
            "/watch: 'watch' is an option of a source alone\n"
            "/path: 'path' is missing [The folder.]\n");
  EXPECT_EQ(Faults({{"path", "/a"}, {"directory", "/b"}}, OptionUse::kSource),
            "/path: 'path' is given twice, under two names\n");
}

TEST(OptionTable, DescribesItselfAsJsonSchema) {
  const auto schema = json::Parse(Table().JsonSchema(OptionUse::kSource)).value().as_object();
  const auto& properties = schema.at("properties").as_object();
  EXPECT_TRUE(properties.contains("watch"));
  EXPECT_FALSE(properties.contains("roll.size"));
  EXPECT_EQ(properties.at("batch.rows").as_object().at("default"), json::value(1000));
  EXPECT_EQ(properties.at("batch.rows").as_object().at("maximum"), json::value(5000));
  EXPECT_EQ(properties.at("format").as_object().at("enum").as_array().size(), 2U);
  EXPECT_EQ(properties.at("password").as_object().at("writeOnly"), json::value(true));
  EXPECT_EQ(schema.at("required"), json::value(json::array{"path"}));
  EXPECT_TRUE(schema.at("patternProperties").as_object().contains("^properties\\."));
}

TEST(OptionTable, DescribesItselfAsMarkdown) {
  const std::string page = Table().Markdown();
  EXPECT_NE(page.find("| `path` | string | required | The folder. Also `directory`. |\n"),
            std::string::npos)
      << page;
  EXPECT_NE(page.find("| `roll.size` | size | `10MiB` | At most \\| so much. Sink only. |\n"),
            std::string::npos)
      << page;
}

TEST(OptionTableDeathTest, OurOwnBugsAreSeenAtOnce) {
  EXPECT_DEATH(OptionTable({{.name = "a"}, {.name = "b", .aliases = {"a"}}}), "insert");
  EXPECT_DEATH(OptionTable({{.name = "a", .kind = OptionKind::kInteger, .fallback = "x"}}),
               "fallback");
  const auto values = Table().Read({{"path", "/a"}}, OptionUse::kSource).value();
  EXPECT_DEATH(values.Has("none"), "values_");
  EXPECT_DEATH((void)values.Integer("path"), "kind");
  EXPECT_DEATH((void)values.String("password"), "present");
}

}  // namespace
}  // namespace streampark::connectors
