// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/async.h"

#include <future>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/core.h"

#include "job_results.h"
#include "operator_harness.h"

namespace streampark::core {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Reply = AsyncResult<std::string>;
using Harness = OperatorHarness<std::int64_t, std::string>;

/// The questions that were asked, to be answered when a test wants it.
class Asked {
 public:
  auto Ask() {
    return [kept = kept_](std::int64_t row, const Reply& reply) { kept->emplace_back(row, reply); };
  }
  void Answer(std::size_t question, std::string text) {
    kept_->at(question).second.Complete(std::move(text));
  }
  void Fail(std::size_t question) {
    kept_->at(question).second.Fail({base::ErrorCode::kIoError, "the line is dead"});
  }
  std::size_t size() const { return kept_->size(); }
  std::int64_t row(std::size_t question) const { return kept_->at(question).first; }

 private:
  using Questions = std::vector<std::pair<std::int64_t, Reply>>;
  std::shared_ptr<Questions> kept_ = std::make_shared<Questions>();
};

template <typename F, typename OnFailure = FailTheJob>
std::unique_ptr<Operator> Make(F ask, AsyncOptions options = {}, OnFailure on_failure = {}) {
  return std::make_unique<AsyncOperator<std::int64_t, std::string, F, OnFailure>>(ask, options,
                                                                                  on_failure);
}
constexpr AsyncOptions kUnordered{.order = AsyncOptions::Order::kUnordered};

TEST(Async, OrderedResultsWaitForTheRowsBefore) {
  Asked asked;
  Harness harness(Make(asked.Ask()));
  harness.Send(1, 10);
  harness.Send(2, 20);
  harness.Watermark(15);
  asked.Answer(1, "two");
  harness.RunPosted();
  EXPECT_THAT(harness.Take(), IsEmpty());
  EXPECT_EQ(harness.watermark(), kBeginningOfTime);
  asked.Answer(0, "one");
  harness.RunPosted();
  EXPECT_THAT(harness.Take(), ElementsAre("one", "two"));
  EXPECT_THAT(harness.TakeTimes(), ElementsAre(10, 20));
  EXPECT_EQ(harness.watermark(), 15);
}

TEST(Async, UnorderedResultsDoNotOvertakeWatermarks) {
  Asked asked;
  Harness harness(Make(asked.Ask(), kUnordered));
  harness.Send(1, 10);
  harness.Send(2, 20);
  harness.Watermark(15);
  harness.Send(3, 30);
  asked.Answer(2, "three");
  asked.Answer(1, "two");
  harness.RunPosted();
  EXPECT_THAT(harness.Take(), ElementsAre("two"));
  EXPECT_EQ(harness.watermark(), kBeginningOfTime);
  asked.Answer(0, "one");
  harness.RunPosted();
  EXPECT_THAT(harness.Take(), ElementsAre("one", "three"));
  EXPECT_EQ(harness.watermark(), 15);
}

TEST(Async, RowsInFlightAreAskedForAnewAfterARestore) {
  Asked asked;
  Harness before(Make(asked.Ask()));
  for (std::int64_t row = 0; row < 6; ++row) {
    before.Send(row, row * 10);
  }
  asked.Answer(0, "zero");
  asked.Answer(2, "two");  // waits for 1, and so is asked for anew
  before.RunPosted();
  EXPECT_THAT(before.Take(), ElementsAre("zero"));
  const auto written = before.Snapshot();
  std::vector<std::int64_t> rows;
  for (int subtask = 0; subtask < 2; ++subtask) {
    Asked again;
    Harness after(Make(again.Ask()), Harness::Restored(written, subtask, 2));
    for (std::size_t i = 0; i < again.size(); ++i) {
      rows.push_back(again.row(i));
      again.Answer(i, "answer");
    }
    after.RunPosted();
    EXPECT_EQ(after.Take().size(), again.size());
  }
  EXPECT_THAT(rows, ::testing::UnorderedElementsAre(1, 2, 3, 4, 5));
}

TEST(Async, FailuresAreTriedAnewWithLongerPauses) {
  Asked asked;
  Harness harness(Make(asked.Ask(), {.retries = {.attempts = 2, .first_pause = 100ms}}));
  harness.Send(1);
  asked.Fail(0);
  harness.RunPosted();
  EXPECT_EQ(asked.size(), 1U);
  harness.MoveClock(100ms);
  ASSERT_EQ(asked.size(), 2U);
  asked.Answer(0, "too late: another attempt is under way");
  asked.Fail(1);
  harness.RunPosted();
  harness.MoveClock(199ms);
  EXPECT_EQ(asked.size(), 2U);
  harness.MoveClock(1ms);
  ASSERT_EQ(asked.size(), 3U);
  asked.Answer(2, "at last");
  harness.RunPosted();
  EXPECT_THAT(harness.Take(), ElementsAre("at last"));
}

TEST(Async, WhatFailsForGoodFailsTheJobOrGoesToTheHandler) {
  Asked asked;
  Harness fails(Make(asked.Ask()));
  fails.Send(1);
  asked.Fail(0);
  EXPECT_THROW(fails.RunPosted(), TaskFailure);

  Asked other;
  const auto handler = [](std::int64_t row, const base::Error& error) {
    return row == 1 ? std::optional(error.message()) : std::nullopt;
  };
  Harness handled(Make(other.Ask(), {.timeout = 5s}, handler));
  handled.Send(1);
  handled.Send(2);
  other.Fail(0);
  other.Fail(1);
  handled.RunPosted();
  EXPECT_THAT(handled.Take(), ElementsAre("the line is dead"));
  handled.MoveClock(3s);
  handled.Send(1);
  handled.MoveClock(4'999ms);
  EXPECT_THAT(handled.Take(), IsEmpty());
  handled.MoveClock(1ms);
  EXPECT_THAT(handled.Take(), ElementsAre("No answer came within 5s."));
  other.Answer(2, "too late");
  handled.RunPosted();
  EXPECT_THAT(handled.Take(), IsEmpty());
}

class Threads {
 public:
  void Start(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    threads_.emplace_back(std::move(work));
  }

 private:
  std::mutex mutex_;
  std::vector<std::jthread> threads_;
};

TEST(Async, AnswersComeFromAnyThreadAndAFullQueueWaits) {
  for (const auto order : {AsyncOptions::Order::kOrdered, AsyncOptions::Order::kUnordered}) {
    for (const int parallelism : {1, 3}) {
      const auto threads = std::make_shared<Threads>();
      JobResults<std::int64_t> results;
      StreamContext context("async");
      context
          .Generate<std::int64_t>("numbers", 2'000,
                                  [](std::int64_t n, std::int64_t& row) { row = n; })
          .Async<std::int64_t>(
              "double",
              [threads](std::int64_t row, const AsyncResult<std::int64_t>& result) {
                threads->Start([row, result] { result.Complete(row * 2); });
              },
              {.capacity = 8, .order = order})
          .ForEach("results", [results](std::int64_t row) mutable { results.Add(row); });
      ASSERT_TRUE(RunToTheEnd(context.plan(), parallelism).ok());
      const auto rows = results.sorted();
      ASSERT_EQ(rows.size(), 2'000U);
      EXPECT_EQ(rows.back(), 3'998);
    }
  }
}

TEST(Async, AJobThatWaitsForAnAnswerCanBeCancelled) {
  const auto asked = std::make_shared<std::promise<void>>();
  StreamContext context("async");
  context.From<std::int64_t>("numbers", {1})
      .Async<std::int64_t>(
          "never", [asked](std::int64_t, const AsyncResult<std::int64_t>&) { asked->set_value(); },
          {.timeout = 1h})
      .ForEach("results", [](std::int64_t) {});
  base::SystemClock clock;
  base::SecureRandom random;
  auto job = NativeJob::Make(context.plan(), InThisRun({}), clock, random).value();
  std::stop_source stop;
  std::jthread canceller([&] {
    asked->get_future().wait();
    stop.request_stop();
  });
  EXPECT_TRUE(job->Run(stop.get_token()).ok());
  EXPECT_EQ(job->status().phase, JobPhase::kStopped);
  EXPECT_EQ(job->status().restarts, 0);
}

TEST(Async, AnUnansweredRowEndsTheJobInItsTimeout) {
  StreamContext context("async");
  context.From<std::int64_t>("numbers", {1})
      .Async<std::int64_t>("never", [](std::int64_t, const AsyncResult<std::int64_t>&) {},
                           {.timeout = 20ms})
      .ForEach("results", [](std::int64_t) {});
  base::SystemClock clock;
  base::SecureRandom random;
  NativeOptions options;
  options.restart.attempts = 0;
  auto job = NativeJob::Make(context.plan(), InThisRun(options), clock, random).value();
  const auto ended = job->Run({});
  ASSERT_FALSE(ended.ok());
  EXPECT_THAT(ended.error().message(), HasSubstr("never: No answer came within 20ms"));
}

}  // namespace
}  // namespace streampark::core
