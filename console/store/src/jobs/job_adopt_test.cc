// SPDX-License-Identifier: Apache-2.0
// Jobs that were started elsewhere come under the care of ours without being touched.
#include <gtest/gtest.h>

#include "jobs/testing/job_world.h"

namespace streampark::store::testing {
namespace {

using base::ErrorCode;
using console::Badge;
using console::OperationState;

constexpr const char* kForeign = "00000000000000000000000000000abc";

class JobAdoptTest : public ::testing::Test {
 protected:
  void SetUp() override { engine_.jobs[kForeign] = {.state = engines::EngineState::kRunning}; }
  console::Operation Adopt(const std::string& job, const std::string& engine_job_id = kForeign) {
    return life_.Run(job, R"({"kind":"ADOPT","engineJobId":")" + engine_job_id + R"("})");
  }
  void ExpectRefused(const console::Operation& operation, ErrorCode code) {
    EXPECT_EQ(operation.state, OperationState::kFailed);
    ASSERT_TRUE(operation.error.has_value());
    EXPECT_EQ(operation.error->code(), code) << operation.error->ToString();
    EXPECT_EQ(life_.State(job_).job.desired, console::DesiredState::kStopped);
    EXPECT_FALSE(life_.State(job_).attempt.has_value());
  }

  base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  VirtualTime time_;
  FakeEngine engine_{time_};
  JobLife life_{folder_.path(), time_, engine_};
  std::string job_ = life_.CreateJob();
};

TEST_F(JobAdoptTest, WhatRunsBecomesItsAttemptAndIsStoppedWithASavepoint) {
  const console::Operation adopted = Adopt(job_);
  ASSERT_EQ(adopted.state, OperationState::kSucceeded)
      << (adopted.error ? adopted.error->ToString() : "");
  const console::JobState state = life_.State(job_);
  EXPECT_EQ(state.attempt->engine_job_id, kForeign);
  EXPECT_EQ(state.attempt->id, adopted.result.attempt_id);
  EXPECT_EQ(life_.jobs().board().Find(job_)->badge.badge, Badge::kRunning);
  EXPECT_EQ(engine_.submits + engine_.cancels + engine_.triggers, 0) << "nothing was done to it";

  EXPECT_EQ(life_.Run(job_, R"({"kind":"STOP","savepoint":"YES"})").state,
            OperationState::kSucceeded);
  EXPECT_EQ(life_.Run(job_, R"({"kind":"START"})").state, OperationState::kSucceeded);
  EXPECT_EQ(engine_.restores.size(), 1U) << "it goes on from there";
}

TEST_F(JobAdoptTest, NobodyAdoptsWhatIsTaken) {
  ASSERT_EQ(Adopt(job_).state, OperationState::kSucceeded);
  const std::string owner = job_;
  job_ = life_.CreateJob("second");
  const console::Operation again = Adopt(job_);
  ExpectRefused(again, ErrorCode::kIllegalState);
  EXPECT_EQ(again.error->related_id(), owner);
}

TEST_F(JobAdoptTest, AnotherConsolesJobIsLeftToIt) {
  engine_.jobs[kForeign].labels = {{"streampark.console", "another"}};
  ExpectRefused(Adopt(job_), ErrorCode::kIllegalState);
}

TEST_F(JobAdoptTest, WhatIsNotThereOrHasEndedIsRefused) {
  ExpectRefused(Adopt(job_, "00000000000000000000000000000def"), ErrorCode::kNotFound);
  engine_.jobs[kForeign].state = engines::EngineState::kCanceled;
  ExpectRefused(Adopt(job_), ErrorCode::kIllegalState);
  EXPECT_EQ(life_.jobs().board().Find(job_)->badge.badge, Badge::kDraft)
      << "a job that adopted nothing has not failed";
}

TEST_F(JobAdoptTest, AJobThatRunsAdoptsNothing) {
  ASSERT_EQ(life_.Run(job_, R"({"kind":"START"})").state, OperationState::kSucceeded);
  const auto refused = life_.jobs().desk().Command(
      job_, *console::CommandFromText(R"({"kind":"ADOPT","engineJobId":"abc"})"), {"u", "user"});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::kIllegalState);
}

}  // namespace
}  // namespace streampark::store::testing
