// SPDX-License-Identifier: Apache-2.0
#include "streampark/pump/pump_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streampark::pump {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr const char* kWhole = R"(apiVersion: streampark/v1
kind: Job
metadata: {name: shop, team: demo}
spec:
  engine: native
  type: pump
  options: {native.status.listen: "127.0.0.1:0"}
  pump:
    source: {connector: postgres, url: "postgres://a/b", password: "${secret:shop}", tables: ["shop.*", orders]}
    transforms:
      - {tables: shop.user, columns: [id, email], where: id > 7, rename: {email: mail}, route: people}
    sink: {connector: mariadb, url: "mariadb://c/d", schema: ods, mode: upsert, create: true, indexes: false}
    split: {parallelism: 4, rows: 50000}
    dirty: {keep: bad.jsonl, stopAfter: 7}
)";

TEST(PumpFile, AWholeOneIsRead) {
  const auto file = PumpFile::Parse(kWhole, "job.yaml").value();
  EXPECT_EQ(file.name, "shop");
  EXPECT_EQ(file.source, "postgres");
  EXPECT_EQ(file.sink, "mariadb");
  EXPECT_EQ(file.schema, "ods");
  EXPECT_TRUE(file.create);
  EXPECT_FALSE(file.indexes);
  EXPECT_THAT(file.tables, ElementsAre("shop.*", "orders"));
  ASSERT_EQ(file.rules.size(), 1U);
  EXPECT_THAT(file.rules[0].columns, ElementsAre("id", "email"));
  EXPECT_EQ(file.rules[0].where, "id > 7");
  EXPECT_EQ(file.rules[0].route, "people");
  EXPECT_THAT(file.rules[0].rename, ElementsAre(Pair("email", "mail")));
  const auto text = [&](const char* key) { return file.config.values().at(key).text; };
  EXPECT_EQ(text("source.url"), "postgres://a/b");
  EXPECT_EQ(text("source.password"), "${secret:shop}");
  EXPECT_EQ(text("source.split.rows"), "50000");
  EXPECT_EQ(text("sink.mode"), "upsert");
  EXPECT_EQ(text("native.parallelism"), "4");
  EXPECT_EQ(text("native.dirty.file"), "bad.jsonl");
  EXPECT_EQ(text("native.dirty.most"), "7");
  EXPECT_EQ(text("native.status.listen"), "127.0.0.1:0");
  EXPECT_EQ(file.config.values().at("sink.mode").origin, "job.yaml:12");
}

TEST(PumpFile, TheShortFormIsNamedAfterItsFile) {
  const auto file = PumpFile::Parse(
                        "pump: {source: {connector: sqlite, url: 'sqlite:/a'}, sink: {connector: "
                        "sqlite, url: 'sqlite:/b'}}",
                        "/somewhere/nightly.yaml")
                        .value();
  EXPECT_EQ(file.name, "nightly");
}

TEST(PumpFile, TheSectionAloneIsEnough) {
  const auto file = PumpFile::Parse(
      "source: {connector: sqlite, tables: a}\nsink: {connector: postgres, create: true}\n",
      "pump.yaml");
  ASSERT_TRUE(file.ok()) << file.error().ToString();
  EXPECT_EQ(file->source, "sqlite");
  EXPECT_EQ(file->sink, "postgres");
  EXPECT_TRUE(file->create);
}

TEST(PumpFile, WhatIsWrongIsNamedWithItsPlace) {
  const std::string end = "\n    sink: {connector: b, url: c}\n";
  struct Case {
    std::string yaml, message, hint;
  };
  for (const Case& one : {
           Case{"spec:\n  pump:\n    soruce: {}", "job.yaml:3:5: 'spec.pump.soruce' is unknown",
                "did you mean 'source'?"},
           Case{"spec:\n  pump:\n    source: {connector: a, tables: {b: c}}" + end,
                "job.yaml:3:36: 'spec.pump.source.tables' must be a plain value", ""},
           Case{"spec:\n  pump:\n    source: {connector: a}\n    sink: {create: yes}",
                "job.yaml:4:20: 'spec.pump.sink.create' is 'yes', and must be true or false", ""},
           Case{"spec:\n  pump:\n    source: {tables: a}" + end,
                "'spec.pump' has no 'source.connector'", "streampark connector list"},
           Case{"spec:\n  engine: flink\n  pump:\n    source: {connector: a}" + end,
                "and a pump job runs on 'native' so far", ""},
           Case{"name: x", "this is no pump job", "`source` and `sink`"},
           Case{"pump: [", "job.yaml:1:", ""},
           Case{
               "pump:\n  source: {connector: a}\n  sink: {connector: b}\noptions: {parallelism: 2}",
               "job.yaml:4:24: 'options.parallelism' is no option of this engine", "native."},
       }) {
    const auto refused = PumpFile::Parse(one.yaml, "job.yaml");
    ASSERT_FALSE(refused.ok()) << one.yaml;
    EXPECT_EQ(refused.error().code(), base::ErrorCode::kJobFileInvalid);
    EXPECT_THAT(refused.error().message(), HasSubstr(one.message));
    EXPECT_THAT(refused.error().hint(), HasSubstr(one.hint));
  }
}

}  // namespace
}  // namespace streampark::pump
