// SPDX-License-Identifier: Apache-2.0
// The console is killed at every passage to the outside, before and after it, and another one goes
// on with what is on disk at that moment. The engine's own record says whether the promises were
// kept.
#include <condition_variable>
#include <functional>
#include <mutex>

#include <gtest/gtest.h>

#include "jobs/testing/job_world.h"

namespace streampark::store::testing {
namespace {

namespace fs = std::filesystem;
using console::OperationState;

/// Stops the first life at its n-th passage: from there on it reaches nothing, and what was on disk
/// then is what the second life finds.
class KillAt {
 public:
  KillAt(int passage, fs::path from, fs::path to)
      : passage_(passage), from_(std::move(from)), to_(std::move(to)) {}

  console::Outside::Probe Probe() {
    return [this](std::string_view point) { Pass(point); };
  }
  void Arm(FakeDriver& driver) {
    const std::lock_guard lock(mutex_);
    driver_ = &driver;
  }
  /// False when the passage was never reached.
  bool AwaitDeath(const std::function<bool()>& survived) {
    std::unique_lock lock(mutex_);
    while (!dead_) {
      if (died_.wait_for(lock, std::chrono::milliseconds(20)) == std::cv_status::timeout) {
        lock.unlock();
        const bool over = survived();
        lock.lock();
        if (over) {
          return dead_;
        }
      }
    }
    return true;
  }
  const std::string& point() const { return point_; }

 private:
  void Pass(std::string_view point) {
    const std::lock_guard lock(mutex_);
    if (driver_ == nullptr || dead_ || ++passed_ != passage_) {
      return;
    }
    driver_->Cut();
    fs::create_directories(to_);
    for (const char* name : {"streampark.db", "streampark.db-wal"}) {
      std::error_code ignored;
      fs::copy_file(from_ / name, to_ / name, ignored);
    }
    point_ = point;
    dead_ = true;
    died_.notify_all();
  }

  const int passage_;
  const fs::path from_, to_;
  std::mutex mutex_;
  std::condition_variable died_;
  FakeDriver* driver_ = nullptr;
  int passed_ = 0;
  bool dead_ = false;
  std::string point_;
};

/// Runs `command` after `before`, killed at each passage in turn; `check` judges the second life.
void KillEverywhere(const std::vector<std::string>& before, const std::string& command,
                    const std::function<void(JobLife&, FakeEngine&, const std::string& job_id,
                                             const console::Operation&)>& check) {
  int passage = 1;
  for (;; ++passage) {
    ASSERT_LT(passage, 200);
    const base::TemporaryFolder folder = base::TemporaryFolder::Create().value();
    FakeEngine engine;
    KillAt kill(passage, folder.path() / "first", folder.path() / "second");
    fs::create_directories(folder.path() / "first");
    std::string job_id;
    std::string operation_id;
    bool killed = false;
    {
      JobLife first(folder.path() / "first", engine, kill.Probe());
      job_id = first.CreateJob();
      for (const std::string& earlier : before) {
        first.Run(job_id, earlier);
      }
      kill.Arm(first.driver());
      operation_id = first.Command(job_id, command).id;
      killed = kill.AwaitDeath([&] {
        const auto found = first.operations().Find(operation_id);
        return found.ok() && *found && !(*found)->open();
      });
    }
    if (!killed) {
      break;
    }
    SCOPED_TRACE("killed at " + kill.point() + ", passage " + std::to_string(passage));
    JobLife second(folder.path() / "second", engine);
    const console::Operation ended = second.Await(operation_id);
    check(second, engine, job_id, ended);
    if (::testing::Test::HasFailure()) {
      return;
    }
  }
  EXPECT_GT(passage, 8) << "too few places to die at: the probe sees too little";
}

TEST(JobCrash, AStartIsNeitherLostNorDoubled) {
  KillEverywhere({}, R"({"kind":"START"})",
                 [](JobLife& life, FakeEngine& engine, const std::string& job_id,
                    const console::Operation& ended) {
                   EXPECT_EQ(ended.state, OperationState::kSucceeded)
                       << (ended.error ? ended.error->ToString() : "");
                   EXPECT_EQ(engine.submits, 1);
                   EXPECT_EQ(engine.Alive(job_id), 1);
                   EXPECT_EQ(life.jobs().board().Find(job_id)->badge.badge,
                             console::Badge::kRunning);
                 });
}

TEST(JobCrash, AStopKeepsItsSavepoint) {
  KillEverywhere({R"({"kind":"START"})"}, R"({"kind":"STOP","savepoint":"YES"})",
                 [](JobLife& life, FakeEngine& engine, const std::string& job_id,
                    const console::Operation& ended) {
                   EXPECT_EQ(ended.state, OperationState::kSucceeded)
                       << (ended.error ? ended.error->ToString() : "");
                   EXPECT_EQ(engine.triggers, 1);
                   EXPECT_EQ(engine.cancels, 0);
                   EXPECT_EQ(engine.Alive(job_id), 0);
                   const auto snapshots = life.jobs().store().ListSnapshots(job_id, 0, "");
                   EXPECT_EQ(snapshots->items.size(), 1U);
                   const console::Operation started = life.Run(job_id, R"({"kind":"START"})");
                   EXPECT_EQ(started.state, OperationState::kSucceeded);
                   const std::lock_guard lock(engine.mutex);
                   for (const auto& [id, job] : engine.jobs) {
                     if (!engines::IsTerminal(job.state)) {
                       EXPECT_EQ(job.restored_from, snapshots->items.front().path);
                     }
                   }
                 });
}

TEST(JobCrash, ARestartEndsWithOneLiveAttemptFromItsSavepoint) {
  KillEverywhere(
      {R"({"kind":"START"})"}, R"({"kind":"RESTART"})",
      [](JobLife&, FakeEngine& engine, const std::string& job_id, const console::Operation& ended) {
        EXPECT_EQ(ended.state, OperationState::kSucceeded)
            << (ended.error ? ended.error->ToString() : "");
        EXPECT_EQ(engine.submits, 2);
        EXPECT_EQ(engine.triggers, 1);
        EXPECT_EQ(engine.Alive(job_id), 1);
        const std::lock_guard lock(engine.mutex);
        for (const auto& [id, job] : engine.jobs) {
          if (!engines::IsTerminal(job.state)) {
            EXPECT_FALSE(job.restored_from.empty());
          }
        }
      });
}

TEST(JobCrash, ACancelIsFinished) {
  KillEverywhere(
      {R"({"kind":"START"})"}, R"({"kind":"STOP","savepoint":"NO"})",
      [](JobLife&, FakeEngine& engine, const std::string& job_id, const console::Operation& ended) {
        EXPECT_EQ(ended.state, OperationState::kSucceeded);
        EXPECT_EQ(engine.Alive(job_id), 0);
      });
}

}  // namespace
}  // namespace streampark::store::testing
