// SPDX-License-Identifier: Apache-2.0
#include "jobs/restore_fit.h"

#include <gtest/gtest.h>

#include "jobs/snapshot_place.h"

namespace streampark::console {
namespace {

using base::ErrorCode;

engines::SnapshotInspection::Operator Saved(std::string id, int max_parallelism = 128) {
  return {.id = std::move(id),
          .max_parallelism = max_parallelism,
          .state_bytes = 10,
          .has_state = true};
}

class RestoreFitTest : public ::testing::Test {
 protected:
  Release release_{.plan = "plan", .operators = {{"a", "source", 2}, {"b", "count", 2}}};
  engines::SnapshotInspection snapshot_{.operators = {Saved("a"), Saved("b")}};

  base::Status Fit(int parallelism = 2, LeftBehind left = LeftBehind::kRefused) {
    return CheckFit(release_, parallelism, 2, snapshot_, {{"c", "join"}}, left);
  }
};

TEST_F(RestoreFitTest, AllStateFindsItsOperator) { EXPECT_TRUE(Fit().ok()); }

TEST_F(RestoreFitTest, StateWithoutAnOperatorIsListedByName) {
  snapshot_.operators.push_back(Saved("c"));
  snapshot_.operators.push_back(Saved("d"));
  const base::Status status = Fit();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kStateNotRestored);
  ASSERT_EQ(status.error().fields().size(), 2U);
  EXPECT_EQ(status.error().fields()[0].message, "join (c): 10 bytes of state without an operator");
  EXPECT_TRUE(Fit(2, LeftBehind::kAllowed).ok());
}

TEST_F(RestoreFitTest, AnOperatorWithoutStateMayGo) {
  snapshot_.operators.push_back({.id = "c"});
  EXPECT_TRUE(Fit().ok());
}

TEST_F(RestoreFitTest, ParallelismStaysBelowTheSavedMaximum) {
  snapshot_.operators = {Saved("a", 4)};
  EXPECT_TRUE(Fit(4).ok());
  EXPECT_EQ(Fit(5, LeftBehind::kAllowed).error().code(), ErrorCode::kValidationFailed);
  release_.operators[0].parallelism = 1;  // its own, whatever the job's is
  EXPECT_TRUE(Fit(5).ok());
}

TEST_F(RestoreFitTest, WithoutACompiledPlanTheEngineDecides) {
  release_.plan.clear();
  snapshot_.operators.push_back(Saved("c"));
  EXPECT_TRUE(Fit().ok());
}

TEST(SnapshotPlace, OnePlaceIsWrittenInOneWay) {
  const std::string place = PlaceOf("file:/no/such/savepoint-1");
  for (const char* same :
       {"file:///no/such/savepoint-1", "/no/such/savepoint-1", "file:/no//such/./savepoint-1/",
        "file:///no/such/savepoint-1/_metadata", "FILE:/no/other/../such/savepoint-1"}) {
    EXPECT_EQ(PlaceOf(same), place) << same;
  }
  EXPECT_NE(PlaceOf("/no/such/savepoint-2"), place);
  EXPECT_EQ(PlaceOf("s3a://bucket//a/"), PlaceOf("s3://bucket/a"));
  EXPECT_NE(PlaceOf("s3://other/a"), PlaceOf("s3://bucket/a"));
}

}  // namespace
}  // namespace streampark::console
