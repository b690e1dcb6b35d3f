// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/spelling.h"

#include <vector>

#include <gtest/gtest.h>

namespace streampark::base {
namespace {

const std::vector<std::string> kKeys = {"parallelism", "dependencies", "options", "sql"};

TEST(SpellingTest, FindsWhatWasMeant) {
  EXPECT_EQ(ClosestMatch("paralelism", kKeys), "parallelism");
  EXPECT_EQ(ClosestMatch("optoins", kKeys), "options");
  EXPECT_EQ(ClosestMatch("Options", kKeys), "options");
  EXPECT_EQ(ClosestMatch("slq", kKeys), "sql");
}

TEST(SpellingTest, DoesNotGuessWildly) {
  EXPECT_EQ(ClosestMatch("banana", kKeys), std::nullopt);
  EXPECT_EQ(ClosestMatch("x", kKeys), std::nullopt);
  EXPECT_EQ(ClosestMatch("", kKeys), std::nullopt);
  EXPECT_EQ(ClosestMatch(std::string(100'000, 'o'), kKeys), std::nullopt);
}

}  // namespace
}  // namespace streampark::base
