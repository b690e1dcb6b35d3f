// SPDX-License-Identifier: Apache-2.0
#include "output.h"

#include <gtest/gtest.h>

#include "streampark/base/json.h"

namespace streampark::cli {
namespace {

TEST(TableTest, AlignsColumnsByCharactersNotBytes) {
  Table table({"NAME", "STATE"});
  table.Add({"a", "RUNNING"});
  table.Add({"flüge", "FAILED"});
  EXPECT_EQ(table.Render(), "NAME   STATE\na      RUNNING\nflüge  FAILED\n");
}

TEST(PrettyTest, KeepsTheOrderOfMembers) {
  const json::value value = {{"b", 1}, {"a", {1, "x"}}, {"c", json::object{}}};
  EXPECT_EQ(Pretty(value), "{\n  \"b\": 1,\n  \"a\": [\n    1,\n    \"x\"\n  ],\n  \"c\": {}\n}\n");
}

TEST(AgoTest, SaysNothingOfAnAbsentTime) { EXPECT_EQ(Ago(""), "-"); }

}  // namespace
}  // namespace streampark::cli
