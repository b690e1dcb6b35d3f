// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/code/job_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace streampark::console {
namespace {

constexpr const char* kWhole = R"(apiVersion: streampark/v1
kind: Job
metadata: {name: carrier-delays, team: demo, tags: [flights]}
spec:
  engine: flink
  type: sql
  version: "1.20"
  target: {cluster: local}
  parallelism: 2
  sql: |
    INSERT INTO a
    SELECT * FROM b;
  dependencies: {maven: ["org.x:y:1.0"], resources: [my-udf]}
  options: {execution.checkpointing.interval: 10s, a.number: 5, a.flag: true}
  state: running
  upgrade: {mode: last-state, rollback: false, stableAfter: 10s, timeout: 90s}
  restart: {attempts: 3, backoff: 5s..1m}
)";

JobFile ReadOne(std::string_view yaml) {
  auto files = ParseJobFiles(yaml);
  EXPECT_TRUE(files.ok()) << (files.ok() ? "" : files.error().ToString());
  return files.ok() && files->size() == 1 ? files->front() : JobFile{};
}

std::string Problems(std::string_view yaml) {
  const auto files = ParseJobFiles(yaml);
  if (files.ok()) {
    return "";
  }
  std::string text;
  for (const base::FieldError& field : files.error().fields()) {
    text += field.pointer + ": " + field.message +
            (field.hint.empty() ? "" : " (" + field.hint + ")") + "\n";
  }
  return text;
}

