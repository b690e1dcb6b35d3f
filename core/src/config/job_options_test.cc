// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/job_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/files.h"
#include "streampark/base/temporary_folder.h"

namespace streampark::core {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

JobConfig Config(const std::string& yaml) {
  return JobConfig::Parse(yaml, "application.yml").value();
}

TEST(JobOptions, ThePageHasThem) {
  const auto page = base::ReadFile(SP_DOCS_FOLDER "/native-jobs.md");
  ASSERT_TRUE(page.ok()) << page.error().ToString();
  EXPECT_THAT(*page, HasSubstr(NativeOptionTable().Markdown()));
}

TEST(JobOptions, FoldersMayBeInABucket) {
  JobConfig config = Config(
      "native:\n  checkpoint.directory: s3://flights/checkpoints/\n  savepoint.directory: "
      "s3://flights/savepoints\n  restore-from: s3://flights/savepoints/x/chk-7\n  s3: {endpoint: "
      "'http://127.0.0.1:9000', region: eu-1, access-key-id: id, secret-access-key: "
      "'${secret:key}', patience: 5s, part-size: 16MiB}");
  config.ResolveSecretsBy([](std::string_view) { return std::optional<std::string>("hunter2"); });
  const auto options = NativeOptionsFrom(config, "orders").value();
  EXPECT_EQ(options.checkpoint_folder.text(), "s3://flights/checkpoints/orders");
  EXPECT_EQ(options.savepoint_folder.text(), "s3://flights/savepoints/orders");
  EXPECT_EQ(options.restore_from.text(), "s3://flights/savepoints/x/chk-7");
  EXPECT_EQ(options.s3.endpoint, "http://127.0.0.1:9000");
  EXPECT_EQ(options.s3.region, "eu-1");
  EXPECT_EQ(options.s3.secret_access_key, "hunter2");
  EXPECT_EQ(options.s3.patience, base::Millis(5'000));
  EXPECT_EQ(options.s3.part_bytes, std::size_t{16} << 20U);
  const auto refused =
      NativeOptionsFrom(Config("native.checkpoint.directory: hdfs://name/x"), "orders").error();
  EXPECT_THAT(refused.ToString(),
              AllOf(HasSubstr("native.checkpoint.directory"), HasSubstr("s3://BUCKET/PREFIX")));
  EXPECT_FALSE(
      NativeOptionsFrom(Config("native.checkpoint.directory: s3://flights/x"), "../y").ok());
}

TEST(JobOptions, SayHowAJobRuns) {
  const auto folder = base::TemporaryFolder::Create().value();
  const auto options =
      NativeOptionsFrom(Config("native:\n  parallelism: 3\n  key-groups: 64\n  checkpoint: "
                               "{interval: 10s, keep: 2, directory: " +
                               folder.path().string() + "}\n  restart: {attempts: 7, pause: 2s}"),
                        "orders")
          .value();
  EXPECT_EQ(options.parallelism, 3);
  EXPECT_EQ(options.key_groups, 64);
  EXPECT_EQ(options.checkpoint_interval, base::Millis(10'000));
  EXPECT_EQ(options.checkpoints_kept, 2);
  EXPECT_EQ(options.checkpoint_folder.folder(), folder.path() / "orders");
  EXPECT_EQ(options.restart.attempts, 7);
  EXPECT_EQ(options.restart.first_pause, base::Millis(2'000));
  const auto defaults = NativeOptionsFrom(JobConfig(), "orders").value();
  EXPECT_EQ(defaults.checkpoint_interval, std::nullopt);
  EXPECT_TRUE(defaults.checkpoint_folder.empty());
}

TEST(JobOptions, WhatCannotBeIsNamedWithItsPlace) {
  EXPECT_THAT(
      NativeOptionsFrom(Config("native.parallelism: 200"), "orders").error().message(),
      HasSubstr("native.parallelism (application.yml:1) is 200, and there are 128 key groups"));
  EXPECT_FALSE(NativeOptionsFrom(Config("native.checkpoint.directory: /tmp"), "../orders").ok());
}

TEST(JobOptions, DirtyRecordsAreKeptUpToANumber) {
  const auto folder = base::TemporaryFolder::Create().value();
  const auto file = folder.path() / "dirty.jsonl";
  EXPECT_EQ(DirtyRecordsFrom(JobConfig()).value(), nullptr);
  const auto dirty =
      DirtyRecordsFrom(Config("native.dirty: {action: keep, most: 2, file: " + file.string() + "}"))
          .value();
  dirty->Take("orders", {.where = "line 3", .reason = "is no number", .bytes = "a\xff"});
  dirty->Take("orders", {.where = "line 4", .reason = "is no number", .bytes = ""});
  EXPECT_EQ(base::ReadFile(file).value(),
            "{\"operator\":\"orders\",\"where\":\"line 3\",\"reason\":\"is no "
            "number\",\"bytes\":\"Yf8=\"}\n"
            "{\"operator\":\"orders\",\"where\":\"line 4\",\"reason\":\"is no "
            "number\",\"bytes\":\"\"}\n");
  EXPECT_THROW(dirty->Take("orders", {.where = "line 5", .reason = "is no number", .bytes = ""}),
               TaskFailure);
}

TEST(JobOptions, AFolderThatIsNotThereFailsTheJobAndNamesTheFile) {
  const auto folder = base::TemporaryFolder::Create().value();
  const auto dirty = DirtyRecordsFrom(Config("native.dirty: {action: keep, file: " +
                                             (folder.path() / "no" / "x").string() + "}"))
                         .value();
  try {
    dirty->Take("orders", {.where = "line 3", .reason = "is no number", .bytes = ""});
    FAIL();
  } catch (const TaskFailure& failure) {
    EXPECT_THAT(failure.error().ToString(), HasSubstr("no/x"));
  }
}

}  // namespace
}  // namespace streampark::core
