// SPDX-License-Identifier: Apache-2.0
#include "jobs/snapshot_retention.h"

#include <gtest/gtest.h>

namespace streampark::console {
namespace {

constexpr base::Millis kDay{86'400'000};

class SnapshotRetentionTest : public ::testing::Test {
 protected:
  SnapshotRetentionTest() {
    settings_.snapshots_kept = 2;
    settings_.snapshots_kept_for = kDay * 30;
    for (int age = 1; age <= 4; ++age) {  // 40, 80, 120 and 160 days
      const base::Timestamp at = now_ - kDay * 40 * age;
      snapshots_.push_back({.id = "s" + std::to_string(age),
                            .attempt_id = "ended",
                            .path = "file:///s" + std::to_string(age),
                            .triggered_at = at,
                            .completed_at = at});
    }
  }
  std::vector<std::string> Ids() const {
    std::vector<std::string> ids;
    for (const Snapshot& one : Expendable(snapshots_, job_, settings_, now_)) {
      ids.push_back(one.id);
    }
    return ids;
  }

  base::Timestamp now_{kDay * 1000};
  Settings settings_;
  JobState job_;
  std::vector<Snapshot> snapshots_;
};

TEST_F(SnapshotRetentionTest, TheOldestGoFirst) {
  EXPECT_EQ(Ids(), (std::vector<std::string>{"s4", "s3"}));
}

TEST_F(SnapshotRetentionTest, YoungOnesStayHoweverMany) {
  settings_.snapshots_kept = 0;
  settings_.snapshots_kept_for = kDay * 100;
  EXPECT_EQ(Ids(), (std::vector<std::string>{"s4", "s3"}));
}

TEST_F(SnapshotRetentionTest, WhatCannotBeUsedDoesNotCountAsKept) {
  snapshots_[0].verification = Verification::kInvalid;
  EXPECT_EQ(Ids(), (std::vector<std::string>{"s4"})) << "s2 and s3 are the two that can be used";
}

TEST_F(SnapshotRetentionTest, WhatIsReferredToStays) {
  job_.job.resume_snapshot_id = "s4";
  EXPECT_EQ(Ids(), (std::vector<std::string>{"s3"}));
  job_.attempt = Attempt{.id = "runs", .restored_from = "s3"};
  EXPECT_TRUE(Ids().empty());
}

TEST_F(SnapshotRetentionTest, WhatAPersonNamedStays) {
  snapshots_[3].name = "before the move";
  snapshots_[2].note = "audit";
  EXPECT_TRUE(Ids().empty());
}

TEST_F(SnapshotRetentionTest, FilesOfOthersStay) {
  snapshots_[3].attempt_id.clear();
  EXPECT_EQ(Ids(), (std::vector<std::string>{"s3"}));
}

TEST_F(SnapshotRetentionTest, NothingGoesWhileAnythingIsUnderWay) {
  job_.operation = OperationMark{.id = "o"};
  EXPECT_TRUE(Ids().empty());
  job_.operation.reset();
  job_.job.desired = DesiredState::kDeleted;
  EXPECT_TRUE(Ids().empty()) << "a deleted job's are kept or not as its deletion said";
}

}  // namespace
}  // namespace streampark::console
