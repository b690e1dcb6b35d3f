// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/flink_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/core/job_options.h"

namespace streampark {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(FlinkKeys, AFileOfTheOriginalsRunsNatively) {
  auto config = JobConfig::ParseHocon(R"(
flink {
  option { target = yarn-per-job, parallelism = 2 }
  property {
    pipeline.name = carrier delays
    parallelism.default = 8
    execution.checkpointing { interval = 10 s, timeout = 5 min, mode = EXACTLY_ONCE }
    state { backend.type = rocksdb, savepoints.dir = "file:///var/savepoints" }
    restart-strategy { type = fixed-delay, fixed-delay { attempts = 5, delay = 5000 } }
  }
}
native.checkpoint.timeout = 7m
)",
                                      "application.conf");
  ASSERT_TRUE(config.ok()) << config.error().ToString();
  const auto notes = core::ReadFlinkKeys(*config);
  ASSERT_TRUE(notes.ok()) << notes.error().ToString();
  EXPECT_THAT(*notes,
              ElementsAre(AllOf(HasSubstr("flink.property.execution.checkpointing.mode"),
                                HasSubstr("application.conf:7"), HasSubstr("always exact"))));
  EXPECT_EQ(config->Get("app.name").value(), "carrier delays");
  EXPECT_EQ(config->Get("native.parallelism").value(), "2") << "the client's option goes first";
  EXPECT_EQ(config->Get("native.checkpoint.interval").value(), "10s");
  EXPECT_EQ(config->Get("native.checkpoint.timeout").value(), "7m")
      << "what is said to us goes first";
  EXPECT_EQ(config->Get("native.savepoint.directory").value(), "/var/savepoints");
  EXPECT_EQ(config->Get("native.state.backend").value(), "rocksdb");
  EXPECT_EQ(config->Get("native.restart.attempts").value(), "5");
  EXPECT_EQ(config->Get("native.restart.pause").value(), "5000ms");
  EXPECT_THAT(
      config->Print(),
      HasSubstr("native.parallelism: 2  # application.conf:3, as flink.option.parallelism"));
}

TEST(FlinkKeys, TheDocumentsOfTheOriginalNameThemBelowDeployment) {
  auto config = JobConfig::Parse(
      "flink.deployment: {option: {parallelism: 3}, property: {restart-strategy: none}}", "a.yml");
  EXPECT_THAT(core::ReadFlinkKeys(*config).value(), IsEmpty());
  EXPECT_EQ(config->Get("native.parallelism").value(), "3");
  EXPECT_EQ(config->Get("native.restart.attempts").value(), "0");
  EXPECT_TRUE(core::NativeOptionsFrom(*config, "job").ok());
}

TEST(FlinkKeys, BucketsOfFlinkAreOurs) {
  for (const char* scheme : {"s3", "s3a", "s3p"}) {
    auto config = JobConfig::Parse(
        "flink.property.state.checkpoints.dir: " + std::string(scheme) + "://flights/checkpoints",
        "a.yml");
    EXPECT_THAT(core::ReadFlinkKeys(*config).value(), IsEmpty());
    EXPECT_EQ(config->Get("native.checkpoint.directory").value(), "s3://flights/checkpoints");
  }
}

TEST(FlinkKeys, WhatHasNoCounterpartIsSaid) {
  auto config =
      JobConfig::Parse("flink.property.state.checkpoints.dir: hdfs:///checkpoints", "a.yml");
  EXPECT_THAT(core::ReadFlinkKeys(*config).error().ToString(),
              AllOf(HasSubstr("a.yml:1"), HasSubstr("hdfs:///checkpoints"),
                    HasSubstr("native.checkpoint.directory")));
  config->Set("native.checkpoint.directory", "/var/checkpoints", "command line");
  EXPECT_TRUE(core::ReadFlinkKeys(*config).ok());
  auto time = JobConfig::Parse("flink.property.execution.checkpointing.interval: often", "a.yml");
  EXPECT_FALSE(core::ReadFlinkKeys(*time).ok());
}

}  // namespace
}  // namespace streampark
