// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "streampark/base/random.h"
#include "streampark/engines/engine.h"

/// What every adapter must do, whatever the engine: docs/adr/0012-adapter-contract.md. A test
/// program of an adapter derives AdapterUnderTest, instantiates AdapterContract with a way to make
/// it, and has all of these tests against its real engine.
namespace streampark::engines {

/// An adapter with a running cluster, and the few jobs that the contract needs.
class AdapterUnderTest {
 public:
  enum class Kind {
    kCounting,  // counts 1, 2, 3 … for ever; its state is how far it came
    kFailing,   // fails by itself, with kFailure in its root cause
    kFinite,    // ends by itself
  };
  static constexpr const char* kFailure = "by zero";
  static constexpr const char* kLabel = "streampark.contract";  // its value: the job's id

  virtual ~AdapterUnderTest() = default;
  virtual JobDriver& driver() = 0;
  virtual Endpoint cluster() = 0;
  /// Where nobody answers.
  virtual Endpoint nobody() = 0;
  virtual base::Status Submit(const std::string& engine_job_id, Kind kind,
                              const std::optional<RestorePoint>& restore) = 0;
  /// The numbers that counting jobs have made visible to the outside so far, in their order; jobs
  /// that go on from one another's state share them.
  virtual std::vector<std::int64_t> Counted() = 0;
  /// A folder where no savepoint can be written.
  virtual std::string forbidden_folder() = 0;
};

/// The tests share one adapter, and clean up after themselves.
class AdapterContract
    : public testing::TestWithParam<std::function<std::shared_ptr<AdapterUnderTest>()>> {
 protected:
  using Kind = AdapterUnderTest::Kind;
  using State = TriggerObservation::State;

  void SetUp() override {
    adapter_ = GetParam()();
    ASSERT_NE(adapter_, nullptr);
  }
  void TearDown() override {
    for (const std::string& id : submitted_) {
      EXPECT_TRUE(driver().Cancel(adapter_->cluster(), id, {}).ok());
      EXPECT_TRUE(Eventually([&] { return Ended(id); })) << "a job that was cancelled ends";
    }
  }

  JobDriver& driver() { return adapter_->driver(); }
  std::string NewId() { return base::RandomHex(random_, 16); }

  std::string Started(Kind kind, const std::optional<RestorePoint>& restore = {}) {
    const std::string id = NewId();
    const base::Status status = adapter_->Submit(id, kind, restore);
    EXPECT_TRUE(status.ok()) << status.error().ToString();
    submitted_.push_back(id);
    return id;
  }
  std::string Running(const std::optional<RestorePoint>& restore = {}) {
    const std::string id = Started(Kind::kCounting, restore);
    EXPECT_TRUE(Eventually([&] { return StateOf(id) == EngineState::kRunning; }));
    return id;
  }

  std::optional<EngineState> StateOf(const std::string& id) {
    const auto seen = driver().Find(adapter_->cluster(), id, {});
    return seen.ok() && *seen ? std::optional((*seen)->state) : std::nullopt;
  }
  bool Ended(const std::string& id) {
    const auto state = StateOf(id);
    return state && IsTerminal(*state);
  }
  TriggerObservation Await(const StopRequest& request) {
    TriggerObservation seen;
    EXPECT_TRUE(Eventually([&] {
      const auto now = driver().ObserveTrigger(adapter_->cluster(), request.engine_job_id,
                                               request.trigger_id, {});
      seen = now.ok() ? *now : seen;
      return now.ok() && now->state != State::kInProgress;
    }));
    return seen;
  }
  int Savepoints(const std::string& id) {
    const CheckpointStatistics statistics =
        driver().Checkpoints(adapter_->cluster(), id, {}).value_or({});
    int savepoints = 0;
    for (const Checkpoint& one : statistics.checkpoints) {
      savepoints +=
          one.kind == SnapshotKind::kSavepoint && one.state == CheckpointState::kCompleted;
    }
    return savepoints;
  }

  /// Asks again and again; false after two minutes.
  static bool Eventually(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) {
        return false;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));  // between two questions
    }
    return true;
  }
  /// Once answers cannot be from before now any more.
  void AwaitFreshAnswers() {
    std::this_thread::sleep_for(driver().AnswerAge(adapter_->cluster(), {}));
  }

  std::shared_ptr<AdapterUnderTest> adapter_;
  base::SecureRandom random_;
  std::vector<std::string> submitted_;
};

