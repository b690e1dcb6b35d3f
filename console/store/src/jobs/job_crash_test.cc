// SPDX-License-Identifier: Apache-2.0
// The console is killed at every passage to the outside, before and after it, and another one goes
// on with what is on disk at that moment. The engine's own record says whether the promises were
// kept.
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "jobs/testing/job_world.h"
#include "testing/faulty_disk.h"

namespace streampark::store::testing {
namespace {

using console::OperationState;

/// Thrown out of the first life at its n-th passage: what is on disk then is what the second life
/// finds.
struct Killed {
  std::string point;
};

/// Runs `command` after `before` (commands, and the SQL of edits), killed at each passage in turn;
/// `check` judges the second life.
void KillEverywhere(const std::vector<std::string>& before, const std::string& command,
                    const std::function<void(JobLife&, FakeEngine&, const std::string& job_id,
                                             const console::Operation&)>& check,
                    base::Millis checkpoint_every = base::Millis(0)) {
  int passage = 1;
  for (;; ++passage) {
    ASSERT_LT(passage, 200);
    const base::TemporaryFolder folder = base::TemporaryFolder::Create().value();
    FaultyDisk disk;
    VirtualTime time;
    FakeEngine engine(time);
    engine.checkpoint_every = checkpoint_every;
    std::string job_id;
    std::string operation_id;
    std::string point;
    int passed = -1;  // not counted yet
    const auto probe = [&](std::string_view at) {
      if (passed >= 0 && ++passed == passage) {
        throw Killed{std::string(at)};
      }
    };
    try {
      JobLife first(folder.path(), time, engine, {.probe = probe, .vfs = disk.vfs()});
      job_id = first.CreateJob();
      for (const std::string& earlier : before) {
        if (earlier.starts_with("{")) {
          first.Run(job_id, earlier);
        } else {
          first.Edit(job_id, earlier);
        }
      }
      passed = 0;
      operation_id = first.Command(job_id, command).id;
      first.Await(operation_id);
    } catch (const Killed& killed) {
      point = killed.point;
    }
    if (point.empty()) {
      break;
    }
    SCOPED_TRACE("killed at " + point + ", passage " + std::to_string(passage));
    disk.CutPower();
    disk.PowerOn();
    JobLife second(folder.path(), time, engine, {.vfs = disk.vfs()});
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
        for (const auto& [id, job] : engine.jobs) {
          if (!engines::IsTerminal(job.state)) {
            EXPECT_FALSE(job.restored_from.empty());
          }
        }
      });
}

TEST(JobCrash, ADeletedSnapshotLeavesNoRowBehind) {
  for (int passage = 1;; ++passage) {
    const base::TemporaryFolder folder = base::TemporaryFolder::Create().value();
    FaultyDisk disk;
    VirtualTime time;
    FakeEngine engine(time);
    std::string job;
    bool killed = false;
    int passed = -1;  // not counted yet
    try {
      JobLife first(
          folder.path(), time, engine,
          {.probe =
               [&](std::string_view at) {
                 if (passed >= 0 && at.ends_with("DELETE_SNAPSHOT.after") && ++passed == passage) {
                   throw Killed{std::string(at)};
                 }
               },
           .vfs = disk.vfs()});
      job = first.CreateJob();
      first.Run(job, R"({"kind":"START"})");
      const console::Operation saved = first.Run(job, R"({"kind":"SAVEPOINT"})");
      passed = 0;
      ASSERT_TRUE(first.jobs().DeleteSnapshot(job, saved.result.snapshot_id, {}).ok());
    } catch (const Killed&) {
      killed = true;
    }
    if (!killed) {
      EXPECT_EQ(passage, 5) << "intent, look, act and outcome; then it is done";
      return;
    }
    disk.CutPower();
    disk.PowerOn();
    JobLife second(folder.path(), time, engine, {.vfs = disk.vfs()});
    second.RunUntil([&] { return second.jobs().store().ListSnapshots(job, 0, "")->items.empty(); });
    EXPECT_EQ(engine.deleted.size(), passage == 3 ? 2U : 1U) << "again where it was not told";
  }
}

TEST(JobCrash, AnUpgradeGoesOnFromItsSavepoint) {
  KillEverywhere(
      {R"({"kind":"START"})", "INSERT INTO b SELECT * FROM better"}, R"({"kind":"UPGRADE"})",
      [](JobLife& life, FakeEngine& engine, const std::string& job_id,
         const console::Operation& ended) {
        EXPECT_EQ(ended.state, OperationState::kSucceeded)
            << (ended.error ? ended.error->ToString() : "");
        EXPECT_EQ(engine.submits, 2);
        EXPECT_EQ(engine.triggers, 1);
        EXPECT_EQ(engine.Alive(job_id), 1);
        EXPECT_EQ(life.State(job_id).job.deployed, 2);
        for (const auto& [id, job] : engine.jobs) {
          if (!engines::IsTerminal(job.state)) {
            EXPECT_TRUE(job.restored_from.starts_with("file:///savepoints/")) << job.restored_from;
          }
        }
      },
      base::Millis(300));
}

TEST(JobCrash, AnUpgradeThatFailsIsRolledBackOnce) {
  KillEverywhere(
      {R"({"kind":"START"})", R"({"kind":"UPGRADE"})", "INSERT INTO b SELECT * FROM doomed"},
      R"({"kind":"UPGRADE"})",
      [](JobLife& life, FakeEngine& engine, const std::string& job_id,
         const console::Operation& ended) {
        EXPECT_EQ(ended.state, OperationState::kFailed);
        EXPECT_EQ(ended.result.rolled_back_to, 1) << (ended.error ? ended.error->ToString() : "");
        EXPECT_EQ(engine.submits, 4);
        EXPECT_EQ(engine.triggers, 2);
        EXPECT_EQ(engine.Alive(job_id), 1);
        const console::JobState state = life.State(job_id);
        EXPECT_EQ(state.job.deployed, 1);
        EXPECT_EQ(state.job.wanted, 2);
        EXPECT_EQ(state.job.desired, console::DesiredState::kRunning);
        const auto point = life.jobs().store().FindSnapshot(ended.result.snapshot_id);
        ASSERT_TRUE(point.ok() && *point);
        for (const auto& [id, job] : engine.jobs) {
          if (!engines::IsTerminal(job.state)) {
            EXPECT_FALSE(job.doomed());
            EXPECT_EQ(job.restored_from, (*point)->path);
          }
        }
      },
      base::Millis(300));
}

TEST(JobCrash, ACancelIsFinished) {
  KillEverywhere(
      {R"({"kind":"START"})"}, R"({"kind":"STOP","savepoint":"NO"})",
      [](JobLife&, FakeEngine& engine, const std::string& job_id, const console::Operation& ended) {
        EXPECT_EQ(ended.state, OperationState::kSucceeded);
        EXPECT_EQ(engine.Alive(job_id), 0);
      });
}

TEST(JobCrash, ATermDuringAHundredOperationsLosesAndDoublesNone) {
  const base::TemporaryFolder folder = base::TemporaryFolder::Create().value();
  VirtualTime time;
  FakeEngine engine(time);
  engine.slots_free = 1000;
  std::vector<std::string> jobs, operations;
  {
    JobLife first(folder.path(), time, engine);
    for (int i = 0; i < 100; ++i) {
      jobs.push_back(first.CreateJob("job-" + std::to_string(i)));
    }
    for (const std::string& job : jobs) {
      operations.push_back(first.Command(job, R"({"kind":"START"})").id);
    }
    first.RunUntil([&] { return engine.submits >= 30; });
    EXPECT_LT(engine.submits, 100) << "it ends in the middle";
    first.jobs().Stop();
  }
  JobLife second(folder.path(), time, engine);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    EXPECT_EQ(second.Await(operations[i]).state, OperationState::kSucceeded);
    EXPECT_EQ(engine.Alive(jobs[i]), 1);
  }
  EXPECT_EQ(engine.submits, 100);
}

}  // namespace
}  // namespace streampark::store::testing
