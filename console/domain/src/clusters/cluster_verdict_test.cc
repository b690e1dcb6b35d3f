// SPDX-License-Identifier: Apache-2.0
#include "clusters/cluster_verdict.h"

#include <gtest/gtest.h>

namespace streampark::console {
namespace {

ClusterFacts Whole() {
  return {.desired = ClusterDesired::kRunning,
          .job_manager_alive = true,
          .task_managers_alive = 2,
          .task_managers_wanted = 2,
          .slots_wanted = 4,
          .reachability = Reachability::kReachable,
          .slots_total = 4};
}

template <typename Change>
ClusterState With(Change change) {
  ClusterFacts facts = Whole();
  change(facts);
  return JudgeCluster(facts).state;
}

TEST(ClusterVerdictTest, EachRow) {
  using F = ClusterFacts;
  EXPECT_EQ(With([](F&) {}), ClusterState::kRunning);
  EXPECT_EQ(With([](F& f) { f.change = ClusterChange::kStarting; }), ClusterState::kStarting);
  EXPECT_EQ(With([](F& f) { f.change = ClusterChange::kStopping; }), ClusterState::kStopping);
  EXPECT_EQ(With([](F& f) { f.failure = "over budget"; }), ClusterState::kFailed);
  EXPECT_EQ(With([](F& f) { f.job_manager_alive = false; }), ClusterState::kDegraded);
  EXPECT_EQ(With([](F& f) { f.mending = "TaskManager 0"; }), ClusterState::kDegraded);
  EXPECT_EQ(With([](F& f) { f.task_managers_alive = 1; }), ClusterState::kDegraded);
  EXPECT_EQ(With([](F& f) { f.slots_total = 3; }), ClusterState::kDegraded);
  EXPECT_EQ(With([](F& f) { f.reachability = Reachability::kUnreachable; }),
            ClusterState::kUnreachable);
  EXPECT_EQ(With([](F& f) { f.reachability = Reachability::kUnknown; }),
            ClusterState::kUnreachable);
  EXPECT_EQ(With([](F& f) { f.desired = ClusterDesired::kStopped; }), ClusterState::kStopping);
  EXPECT_EQ(With([](F& f) {
              f.desired = ClusterDesired::kStopped;
              f.job_manager_alive = false;
              f.task_managers_alive = 0;
              f.reachability = Reachability::kUnreachable;
            }),
            ClusterState::kStopped);
}

TEST(ClusterVerdictTest, ARemoteClusterIsJudgedByItsAnswersAlone) {
  ClusterFacts facts{.kind = ClusterKind::kRemote, .desired = ClusterDesired::kRunning};
  facts.reachability = Reachability::kReachable;
  EXPECT_EQ(JudgeCluster(facts).state, ClusterState::kRunning);
  facts.reachability = Reachability::kUnreachable;
  facts.silence = "nobody answers";
  EXPECT_EQ(JudgeCluster(facts), (ClusterVerdict{ClusterState::kUnreachable, "nobody answers"}));
}

}  // namespace
}  // namespace streampark::console