TEST_P(AdapterContract, AJobRunsUnderTheIdThatWasChosen) {
  const std::string id = Running();
  const auto overview = driver().Observe(adapter_->cluster(), base::Millis(5'000), {});
  ASSERT_TRUE(overview.ok()) << overview.error().ToString();
  int seen = 0;
  for (const JobObservation& job : overview->jobs) {
    seen += job.engine_job_id == id;
  }
  EXPECT_EQ(seen, 1);
}

TEST_P(AdapterContract, ASecondSubmitOfAnIdStartsNothing) {
  const std::string id = Running();
  const base::Status again = adapter_->Submit(id, Kind::kCounting, {});
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code(), base::ErrorCode::kDuplicateJob) << again.error().ToString();
  ASSERT_TRUE(driver().Cancel(adapter_->cluster(), id, {}).ok());
  ASSERT_TRUE(Eventually([&] { return Ended(id); }));
  const base::Status after_its_end = adapter_->Submit(id, Kind::kCounting, {});
  ASSERT_FALSE(after_its_end.ok()) << "ended is for ever";
  EXPECT_EQ(after_its_end.error().code(), base::ErrorCode::kDuplicateJob);
}

TEST_P(AdapterContract, AJobThatIsNotThereIsAbsent) {
  const auto seen = driver().Find(adapter_->cluster(), NewId(), {});
  ASSERT_TRUE(seen.ok()) << seen.error().ToString();
  EXPECT_FALSE(seen->has_value());
  const base::Status cancelled = driver().Cancel(adapter_->cluster(), NewId(), {});
  ASSERT_FALSE(cancelled.ok());
  EXPECT_EQ(cancelled.error().code(), base::ErrorCode::kNotFound);
}

TEST_P(AdapterContract, AJobSaysWhatItWasSubmittedWith) {
  const std::string id = Running();
  const auto labels = driver().Labels(adapter_->cluster(), id, {});
  ASSERT_TRUE(labels.ok()) << labels.error().ToString();
  ASSERT_TRUE(labels->contains(AdapterUnderTest::kLabel));
  EXPECT_EQ(labels->at(AdapterUnderTest::kLabel), id);
  const auto nothing = driver().Labels(adapter_->cluster(), NewId(), {});
  ASSERT_FALSE(nothing.ok());
  EXPECT_EQ(nothing.error().code(), base::ErrorCode::kNotFound);
}

TEST_P(AdapterContract, SilenceSaysNothing) {
  const Endpoint nobody = adapter_->nobody();
  const std::string id = NewId();
  const StopRequest request{.engine_job_id = id, .trigger_id = NewId()};
  const auto expect_silence = [](const auto& answer) {
    ASSERT_FALSE(answer.ok());
    EXPECT_TRUE(answer.error().code() == base::ErrorCode::kClusterUnreachable ||
                answer.error().code() == base::ErrorCode::kEngineTimeout)
        << answer.error().ToString();
  };
  expect_silence(driver().Observe(nobody, base::Millis(2'000), {}));
  expect_silence(driver().Find(nobody, id, {}));
  expect_silence(driver().Checkpoints(nobody, id, {}));
  expect_silence(driver().Exceptions(nobody, id, {}));
  expect_silence(driver().Labels(nobody, id, {}));
  expect_silence(driver().ObserveTrigger(nobody, id, request.trigger_id, {}));
  expect_silence(driver().Trigger(nobody, request, {}));
  expect_silence(driver().Cancel(nobody, id, {}));
}

TEST_P(AdapterContract, WhoStopsAskingGetsNoAnswer) {
  std::stop_source asking;
  asking.request_stop();
  const auto seen = driver().Find(adapter_->cluster(), NewId(), asking.get_token());
  ASSERT_FALSE(seen.ok());
  EXPECT_EQ(seen.error().code(), base::ErrorCode::kCancelled);
}

TEST_P(AdapterContract, ATriggerIdIsOneSavepoint) {
  const std::string id = Running();
  const StopRequest request{.engine_job_id = id, .trigger_id = NewId()};
  ASSERT_TRUE(driver().Trigger(adapter_->cluster(), request, {}).ok());
  ASSERT_TRUE(driver().Trigger(adapter_->cluster(), request, {}).ok());
  const TriggerObservation first = Await(request);
  ASSERT_EQ(first.state, State::kCompleted) << first.cause;
  EXPECT_FALSE(first.path.empty());
  ASSERT_TRUE(driver().Trigger(adapter_->cluster(), request, {}).ok());
  EXPECT_EQ(Await(request).path, first.path);
  AwaitFreshAnswers();
  EXPECT_EQ(Savepoints(id), 1);
  EXPECT_EQ(StateOf(id), EngineState::kRunning) << "a savepoint stops nothing";
}

TEST_P(AdapterContract, AnUnknownTriggerIsUnknown) {
  const std::string id = Running();
  const auto seen = driver().ObserveTrigger(adapter_->cluster(), id, NewId(), {});
  ASSERT_TRUE(seen.ok()) << seen.error().ToString();
  EXPECT_EQ(seen->state, State::kUnknown);
}

TEST_P(AdapterContract, ASavepointThatFailsStopsNothing) {
  const std::string id = Running();
  for (const auto after : {StopRequest::After::kGoOn, StopRequest::After::kStop}) {
    const StopRequest request{.engine_job_id = id,
                              .trigger_id = NewId(),
                              .directory = adapter_->forbidden_folder(),
                              .after = after};
    ASSERT_TRUE(driver().Trigger(adapter_->cluster(), request, {}).ok());
    const TriggerObservation seen = Await(request);
    EXPECT_EQ(seen.state, State::kFailed);
    EXPECT_FALSE(seen.cause.empty());
    EXPECT_TRUE(Eventually([&] { return StateOf(id) == EngineState::kRunning; }));
  }
  const std::size_t before = adapter_->Counted().size();
  EXPECT_TRUE(Eventually([&] { return adapter_->Counted().size() > before; })) << "it works on";
}

TEST_P(AdapterContract, CountsGoOnExactlyWhereAStopWithSavepointEnded) {
  std::optional<RestorePoint> from;
  for (int life = 0; life < 2; ++life) {
    const std::size_t before = adapter_->Counted().size();
    const std::string id = Running(from);
    ASSERT_TRUE(Eventually([&] { return adapter_->Counted().size() > before; }));
    const StopRequest stop{
        .engine_job_id = id, .trigger_id = NewId(), .after = StopRequest::After::kStop};
    ASSERT_TRUE(driver().Trigger(adapter_->cluster(), stop, {}).ok());
    const TriggerObservation seen = Await(stop);
    ASSERT_EQ(seen.state, State::kCompleted) << seen.cause;
    ASSERT_TRUE(Eventually([&] { return StateOf(id) == EngineState::kFinished; }));
    if (from) {
      const auto statistics = driver().Checkpoints(adapter_->cluster(), id, {});
      ASSERT_TRUE(statistics.ok() && statistics->latest_restored);
      EXPECT_EQ(statistics->latest_restored->path, from->path);
    }
    from = RestorePoint{.path = seen.path};
  }
  const std::vector<std::int64_t> counted = adapter_->Counted();
  for (std::size_t i = 0; i < counted.size(); ++i) {
    ASSERT_EQ(counted[i], static_cast<std::int64_t>(i + 1)) << "none lost, none twice";
  }
}

TEST_P(AdapterContract, AnotherParallelismIsTakenOrRefusedWithAReason) {
  const std::string id = Running();
  const base::Status asked = driver().Rescale(adapter_->cluster(), id, 1, 2, {});
  if (!asked.ok()) {
    EXPECT_EQ(asked.error().code(), base::ErrorCode::kIllegalState) << asked.error().ToString();
    EXPECT_FALSE(asked.error().message().empty());
  } else {
    EXPECT_TRUE(driver().Rescale(adapter_->cluster(), id, 1, 2, {}).ok()) << "a repeat";
  }
  const std::size_t before = adapter_->Counted().size();
  EXPECT_TRUE(Eventually([&] {
    return StateOf(id) == EngineState::kRunning && adapter_->Counted().size() > before;
  })) << "the job goes on either way";
}

TEST_P(AdapterContract, WhatCannotBeRestoredIsNotStartedEmpty) {
  const std::size_t before = adapter_->Counted().size();
  const std::string id = NewId();
  const base::Status refused =
      adapter_->Submit(id, Kind::kCounting, RestorePoint{.path = "file:///no/such/snapshot"});
  if (refused.ok()) {
    submitted_.push_back(id);
    ASSERT_TRUE(Eventually([&] { return Ended(id); }));
    EXPECT_EQ(StateOf(id), EngineState::kFailed);
  }
  EXPECT_EQ(adapter_->Counted().size(), before);
}

TEST_P(AdapterContract, AFailureSaysItsRootCause) {
  const std::string id = Started(Kind::kFailing);
  ASSERT_TRUE(Eventually([&] { return StateOf(id) == EngineState::kFailed; }));
  AwaitFreshAnswers();
  const auto exceptions = driver().Exceptions(adapter_->cluster(), id, {});
  ASSERT_TRUE(exceptions.ok()) << exceptions.error().ToString();
  ASSERT_FALSE(exceptions->empty());
  EXPECT_NE(exceptions->front().root_cause.find(AdapterUnderTest::kFailure), std::string::npos)
      << exceptions->front().root_cause;
}

TEST_P(AdapterContract, AnEndIsToldWithItsTimeAndIsForEver) {
  const std::string finite = Started(Kind::kFinite);
  ASSERT_TRUE(Eventually([&] { return StateOf(finite) == EngineState::kFinished; }));
  const std::string id = Running();
  ASSERT_TRUE(driver().Cancel(adapter_->cluster(), id, {}).ok());
  ASSERT_TRUE(Eventually([&] { return StateOf(id) == EngineState::kCanceled; }));
  EXPECT_TRUE(driver().Cancel(adapter_->cluster(), id, {}).ok()) << "ended already";
  EXPECT_EQ(StateOf(id), EngineState::kCanceled);
  for (const std::string& one : {finite, id}) {
    const auto seen = driver().Find(adapter_->cluster(), one, {});
    ASSERT_TRUE(seen.ok() && *seen);
    EXPECT_TRUE((*seen)->started_at && (*seen)->ended_at);
    EXPECT_LE((*seen)->started_at, (*seen)->ended_at);
  }
  const StopRequest late{.engine_job_id = id, .trigger_id = NewId()};
  const base::Status triggered = driver().Trigger(adapter_->cluster(), late, {});
  EXPECT_TRUE(!triggered.ok() || Await(late).state == State::kFailed);
}

}  // namespace streampark::engines
