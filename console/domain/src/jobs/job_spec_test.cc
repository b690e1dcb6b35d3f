// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/jobs/job_spec.h"

#include <gtest/gtest.h>

#include "streampark/base/json.h"
#include "streampark/console/jobs/job_command.h"
#include "streampark/console/jobs/job_options.h"
#include "streampark/console/names.h"

#include "jobs/job_releases.h"
#include "jobs/maven_resolver.h"

namespace streampark::console {
namespace {

using base::ErrorCode;

JobSpec Sample() {
  JobSpec spec;
  spec.cluster_id = "c";
  spec.sql = "INSERT INTO b SELECT * FROM a";
  spec.options = {{"execution.checkpointing.interval", "5s"}};
  spec.maven = {"g:a:1.0"};
  spec.resources = {"my udf"};
  return spec;
}

TEST(JobSpec, SurvivesItsText) {
  const JobSpec spec = Sample();
  const auto read = SpecFromText(SpecToText(spec));
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(*read, spec);
  EXPECT_EQ(DigestOf(*read), DigestOf(spec));
}

TEST(JobSpec, ALibraryHasItsOwnMembers) {
  JobSpec spec;
  spec.engine = "NATIVE";
  spec.type = "CPP";
  spec.cluster_id = "c";
  spec.library = "word-count";
  spec.config = "app: {x: 1}";
  const auto read = SpecFromText(SpecToText(spec));
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(*read, spec);
  EXPECT_EQ(read->script(), spec.config);
  EXPECT_EQ(read->files(), std::vector<std::string>{"word-count"});
  const auto fault = [&](auto change) {
    JobSpec wrong = spec;
    change(wrong);
    const auto checked = CheckedJobSpec(std::move(wrong));
    return checked.ok() ? "" : checked.error().fields().at(0).pointer;
  };
  EXPECT_EQ(fault([](JobSpec& s) { s.library = ""; }), "/spec/library");
  EXPECT_EQ(fault([](JobSpec& s) { s.library = "../x"; }), "/spec/library");
  EXPECT_EQ(fault([](JobSpec& s) { s.sql = "SELECT 1"; }), "/spec/sql");
  EXPECT_EQ(fault([](JobSpec& s) { s.maven = {"g:a:1"}; }), "/spec/dependencies");
  EXPECT_EQ(fault([](JobSpec& s) { s.engine = "FLINK"; }), "/spec/type");
  EXPECT_EQ(fault([](JobSpec& s) { s.engine = "SPARK"; }), "/spec/engine");
}

TEST(JobSpec, APumpHasItsSectionAndNoStateToChoose) {
  JobSpec spec;
  spec.engine = "NATIVE";
  spec.type = "PUMP";
  spec.cluster_id = "c";
  spec.pump = "source: {connector: postgres}";
  const auto read = SpecFromText(SpecToText(spec));
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(read->script(), spec.pump);
  EXPECT_TRUE(read->files().empty());
  EXPECT_TRUE(read->stateless);
  const auto fault = [&](auto change) {
    JobSpec wrong = spec;
    change(wrong);
    const auto checked = CheckedJobSpec(std::move(wrong));
    return checked.ok() ? "" : checked.error().fields().at(0).pointer;
  };
  EXPECT_EQ(fault([](JobSpec& s) { s.config = "a: 1"; }), "/spec/config");
  EXPECT_EQ(fault([](JobSpec& s) { s.resources = {"jar"}; }), "/spec/dependencies");
  EXPECT_EQ(fault([](JobSpec& s) { s.engine = "FLINK"; }), "/spec/type");
}

TEST(JobSpec, SetsOfDependenciesHaveNoOrder) {
  JobSpec one = Sample();
  one.maven = {"g:b:1", "g:a:1", "g:b:1"};
  JobSpec two = Sample();
  two.maven = {"g:a:1", "g:b:1"};
  EXPECT_EQ(DigestOf(*CheckedJobSpec(one)), DigestOf(*CheckedJobSpec(two)));
}

TEST(JobSpec, UnknownFieldsGetASuggestion) {
  const auto read = SpecFromText(
      R"({"engine":"FLINK","type":"SQL","target":{"clusterId":"c"},"sql":"","paralelism":2})");
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code(), ErrorCode::kUnknownField);
  EXPECT_EQ(read.error().fields().front().pointer, "/spec/paralelism");
  EXPECT_NE(read.error().fields().front().hint.find("parallelism"), std::string::npos);
}

TEST(JobSpec, FaultsCarryPointers) {
  JobSpec spec = Sample();
  spec.parallelism = 0;
  spec.maven = {"not a coordinate", "g:a:1;rm -rf"};
  spec.restart_backoff = "5m..10s";
  const auto checked = CheckedJobSpec(spec);
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code(), ErrorCode::kValidationFailed);
  EXPECT_EQ(checked.error().fields().size(), 4U);
}

TEST(Names, AreConfined) {
  for (const char* good : {"a", "carrier-delays", "Verspätung 2013", "航班", "a.b_c"}) {
    EXPECT_TRUE(IsName(good)) << good;
  }
  for (const char* bad : {"", ".", "..", "../x", "a/b", " a", "a ", "-a", "a\nb", "a\\b"}) {
    EXPECT_FALSE(IsName(bad)) << bad;
  }
}

TEST(JobCommand, TakesOnlyWhatItsKindTakes) {
  EXPECT_TRUE(CommandFromText(R"({"kind":"STOP","savepoint":"YES","name":"n"})").ok());
  EXPECT_FALSE(CommandFromText(R"({"kind":"STOP"})").ok());
  EXPECT_FALSE(CommandFromText(R"({"kind":"START","savepoint":"YES"})").ok());
  EXPECT_FALSE(CommandFromText(R"({"kind":"FLY"})").ok());
  EXPECT_FALSE(CommandFromText(R"({"kind":"START","restore":{"from":"SNAPSHOT"}})").ok());
  EXPECT_EQ(CommandFromText(R"({"kind":"RESTART"})")->savepoint, SavepointChoice::kYes);
}

