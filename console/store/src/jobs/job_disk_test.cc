// SPDX-License-Identifier: Apache-2.0
// Jobs on a disk that is full, read-only or loses its power: what is refused is refused before
// anything was done outside, and what was accepted is carried out once.
#include <gtest/gtest.h>

#include "jobs/testing/job_world.h"
#include "testing/faulty_disk.h"

namespace streampark::store::testing {
namespace {

using base::ErrorCode;
using console::OperationState;
using Survival = FaultyDisk::Survival;

constexpr const char* kStart = R"({"kind":"START"})";

class JobDisk : public ::testing::Test {
 protected:
  JobLife Begin() { return JobLife(folder_.path(), time_, engine_, {.vfs = disk_.vfs()}); }
  static base::Result<console::Operation> Try(JobLife& life, const std::string& job_id,
                                              std::string_view command) {
    return life.jobs().desk().Command(job_id, *console::CommandFromText(command), {"u", "user"});
  }

  base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  FaultyDisk disk_;
  VirtualTime time_;
  FakeEngine engine_{time_};
};

TEST_F(JobDisk, WithoutRoomACommandIsRefusedBeforeAnythingIsDoneOutside) {
  JobLife life = Begin();
  const std::string job = life.CreateJob();
  disk_.SetRoom(0);
  const auto refused = Try(life, job, kStart);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kStorageFull);
  EXPECT_EQ(engine_.submits, 0);
  EXPECT_EQ(engine_.compiles, 0);
  EXPECT_FALSE(life.State(job).operation.has_value()) << "what was refused must not hold the job";
  disk_.SetRoom(std::nullopt);
  EXPECT_EQ(life.Run(job, kStart).state, OperationState::kSucceeded);
  EXPECT_EQ(engine_.submits, 1);
}

TEST_F(JobDisk, WhereverTheRoomEndsAStartIsDoneOnceOrNotAtAll) {
  JobLife life = Begin();
  int accepted = 0;
  for (std::int64_t room = 4'000; room < 160'000; room += 26'000) {
    const std::string job = life.CreateJob("job-" + std::to_string(room));
    disk_.SetRoom(disk_.used_bytes() + room);
    const int submits = engine_.submits;
    const auto begun = Try(life, job, kStart);
    if (!begun.ok()) {
      EXPECT_EQ(begun.error().code(), ErrorCode::kStorageFull) << begun.error().ToString();
      EXPECT_EQ(engine_.submits, submits);
      disk_.SetRoom(std::nullopt);
      continue;
    }
    ++accepted;
    // It waits where there is no room for an intent, and goes on when there is.
    time_.Run(base::Millis(100));
    disk_.SetRoom(std::nullopt);
    EXPECT_EQ(life.Await(begun->id).state, OperationState::kSucceeded) << room;
    EXPECT_EQ(engine_.Alive(job), 1) << room;
    EXPECT_EQ(engine_.submits, submits + 1) << room;
  }
  EXPECT_GT(accepted, 2);
}

TEST_F(JobDisk, AReadOnlyDiskServesReadsRefusesCommandsAndKeepsWatching) {
  std::string job;
  {
    JobLife life = Begin();
    job = life.CreateJob();
    ASSERT_EQ(life.Run(job, kStart).state, OperationState::kSucceeded);
    disk_.SetReadOnly();
    const auto refused = Try(life, job, R"({"kind":"STOP","savepoint":"YES"})");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), ErrorCode::kStorageFailed);
    EXPECT_EQ(engine_.triggers, 0);
    EXPECT_EQ(engine_.cancels, 0);
    EXPECT_TRUE(life.jobs().store().FindRevision(job, 1).value().has_value());
    engine_.jobs.begin()->second.state = engines::EngineState::kRestarting;
    life.Observe(engine_);
    EXPECT_EQ(life.State(job).observed.state, engines::EngineState::kRestarting)
        << "what is seen is shown, kept or not";
    engine_.jobs.begin()->second.state = engines::EngineState::kRunning;
    disk_.SetWritable();
    life.Observe(engine_);
    EXPECT_EQ(life.Run(job, R"({"kind":"STOP","savepoint":"YES"})").state,
              OperationState::kSucceeded);
    disk_.CutPower();
  }
  disk_.PowerOn();
  JobLife second = Begin();
  EXPECT_EQ(second.State(job).job.desired, console::DesiredState::kSuspended);
  EXPECT_EQ(second.jobs().store().ListSnapshots(job, 0, "")->items.size(), 1U);
}

TEST(JobPower, CutAnywhereInAStartLosesNothingAndDoublesNothing) {
  for (std::int64_t passage = 1; passage < 60; ++passage) {
    const base::TemporaryFolder folder = base::TemporaryFolder::Create().value();
    FaultyDisk disk;
    VirtualTime time;
    FakeEngine engine(time);
    std::string job;
    std::string accepted;
    {
      JobLife first(folder.path(), time, engine, {.vfs = disk.vfs()});
      job = first.CreateJob();
      disk.CutPowerAt(passage);
      const auto begun =
          first.jobs().desk().Command(job, *console::CommandFromText(kStart), {"u", "user"});
      if (begun.ok()) {
        accepted = begun->id;
        time.RunUntil(
            [&] {
              const auto now = first.operations().Find(begun->id);
              return disk.dark() || (now.ok() && *now && !(*now)->open());
            },
            std::chrono::minutes(1));
      }
      first.driver().Cut();
      disk.CutPower();
    }
    disk.PowerOn({Survival::Kind::kSeeded, static_cast<std::uint64_t>(passage)});
    SCOPED_TRACE("cut at passage " + std::to_string(passage));
    JobLife second(folder.path(), time, engine, {.vfs = disk.vfs()});
    if (!accepted.empty()) {
      EXPECT_EQ(second.Await(accepted).state, OperationState::kSucceeded);
      EXPECT_EQ(engine.submits, 1);
    }
    EXPECT_LE(engine.Alive(job), 1);
    ASSERT_FALSE(::testing::Test::HasFailure());
  }
}

}  // namespace
}  // namespace streampark::store::testing
