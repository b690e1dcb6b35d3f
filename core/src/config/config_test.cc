// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/core/job_options.h"

namespace streampark {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr const char* kText = R"(app: {name: carrier-delays}
native:
  parallelism: 2
  checkpoint: {interval: 10s, directory: /var/lib/streampark}
kafka:
  source:
    flights:
      bootstrap.servers: "localhost:9092"
      topic: [a, b]
      password: "${env:SP_TEST_WORD}"
jdbc.delays.url: "jdbc:postgresql://ann:sesame@localhost/ods"
)";

TEST(JobConfig, NestedAndDottedKeysAreTheSame) {
  const auto config = JobConfig::Parse(kText, "application.yml");
  ASSERT_TRUE(config.ok()) << config.error().ToString();
  EXPECT_EQ(config->Get("native.checkpoint.interval").value(), "10s");
  EXPECT_EQ(config->Get("kafka.source.flights.topic").value(), "a,b");
  ::setenv("SP_TEST_WORD", "open", 1);
  EXPECT_THAT(config->Section("kafka.source.flights.").value(),
              ElementsAre(Pair("bootstrap.servers", "localhost:9092"), Pair("password", "open"),
                          Pair("topic", "a,b")));
}

TEST(JobConfig, PropertiesAreReadAsJavaReadsThem) {
  const auto config = JobConfig::ParseProperties(
      "# a comment\n! another\r\n\n"
      "app.name = carrier-delays\n"
      "  native.parallelism:2\n"
      "kafka.source.flights.topic a,\\\n    b\n"
      "jdbc.delays.url=jdbc:postgresql://localhost/ods?a=b\n"
      "with\\ blank\\=\\:=\\tt\\u00fc\\ud83d\\ude00\\\\ \n"
      "empty\n"
      "last=1",
      "job.properties");
  ASSERT_TRUE(config.ok()) << config.error().ToString();
  EXPECT_EQ(config->Get("app.name").value(), "carrier-delays");
  EXPECT_EQ(config->Get("native.parallelism").value(), "2");
  EXPECT_EQ(config->Get("kafka.source.flights.topic").value(), "a,b");
  EXPECT_EQ(config->Get("jdbc.delays.url").value(), "jdbc:postgresql://localhost/ods?a=b");
  EXPECT_EQ(config->Get("with blank=:").value(), "\ttü😀\\ ");
  EXPECT_EQ(config->Get("empty").value(), "");
  EXPECT_EQ(config->OriginOf("last"), " (job.properties:11)");

  EXPECT_THAT(JobConfig::ParseProperties("a=1\nb=\\u12", "p").error().message(),
              HasSubstr("p:2: "));
  EXPECT_FALSE(JobConfig::ParseProperties("a=\\ud83dx", "p").ok());
  EXPECT_THAT(JobConfig::ParseProperties("a=1\na=2", "p").error().message(),
              HasSubstr("p:2: 'a' is set twice"));
}

TEST(JobConfig, WhatCannotBePutInIsNoAbsence) {
  const auto config = JobConfig::Parse("app.name: ${env:SP_TEST_NOT_SET}", "application.yml");
  EXPECT_EQ(config->GetOr("app.other", "x").value(), "x");
  EXPECT_THAT(config->GetOr("app.name", "x").error().message(), HasSubstr("application.yml:1"));
}

TEST(JobConfig, IsPrintedWithOriginsAndWithoutSecrets) {
  auto config = JobConfig::Parse(kText, "application.yml").value();
  config.Set("native.parallelism", "4", "command line");
  EXPECT_EQ(config.Print(),
            "app.name: carrier-delays  # application.yml:1\n"
            "jdbc.delays.url: jdbc:postgresql://ann:******@localhost/ods  # application.yml:11\n"
            "kafka.source.flights.bootstrap.servers: localhost:9092  # application.yml:8\n"
            "kafka.source.flights.password: ******  # application.yml:10\n"
            "kafka.source.flights.topic: a,b  # application.yml:9\n"
            "native.checkpoint.directory: /var/lib/streampark  # application.yml:4\n"
            "native.checkpoint.interval: 10s  # application.yml:4\n"
            "native.parallelism: 4  # command line\n");
}

TEST(JobConfig, WhatIsWrongIsNamedWithItsPlace) {
  EXPECT_EQ(JobConfig::Parse("a: 1\nb: [", "application.yml").error().message().substr(0, 18),
            "application.yml:2:");
  EXPECT_THAT(JobConfig::Parse("a: {b: 1}\na.b: 2", "application.yml").error().message(),
              HasSubstr("application.yml:2:6: 'a.b' is set twice."));
  EXPECT_THAT(JobConfig::Parse("- a", "application.yml").error().message(),
              HasSubstr("must hold keys"));
  const auto config =
      JobConfig::Parse("app:\n  name: ${env:SP_TEST_NOT_THERE}", "application.yml").value();
  EXPECT_THAT(config.Get("app.name").error().message(),
              HasSubstr("'app.name' (application.yml:2) needs ${env:SP_TEST_NOT_THERE}"));
  EXPECT_THAT(config.Get("app.nam").error().hint(), HasSubstr("app.name"));
}

TEST(JobConfig, ASectionIsReadByItsTable) {
  const auto config = JobConfig::Parse("native:\n  paralelism: 2", "application.yml").value();
  const auto read = config.Read("native.", core::NativeOptionTable(), connectors::OptionUse::kBoth);
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(read.error().message(), HasSubstr("native.paralelism (application.yml:2)"));
  EXPECT_THAT(read.error().hint(), HasSubstr("parallelism"));
  const auto good =
      JobConfig::Parse("native: {checkpoint.interval: 1s}", "application.yml").value();
  const auto values =
      good.Read("native.", core::NativeOptionTable(), connectors::OptionUse::kBoth).value();
  EXPECT_EQ(values.Duration("checkpoint.interval"), base::Millis(1000));
  EXPECT_EQ(values.Integer("key-groups"), 128);
}

}  // namespace
}  // namespace streampark
