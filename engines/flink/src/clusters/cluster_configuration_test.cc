// SPDX-License-Identifier: Apache-2.0
#include "clusters/cluster_configuration.h"

#include <gtest/gtest.h>

#include "testing/testdata.h"

namespace streampark::flink {
namespace {

engines::ClusterPlan Plan(const std::string& version) {
  engines::ClusterPlan plan;
  plan.cluster_id = "c1";
  plan.installation.version = version;
  plan.folder = "/data/clusters/c1";
  plan.job_manager_memory = "1g";
  plan.task_manager_memory = "2g";
  plan.slots_per_task_manager = 4;
  plan.rest_port = 22001;
  plan.rpc_port = 22002;
  plan.options = {{"heartbeat.timeout", "60000"}, {"user.text", "a \"quoted\" \\ word"}};
  return plan;
}

std::string Rendered(const engines::ClusterPlan& plan) {
  return RenderConfiguration(ConfigurationOf(plan, "--add-opens=java.base/java.lang=ALL-UNNAMED"),
                             ConfigurationFileName(plan.installation));
}

TEST(ClusterConfiguration, OfANewLine) {
  const std::string text = Rendered(Plan("2.3.0"));
  EXPECT_EQ(text, Golden("golden/config.yaml", text));
}

TEST(ClusterConfiguration, OfAnOldLine) {
  engines::ClusterPlan plan = Plan("1.18.1");
  plan.checkpoint_directory = "s3://bucket/checkpoints";
  const std::string text = Rendered(plan);
  EXPECT_EQ(text, Golden("golden/flink-conf.yaml", text));
}

TEST(ClusterConfiguration, NamesTheFileOfTheLine) {
  EXPECT_EQ(ConfigurationFileName({.version = "1.18.1"}), "flink-conf.yaml");
  EXPECT_EQ(ConfigurationFileName({.version = "1.19.1-csa1.13"}), "config.yaml");
  EXPECT_EQ(ConfigurationFileName({.version = "2.0.0"}), "config.yaml");
}

TEST(ClusterConfiguration, KeepsTheUsersJvmOptionsBesideTheDistributions) {
  engines::ClusterPlan plan = Plan("2.3.0");
  plan.options["env.java.opts.all"] = "-Dmine=1";
  EXPECT_EQ(ConfigurationOf(plan, "--add-opens=x").at("env.java.opts.all"),
            "--add-opens=x -Dmine=1");
  EXPECT_FALSE(ConfigurationOf(Plan("2.3.0"), "").contains("env.java.opts.all"));
}

TEST(ReservedOptions, AreNamedWithTheFieldThatStandsForThem) {
  const auto problems = ReservedOptions({{"rest.port", "1"},
                                         {"taskmanager.numberOfTaskSlots", "3"},
                                         {"taskmanager.memory.managed.fraction", "0.1"}});
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].key, "rest.port");
  EXPECT_EQ(problems[0].hint, "Remove it");
  EXPECT_EQ(problems[1].hint, "Remove it and set the slots per TaskManager");
}

TEST(DistributionJavaOptions, AreFoundInBothFormats) {
  const TemporaryFolder home;
  home.Write("conf/config.yaml",
             "env:\n  java:\n    opts:\n      all: --add-exports=a/b=ALL-UNNAMED --add-opens=c\n");
  EXPECT_EQ(DistributionJavaOptions(home.path()), "--add-exports=a/b=ALL-UNNAMED --add-opens=c");
  const TemporaryFolder old;
  old.Write("conf/flink-conf.yaml", "a: b\nenv.java.opts.all: --add-opens=c/d=ALL-UNNAMED\nx: y\n");
  EXPECT_EQ(DistributionJavaOptions(old.path()), "--add-opens=c/d=ALL-UNNAMED");
  const TemporaryFolder none;
  EXPECT_EQ(DistributionJavaOptions(none.path()), "");
}

}  // namespace
}  // namespace streampark::flink
