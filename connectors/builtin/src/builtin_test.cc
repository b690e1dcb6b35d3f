// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/builtin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/files.h"

namespace streampark::connectors {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(BuiltinConnectors, AreFoundByTheirNames) {
  const auto registry = BuiltinConnectors();
  std::vector<std::string> names;
  for (const auto* connector : registry.all()) {
    names.emplace_back(connector->name());
    EXPECT_EQ(registry.Find(connector->name()).value(), connector);
  }
  EXPECT_THAT(names, ElementsAre("file", "generator", "http", "jdbc", "kafka", "mariadb",
                                 "postgres", "print", "redis", "sqlite"));
  EXPECT_EQ(registry.Find("files").error().hint(),
            "did you mean 'file'? there are: file, generator, http, jdbc, kafka, mariadb, "
            "postgres, print, "
            "redis, sqlite");
}

TEST(BuiltinConnectors, TheirPagesHaveTheirOptions) {
  const auto registry = BuiltinConnectors();
  for (const auto* connector : registry.all()) {
    const std::string name(connector->name());
    const auto page = base::ReadFile(SP_CONNECTORS_FOLDER "/" + name + "/README.md");
    ASSERT_TRUE(page.ok()) << page.error().ToString();
    EXPECT_THAT(*page, HasSubstr(connector->options().Markdown())) << name;
  }
}

TEST(BuiltinConnectors, WhatTheyAreNotTheySay) {
  const auto registry = BuiltinConnectors();
  for (const auto* connector : registry.all()) {
    if (!connector->capabilities().source) {
      EXPECT_EQ(connector->MakeSource({}).error().code(), base::ErrorCode::kIllegalState);
    }
    if (!connector->capabilities().sink) {
      EXPECT_EQ(connector->MakeSink({}).error().code(), base::ErrorCode::kIllegalState);
    }
  }
}

}  // namespace
}  // namespace streampark::connectors
