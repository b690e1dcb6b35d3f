// SPDX-License-Identifier: Apache-2.0
#include "cluster_jobs.h"

#include <gtest/gtest.h>

namespace streampark::cli {
namespace {

TEST(NameForAdoptedTest, KeepsWhatANameMayHave) {
  EXPECT_EQ(NameForAdopted("a stranger_2.0"), "a stranger_2.0");
  EXPECT_EQ(NameForAdopted("insert-into_default_catalog.default_database.sink"),
            "insert-into_default_catalog.default_database.sink");
  EXPECT_EQ(NameForAdopted("(Flüge) → Ziel!"), "Fl-ge- - Ziel");
  EXPECT_EQ(NameForAdopted("航班"), "adopted");
  EXPECT_EQ(NameForAdopted(std::string(99, 'a') + " b"), std::string(99, 'a'));
}

}  // namespace
}  // namespace streampark::cli