TEST(JobFileTest, ReadsTheWholeOfADocument) {
  const JobFile file = ReadOne(kWhole);
  EXPECT_EQ(file.name, "carrier-delays");
  EXPECT_EQ(file.team, "demo");
  EXPECT_EQ(file.cluster, "local");
  EXPECT_EQ(file.tags, std::vector<std::string>{"flights"});
  EXPECT_EQ(file.spec.version, "1.20");
  EXPECT_EQ(file.spec.parallelism, 2);
  EXPECT_EQ(file.spec.sql, "INSERT INTO a\nSELECT * FROM b;\n");
  EXPECT_EQ(file.spec.maven, std::vector<std::string>{"org.x:y:1.0"});
  EXPECT_EQ(file.spec.resources, std::vector<std::string>{"my-udf"});
  EXPECT_EQ(file.spec.options, (engines::Options{{"execution.checkpointing.interval", "10s"},
                                                 {"a.number", "5"},
                                                 {"a.flag", "true"}}));
  EXPECT_EQ(file.state, AskedState::kRunning);
  EXPECT_FALSE(file.spec.rollback);
  EXPECT_EQ(file.spec.upgrade_mode, UpgradeMode::kLastState);
  EXPECT_EQ(file.spec.stable_after, base::Millis(10'000));
  EXPECT_EQ(file.spec.upgrade_patience, base::Millis(90'000));
  EXPECT_EQ(file.spec.restart_attempts, 3);
  EXPECT_EQ(file.spec.restart_backoff, "5s..1m");
}

TEST(JobFileTest, WritesWhatItReads) {
  const JobFile file = ReadOne(kWhole);
  const std::string written = WriteJobFile(file);
  const JobFile again = ReadOne(written);
  EXPECT_EQ(again.spec, file.spec) << written;
  EXPECT_EQ(again.state, file.state);
  EXPECT_EQ(WriteJobFile(again), written);
}

TEST(JobFileTest, KeepsEverySqlTextToTheLastByte) {
  for (const char* sql :
       {"SELECT 1", "SELECT 1\n", "SELECT 1\n\n\n", "  leading", "\nfirst line empty", "a\tb\r\nc",
        "-- 'x' \"y\" #: ü\nSELECT 1;", "a: |\n  sql: |\n"}) {
    JobFile file = ReadOne(kWhole);
    file.spec.sql = sql;
    EXPECT_EQ(ReadOne(WriteJobFile(file)).spec.sql, sql);
  }
}

TEST(JobFileTest, ALibraryHasAConfigurationInPlaceOfSql) {
  const std::string head = "apiVersion: streampark/v1\nkind: Job\nmetadata: {name: a, team: b}\n";
  const JobFile file = ReadOne(head +
                               "spec: {engine: native, type: cpp, target: {cluster: c}, library: "
                               "word-count, config: \"app: {x: 1}\"}\n");
  EXPECT_EQ(file.spec.engine, "NATIVE");
  EXPECT_EQ(file.spec.library, "word-count");
  EXPECT_EQ(file.spec.script(), "app: {x: 1}");
  const JobFile again = ReadOne(WriteJobFile(file));
  EXPECT_EQ(again.spec, file.spec) << WriteJobFile(file);
  EXPECT_EQ(
      Problems(head + "spec: {engine: native, type: cpp, target: {cluster: c}}\n"),
      "/spec: line 4, column 7: `library` is missing (upload the library and name it here)\n");
  EXPECT_EQ(Problems(head + "spec: {engine: flink, type: cpp, target: {cluster: c}, library: x}\n"),
            "/spec/type: line 4, column 29: is not what the engine runs (type: sql runs on flink, "
            "type: cpp and type: pump on native)\n");
  EXPECT_EQ(Problems(head + "spec: {engine: flink, type: sql, target: {cluster: c}, sql: x, "
                            "config: y}\n"),
            "/spec/config: line 4, column 72: `config` belongs to jobs of the type cpp\n");
}

TEST(JobFileTest, APumpIsASectionOfTheFile) {
  const std::string head =
      "apiVersion: streampark/v1\nkind: Job\nmetadata: {name: a, team: b}\n"
      "spec:\n  engine: native\n  type: pump\n  target: {cluster: c}\n";
  const JobFile file = ReadOne(head +
                               "  pump:\n    source: {connector: postgres, tables: [shop.*]}\n"
                               "    sink: {connector: sqlite, create: true}\n");
  EXPECT_EQ(file.spec.script(),
            "source:\n  connector: postgres\n  tables:\n    - shop.*\nsink:\n  connector: sqlite\n"
            "  create: true\n");
  const JobFile again = ReadOne(WriteJobFile(file));
  EXPECT_EQ(again.spec.pump, file.spec.pump) << WriteJobFile(file);
  EXPECT_THAT(WriteJobFile(file), ::testing::HasSubstr("pump:\n    source:\n"));
  EXPECT_THAT(Problems(head), ::testing::HasSubstr("`pump` is missing"));
  // A draft may hold what is no section yet.
  JobFile draft = file;
  draft.spec.pump = "source: [";
  EXPECT_EQ(ReadOne(WriteJobFile(draft)).spec.pump, draft.spec.pump);
}

TEST(JobFileTest, LeavesDefaultsOut) {
  const JobFile file = ReadOne(
      "apiVersion: streampark/v1\nkind: Job\nmetadata: {name: a, team: b}\nspec: {engine: flink, "
      "type: sql, target: {cluster: c}, sql: x}\n");
  EXPECT_FALSE(file.state.has_value());
  EXPECT_EQ(WriteJobFile(file),
            "apiVersion: streampark/v1\nkind: Job\nmetadata:\n  name: a\n  team: b\nspec:\n  "
            "engine: flink\n  type: sql\n"
            "  target:\n    cluster: c\n  parallelism: 1\n  sql: |-\n    x\n");
}

TEST(JobFileTest, NamesPlaceAndRemedyOfAMisspeltKey) {
  std::string yaml = kWhole;
  yaml.replace(yaml.find("parallelism"), 11, "paralelism");
  EXPECT_EQ(Problems(yaml),
            "/spec/paralelism: line 9, column 3: unknown key `paralelism` (did you mean "
            "`parallelism`?)\n");
}

TEST(JobFileTest, RefusesWhatDoesNotExistYet) {
  std::string yaml = kWhole;
  yaml.replace(yaml.find("flink\n"), 5, "spark");
  EXPECT_EQ(Problems(yaml),
            "/spec/engine: line 5, column 11: `spark` is not one of: flink, native\n");
}

TEST(JobFileTest, AVersionWithoutQuotesIsANumberAndIsToldSo) {
  std::string yaml = kWhole;
  yaml.replace(yaml.find("\"1.20\""), 6, "1.20");
  EXPECT_EQ(
      Problems(yaml),
      "/spec/version: line 7, column 12: this must be a text, not a number (put it in quotes)\n");
}

TEST(JobFileTest, RefusesNamesThatArePaths) {
  std::string yaml = kWhole;
  yaml.replace(yaml.find("carrier-delays"), 14, "../../etc");
  EXPECT_NE(Problems(yaml).find("is not a name"), std::string::npos);
}

TEST(JobFileTest, AnEmptyTextSaysHowToBegin) {
  const auto files = ParseJobFiles("\n");
  ASSERT_FALSE(files.ok());
  EXPECT_EQ(files.error().code(), base::ErrorCode::kJobFileInvalid);
  EXPECT_NE(files.error().hint(), "");
}

}  // namespace
}  // namespace streampark::console