TEST(JobCommand, ARestartTakesNoRestoreThatItWouldNotFollow) {
  const auto code = [](std::string_view text) { return CommandFromText(text).error().code(); };
  EXPECT_TRUE(
      CommandFromText(R"({"kind":"RESTART","restore":{"from":"LATEST","allowNonRestored":true}})")
          .ok());
  EXPECT_TRUE(
      CommandFromText(R"({"kind":"RESTART","savepoint":"NO","restore":{"from":"PATH","path":"p"}})")
          .ok());
  for (
      const char* refused :
      {R"({"kind":"RESTART","restore":{"from":"NOTHING"}})",
       R"({"kind":"RESTART","savepoint":"YES","restore":{"from":"PATH","path":"p"}})",
       R"({"kind":"RESTART","savepoint":"NO","restore":{"from":"PATH","path":"p","mode":"CLAIM"}})",
       R"({"kind":"RESTART","savepoint":"DRAIN"})"}) {
    EXPECT_EQ(code(refused), ErrorCode::kValidationFailed) << refused;
  }
}

TEST(JobCommand, SurvivesItsText) {
  const auto command = CommandFromText(
      R"({"kind":"START","restore":{"from":"PATH","path":"file:///x","mode":"CLAIM"},"parallelism":3,)"
      R"("options":{"a":"b"},"revision":7})");
  ASSERT_TRUE(command.ok());
  const auto again = CommandFromText(json::serialize(CommandToJson(*command)));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->restore->mode, engines::ClaimMode::kClaim);
  EXPECT_EQ(again->parallelism, 3);
  EXPECT_EQ(again->revision, 7);
  EXPECT_EQ(again->options.at("a"), "b");
}

TEST(Options, PlatformDefaultsFollowTheLineAndYield) {
  Cluster cluster;
  cluster.checkpoint_directory = "file:///c";
  cluster.savepoint_directory = "file:///s/";
  cluster.line = "1.20";
  const auto keys = [&](const JobSpec& spec) {
    return OptionsOf(EffectiveOptions(spec, {}, cluster, "J"));
  };
  JobSpec spec = Sample();
  EXPECT_EQ(keys(spec).at("execution.checkpointing.dir"), "file:///c/J");
  EXPECT_EQ(keys(spec).at("execution.checkpointing.savepoint-dir"), "file:///s/J");
  EXPECT_EQ(keys(spec).at("execution.checkpointing.num-retained"), "3");
  EXPECT_EQ(keys(spec).at("execution.checkpointing.interval"), "5s");  // the job's own
  spec.options["state.checkpoints.num-retained"] = "9";
  EXPECT_FALSE(keys(spec).contains("execution.checkpointing.num-retained"));
  cluster.line = "1.19";
  EXPECT_EQ(keys(Sample()).at("state.checkpoints.dir"), "file:///c/J");
  spec.options["execution.runtime-mode"] = "BATCH";
  EXPECT_FALSE(keys(spec).contains("state.checkpoints.dir"));
}

TEST(Releases, SinksAreTheTablesOfInserts) {
  const std::string sql =
      "CREATE TABLE a (x INT);\n/* INSERT INTO no */ INSERT INTO `my sink` SELECT 1;\n"
      "-- INSERT INTO neither\nINSERT OVERWRITE cat.db.t SELECT 2";
  engines::SqlVerdict verdict;
  verdict.statements = {{"CREATE_TABLE", "", {1, 1, 1, 23}},
                        {"INSERT", "", {2, 1, 2, 56}},
                        {"INSERT", "", {4, 1, 4, 40}}};
  EXPECT_EQ(SinksOf(sql, verdict), (std::vector<std::string>{"my sink", "cat.db.t"}));
}

TEST(Releases, VersionsAgreeByLineOrWhole) {
  Cluster cluster;
  cluster.version = "1.20.5";
  JobSpec spec;
  for (const char* good : {"", "1.20", "1.20.5"}) {
    spec.version = good;
    EXPECT_TRUE(CheckVersion(spec, cluster).ok()) << good;
  }
  for (const char* bad : {"1.2", "2.3", "1.20.4"}) {
    spec.version = bad;
    EXPECT_EQ(CheckVersion(spec, cluster).error().code(), ErrorCode::kVersionMismatch) << bad;
  }
}

TEST(Maven, PomsLeaveOutWhatTheEngineBrings) {
  const std::string pom = MavenResolver::PomFor({"org.example:thing:1.0", "g:a:jar:all:2"});
  EXPECT_NE(pom.find("<artifactId>thing</artifactId>"), std::string::npos);
  EXPECT_NE(pom.find("<classifier>all</classifier>"), std::string::npos);
  EXPECT_NE(pom.find("<artifactId>flink-connector-base</artifactId>"), std::string::npos);
  EXPECT_TRUE(IsProvidedByEngine("org.apache.flink", "flink-table-api-java"));
  EXPECT_FALSE(IsProvidedByEngine("org.apache.flink", "flink-connector-kafka"));
}

TEST(Maven, TheCauseIsTheSentenceThatNamesTheArtifact) {
  const std::string output =
      "[INFO] x\n[ERROR] Failed to execute goal p: Could not resolve\n"
      "[ERROR] Could not find artifact g:a:jar:9 in central -> [Help 1]\n[ERROR] To see\n";
  EXPECT_EQ(MavenResolver::CauseIn(output), "Could not find artifact g:a:jar:9 in central");
}

}  // namespace
}  // namespace streampark::console
