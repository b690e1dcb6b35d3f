// SPDX-License-Identifier: Apache-2.0
// Kills the console at every passage of the gate to the outside, during every operation of a
// cluster, and looks at what its next life makes of it.
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "clusters/testing/world.h"

namespace streampark::console {
namespace {

using engines::ProcessRole;
using testing::ConsoleLife;
using testing::Disk;
using testing::FakeTenants;
using testing::Machine;

/// Stops whoever passes the gate for the nth time, for as long as it lives: to the rest of the
/// world that is a console that was killed there. Only the operation's own passages count, not the
/// observers'.
class Freezer {
 public:
  explicit Freezer(int at) : at_(at) {}

  void Pass(std::string_view point) {
    if (point.starts_with("OBSERVE_CLUSTER") || point.starts_with("MEND_PROCESS")) {
      return;
    }
    std::unique_lock lock(mutex_);
    if (!armed_) {
      return;
    }
    passed_.emplace_back(point);
    if (static_cast<int>(passed_.size()) - 1 == at_) {
      frozen_ = true;
      changed_.notify_all();
      changed_.wait(lock, [&] { return thawed_; });
    }
  }
  void Arm() {
    const std::lock_guard lock(mutex_);
    armed_ = true;
  }
  /// Waits for the nth passage; false when `ended` holds before it comes.
  bool AwaitFrozen(const std::function<bool()>& ended) {
    return testing::Eventually([&] {
             {
               const std::lock_guard lock(mutex_);
               if (frozen_) {
                 return true;
               }
             }
             return ended();
           }) &&
           frozen();
  }
  void Thaw() {
    const std::lock_guard lock(mutex_);
    thawed_ = true;
    changed_.notify_all();
  }
  bool frozen() {
    const std::lock_guard lock(mutex_);
    return frozen_;
  }
  std::string point() {
    const std::lock_guard lock(mutex_);
    return passed_.empty() ? "" : passed_.back();
  }

 private:
  const int at_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool armed_ = false, frozen_ = false, thawed_ = false;
  std::vector<std::string> passed_;
};

struct Scenario {
  OperationKind kind;
  bool runs_before;
  ClusterState after;
};

class ClusterCrashTest : public ::testing::TestWithParam<Scenario> {};

TEST_P(ClusterCrashTest, EveryKillPointEndsAsTheCommandSaid) {
  const Scenario scenario = GetParam();
  std::set<std::string> points;
  for (int at = 0;; ++at) {
    ASSERT_LT(at, 200) << "there is no end of kill points";
    auto disk = std::make_shared<Disk>();
    Machine machine;
    FakeTenants tenants;
    const auto folder = std::filesystem::path(::testing::TempDir()) / "crash";
    Freezer freezer(at);
    auto first = std::make_unique<ConsoleLife>(
        disk, machine, tenants, folder, [&](std::string_view point) { freezer.Pass(point); });
    first->Start();
    const std::string id = first->MakeCluster("a");
    if (scenario.runs_before) {
      ASSERT_EQ(first->Run(id, {.kind = OperationKind::kStart}).state, OperationState::kSucceeded);
    }
    freezer.Arm();
    const Operation begun =
        *first->clusters->Command(id, {.kind = scenario.kind}, testing::kTester, "");
    const bool frozen =
        freezer.AwaitFrozen([&] { return !first->operation_store.Find(begun.id)->value().open(); });
    if (!frozen) {
      break;  // it ended before the nth passage: all were tried
    }
    SCOPED_TRACE("killed at " + freezer.point());
    points.insert(freezer.point());
    first->Die();
    {
      ConsoleLife second(disk, machine, tenants, folder);
      second.Start();
      const Operation ended = second.Await(begun.id);
      EXPECT_EQ(ended.state, OperationState::kSucceeded)
          << (ended.error ? ended.error->ToString() : "");
      const ClusterPtr cluster = second.AwaitState(id, scenario.after);
      const auto living = machine.Living(id);
      if (scenario.after == ClusterState::kStopped) {
        EXPECT_TRUE(living.empty());
      } else {
        EXPECT_EQ(living.size(), 2U) << "one of each, never two in one place";
        for (const auto& process : living) {
          EXPECT_TRUE(std::any_of(cluster->processes.begin(), cluster->processes.end(),
                                  [&](const ManagedProcess& p) { return p.id == process.id; }))
              << "a process that lives is on record";
        }
      }
    }
    freezer.Thaw();
  }
  RecordProperty("points", static_cast<int>(points.size()));
  EXPECT_GE(points.size(), 3U);
}

INSTANTIATE_TEST_SUITE_P(
    Operations, ClusterCrashTest,
    ::testing::Values(Scenario{OperationKind::kStart, false, ClusterState::kRunning},
                      Scenario{OperationKind::kStop, true, ClusterState::kStopped},
                      Scenario{OperationKind::kRestart, true, ClusterState::kRunning}),
    [](const auto& scenario) { return std::string(ToString(scenario.param.kind)); });

TEST(ClusterRecoveryTest, FindsUnrecordedProcessesAndEndsSecondOnes) {
  auto disk = std::make_shared<Disk>();
  Machine machine;
  FakeTenants tenants;
  const auto folder = std::filesystem::path(::testing::TempDir()) / "recovery";
  std::string id;
  {
    ConsoleLife first(disk, machine, tenants, folder);
    first.Start();
    id = first.MakeCluster("a");
    first.Run(id, {.kind = OperationKind::kStart});
  }
  EXPECT_EQ(machine.Living(id).size(), 2U) << "they outlive the console";
  {
    // Its id was never written down, and somebody started a second TaskManager.
    const std::lock_guard lock(disk->mutex);
    disk->processes.at({id, ProcessRole::kJobManager, 0}).id = {};
  }
  ASSERT_TRUE(machine.Start(id, ProcessRole::kTaskManager, 0).ok());
  const int starts = machine.starts();
  ConsoleLife second(disk, machine, tenants, folder);
  second.Start();
  second.AwaitState(id, ClusterState::kRunning);
  EXPECT_EQ(machine.Living(id).size(), 2U);
  EXPECT_EQ(machine.starts(), starts) << "nothing was started";
}

}  // namespace
}  // namespace streampark::console
