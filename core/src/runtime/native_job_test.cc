// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/native_job.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <map>
#include <mutex>
#include <numeric>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/temporary_folder.h"
#include "streampark/core.h"

#include "job_results.h"

namespace streampark::core {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class NativeJobTest : public ::testing::Test {
 protected:
  base::Status Run(const StreamContext& context, NativeOptions options = {}) {
    auto job = NativeJob::Make(context.plan(), InThisRun(std::move(options)), clock_, random_);
    return job.ok() ? (*job)->Run({}) : base::Status(std::move(job).error());
  }

  base::SystemClock clock_;
  base::SecureRandom random_;
};

TEST_F(NativeJobTest, RowsGoThroughAChain) {
  JobResults<std::string> results;
  StreamContext context("numbers");
  context.From<std::int64_t>("numbers", {1, 2, 3, 4, 5, 6})
      .Filter([](std::int64_t n) { return n % 2 == 0; })
      .Map([](std::int64_t n) { return n * 10; })
      .FlatMap<std::string>([](std::int64_t n, auto& out) {
        out.Emit(std::to_string(n));
        out.Emit(std::to_string(n + 1));
      })
      .ForEach("results", [results](const std::string& text) mutable { results.Add(text); });
  ASSERT_TRUE(Run(context).ok());
  EXPECT_THAT(results.rows(), ElementsAre("20", "21", "40", "41", "60", "61"));
}

struct Order {
  std::string customer;
  std::int64_t amount = 0;
  Timestamp at;
};
SP_RECORD(Order, customer, amount, at);

struct Total {
  std::string customer;
  std::int64_t sum = 0;
  auto operator<=>(const Total&) const = default;
};
SP_RECORD(Total, customer, sum);

/// The running sum of each customer.
class RunningSum final : public KeyedProcess<std::string, Order, Total> {
 public:
  void Open(KeyedStates<std::string>& states) override { sum_ = states.Value<std::int64_t>("sum"); }
  void Process(const Order& order, Context& context, Collector<Total>& out) override {
    sum_.Update([&](std::int64_t& sum) { sum += order.amount; });
    out.Emit({context.key(), sum_.Get()});
  }

 private:
  ValueState<std::int64_t> sum_;
};

constexpr std::int64_t kOrders = 50'000;

void MakeOrder(std::int64_t n, Order& order) {
  order.customer = "customer-" + std::to_string(n % 97);
  order.amount = n % 13;
  order.at = Timestamp(std::chrono::milliseconds(n * 10));
}

std::map<std::string, std::int64_t> SumsOf(std::int64_t orders) {
  std::map<std::string, std::int64_t> sums;
  Order order;
  for (std::int64_t n = 0; n < orders; ++n) {
    MakeOrder(n, order);
    sums[order.customer] += order.amount;
  }
  return sums;
}

TEST_F(NativeJobTest, KeyedStateIsOnePlaceAKeyAtAnyParallelism) {
  for (const int parallelism : {1, 2, 3}) {
    JobResults<Total> results;
    StreamContext context("sums");
    context.Generate<Order>("orders", kOrders, MakeOrder)
        .KeyBy(&Order::customer)
        .Process("running sum", RunningSum())
        .ForEach("results", [results](const Total& total) mutable { results.Add(total); });
    ASSERT_TRUE(Run(context, {.parallelism = parallelism}).ok());
    std::map<std::string, std::int64_t> last;
    for (const auto& total : results.rows()) {
      last[total.customer] = std::max(last[total.customer], total.sum);
    }
    EXPECT_EQ(last, SumsOf(kOrders)) << parallelism;
    EXPECT_EQ(results.rows().size(), static_cast<std::size_t>(kOrders));
  }
}

TEST_F(NativeJobTest, TheParallelismMayChangeBetweenTwoSteps) {
  for (const auto& [source, rest] : {std::pair(1, 3), std::pair(3, 1), std::pair(2, 3)}) {
    JobResults<std::int64_t> results;
    StreamContext context("widths");
    context.Generate<Order>("orders", kOrders, MakeOrder)
        .Parallelism(source)
        .Watermarks(&Order::at, BoundedOutOfOrderness(10s))
        .Parallelism(source)
        .Map([](const Order& order) { return order; })
        .KeyBy(&Order::customer)
        .Window(Tumbling(10s))
        .Aggregate("counts", Count())
        .ForEach("results", [results](const auto& window) mutable { results.Add(window.value); });
    ASSERT_TRUE(Run(context, {.parallelism = rest, .checkpoint_interval = base::Millis(1)}).ok());
    const auto counts = results.rows();
    EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}), kOrders)
        << source << " to " << rest;
  }
}

using HourlyKey = std::tuple<std::string, std::int64_t, std::int64_t>;

TEST_F(NativeJobTest, TumblingWindowsAggregateEachKey) {
  std::vector<HourlyKey> expected;
  {
    std::map<std::pair<std::string, std::int64_t>, std::int64_t> sums;
    Order order;
    for (std::int64_t n = 0; n < kOrders; ++n) {
      MakeOrder(n, order);
      sums[{order.customer, (ToEventTime(order.at) / 10'000 + 1) * 10'000}] += order.amount;
    }
    for (const auto& [key, sum] : sums) {
      expected.emplace_back(key.first, key.second, sum);
    }
    std::ranges::sort(expected);
  }
  for (const int parallelism : {1, 3}) {
    JobResults<HourlyKey> results;
    StreamContext context("windows");
    context.Generate<Order>("orders", kOrders, MakeOrder)
        .Watermarks(&Order::at, BoundedOutOfOrderness(100s))
        .KeyBy(&Order::customer)
        .Window(Tumbling(10s))
        .Aggregate("sums", Sum(&Order::amount))
        .ForEach("results", [results](const auto& window) mutable {
          results.Add({window.key, ToEventTime(window.end), window.value});
        });
    ASSERT_TRUE(Run(context, {.parallelism = parallelism}).ok());
    EXPECT_EQ(results.sorted(), expected) << parallelism;
  }
}

TEST_F(NativeJobTest, SlidingWindowsMergeTheirSlices) {
  JobResults<HourlyKey> results;
  StreamContext context("sliding");
  context
      .From<Order>("orders",
                   {{"a", 1, Timestamp(1s)}, {"a", 10, Timestamp(6s)}, {"b", 100, Timestamp(7s)}})
      .Watermarks(&Order::at, MonotonousTimestamps())
      .KeyBy(&Order::customer)
      .Window(Sliding(10s, 5s))
      .Aggregate("sums", Sum(&Order::amount))
      .ForEach("results", [results](const auto& window) mutable {
        results.Add({window.key, ToEventTime(window.end), window.value});
      });
  ASSERT_TRUE(Run(context).ok());
  EXPECT_THAT(results.sorted(), ElementsAre(HourlyKey("a", 5'000, 1), HourlyKey("a", 10'000, 11),
                                            HourlyKey("a", 15'000, 10), HourlyKey("b", 10'000, 100),
                                            HourlyKey("b", 15'000, 100)));
}

TEST_F(NativeJobTest, AFailureRestartsFromTheNewestCheckpoint) {
  const auto folder = base::TemporaryFolder::Create().value();
  auto failed = std::make_shared<std::atomic<bool>>(false);
  auto seen = std::make_shared<std::atomic<int>>(0);
  JobResults<Total> results;
  StreamContext context("restart");
  context.Generate<Order>("orders", kOrders, MakeOrder)
      .KeyBy(&Order::customer)
      .Process("running sum", RunningSum())
      .ForEach("results", [=](const Total& total) mutable {
        results.Add(total);
        if (++*seen == 30'000 && !failed->exchange(true)) {
          throw std::runtime_error("the disk is on fire");
        }
      });
  NativeOptions options{.parallelism = 2,
                        .checkpoint_interval = 1ms,
                        .checkpoint_folder = folder.path() / "checkpoints"};
  options.restart.first_pause = 1ms;
  auto job = NativeJob::Make(context.plan(), InThisRun(options), clock_, random_).value();
  ASSERT_TRUE(job->Run({}).ok());
  EXPECT_EQ(job->status().restarts, 1);
  EXPECT_THAT(job->status().last_error->message(),
              HasSubstr("results: the job's code threw: the disk is on fire"));
  EXPECT_EQ(job->status().phase, JobPhase::kFinished);
  std::map<std::string, std::int64_t> last;
  for (const auto& total : results.rows()) {
    last[total.customer] = std::max(last[total.customer], total.sum);
  }
  EXPECT_EQ(last, SumsOf(kOrders));
}

TEST_F(NativeJobTest, FailingForEverEndsInItsError) {
  StreamContext context("hopeless");
  context.From<std::int64_t>("numbers", {1}).ForEach("results", [](std::int64_t) {
    throw std::runtime_error("no");
  });
  NativeOptions options;
  options.restart = {.attempts = 2, .first_pause = 1ms, .longest_pause = 1ms};
  auto job = NativeJob::Make(context.plan(), InThisRun(options), clock_, random_).value();
  const auto ended = job->Run({});
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().code(), base::ErrorCode::kJobFailed);
  EXPECT_EQ(job->status().restarts, 2);
  EXPECT_EQ(job->status().phase, JobPhase::kFailed);
}

enum class Ending { kBounded, kEndless };

/// Running sums of the first `orders` orders. Endless: afterwards the job waits to be stopped.
void SumOrders(StreamContext& context, std::int64_t orders, Ending ending,
               JobResults<Total> results) {
  auto read = context.Generate<Order>("orders", orders, MakeOrder);
  const auto waiting = ending == Ending::kEndless ? std::int64_t{1} << 40 : 0;
  auto nothing = context.Generate<Order>("nothing", waiting, [](std::int64_t, Order&) {})
                     .Filter([](const Order&) { return false; });
  read.Union(nothing)
      .KeyBy(&Order::customer)
      .Process("running sum", RunningSum())
      .ForEach("results", [results](const Total& total) mutable { results.Add(total); });
}

TEST_F(NativeJobTest, ASavepointIsGoneOnFromAtAnotherParallelism) {
  const auto folder = base::TemporaryFolder::Create().value();
  std::string savepoint;
  std::map<std::string, std::int64_t> sums;
  const auto merge = [&](const JobResults<Total>& results) {
    for (const auto& total : results.rows()) {
      sums[total.customer] = std::max(sums[total.customer], total.sum);
    }
  };
  std::int64_t orders = 0;
  for (const int parallelism : {2, 4, 1}) {
    orders += 7'777;
    JobResults<Total> results;
    StreamContext context("rescaled");
    SumOrders(context, orders, Ending::kEndless, results);
    NativeOptions options{
        .parallelism = parallelism,
        .checkpoint_folder = folder.path() / ("checkpoints-" + std::to_string(orders)),
        .restore_from = savepoint};
    auto job = NativeJob::Make(context.plan(), InThisRun(options), clock_, random_).value();
    std::jthread thread([&] { EXPECT_TRUE(job->Run({}).ok()); });
    while (results.size() < 7'777) {
      std::this_thread::yield();
    }
    auto stopped = job->Stop(NativeJob::StopMode::kSavepoint, folder.path() / "savepoints");
    ASSERT_TRUE(stopped.ok()) << stopped.error().ToString();
    thread.join();
    EXPECT_EQ(job->status().phase, JobPhase::kStopped);
    EXPECT_EQ(results.rows().size(), 7'777U);
    savepoint = *stopped;
    merge(results);
    EXPECT_EQ(sums, SumsOf(orders)) << parallelism;
  }
  JobResults<Total> results;
  StreamContext context("rescaled");
  SumOrders(context, kOrders, Ending::kBounded, results);
  ASSERT_TRUE(Run(context, {.parallelism = 3, .restore_from = savepoint}).ok());
  merge(results);
  EXPECT_EQ(sums, SumsOf(kOrders));
}

TEST_F(NativeJobTest, AStopWhoseSavepointFailsStopsNothing) {
  const auto folder = base::TemporaryFolder::Create().value();
  JobResults<Total> results;
  StreamContext context("stopped");
  SumOrders(context, 1'000, Ending::kEndless, results);
  auto job =
      NativeJob::Make(context.plan(), InThisRun({.parallelism = 2}), clock_, random_).value();
  std::jthread thread([&] { EXPECT_TRUE(job->Run({}).ok()); });
  while (results.size() < 1'000) {
    std::this_thread::yield();
  }
  // A folder that cannot be made, and one in which the files of the state cannot be.
  std::ofstream(folder.path() / "file").put('x');
  const auto nowhere =
      job->Stop(NativeJob::StopMode::kSavepoint, folder.path() / "file" / "savepoints");
  ASSERT_FALSE(nowhere.ok());
  const auto good = job->Savepoint(folder.path() / "savepoints");
  ASSERT_TRUE(good.ok()) << good.error().ToString();
  const auto lineage = std::filesystem::path(*good).parent_path();
  for (int id = 1; id < 20; ++id) {
    std::ofstream(lineage / ("chk-" + std::to_string(id)), std::ios::app).put('x');
  }
  const auto failed = job->Stop(NativeJob::StopMode::kSavepoint, folder.path() / "savepoints");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(job->status().phase, JobPhase::kRunning);
  EXPECT_EQ(job->status().failed_checkpoints, 1) << failed.error().ToString();
  EXPECT_EQ(job->status().restarts, 0);
  const auto read = [&] {
    const auto operators = job->status().operators;
    return std::ranges::find(operators, "nothing", &OperatorStatus::name)->rows_out;
  };
  for (const auto before = read(); read() == before;) {  // its sources read on
    std::this_thread::yield();
  }
  const auto stopped = job->Stop(NativeJob::StopMode::kSavepoint, folder.path() / "other");
  ASSERT_TRUE(stopped.ok()) << stopped.error().ToString();
}

TEST_F(NativeJobTest, ADrainIntoAFolderThatCannotBeMadeDrainsNothing) {
  const auto folder = base::TemporaryFolder::Create().value();
  std::ofstream(folder.path() / "file").put('x');
  JobResults<Total> results;
  StreamContext context("drained");
  SumOrders(context, 1'000, Ending::kEndless, results);
  auto job = NativeJob::Make(context.plan(), InThisRun({}), clock_, random_).value();
  std::jthread thread([&] { EXPECT_TRUE(job->Run({}).ok()); });
  EXPECT_FALSE(job->Stop(NativeJob::StopMode::kDrain, folder.path() / "file" / "x").ok());
  EXPECT_EQ(job->status().phase, JobPhase::kRunning);
  const auto drained = job->Stop(NativeJob::StopMode::kDrain, folder.path() / "savepoints");
  ASSERT_TRUE(drained.ok()) << drained.error().ToString();
  thread.join();
  EXPECT_EQ(job->status().phase, JobPhase::kStopped);
}

TEST_F(NativeJobTest, JobsMayKeepTheirSavepointsAtOnePlace) {
  const auto folder = base::TemporaryFolder::Create().value();
  std::vector<std::string> savepoints;
  for (const std::int64_t orders : {100, 200}) {
    JobResults<Total> results;
    StreamContext context("job-" + std::to_string(orders));
    SumOrders(context, orders, Ending::kEndless, results);
    auto job = NativeJob::Make(context.plan(), InThisRun({}), clock_, random_).value();
    std::jthread thread([&] { EXPECT_TRUE(job->Run({}).ok()); });
    while (results.size() < static_cast<std::size_t>(orders)) {
      std::this_thread::yield();
    }
    savepoints.push_back(job->Stop(NativeJob::StopMode::kSavepoint, folder.path()).value());
  }
  EXPECT_NE(savepoints[0], savepoints[1]);
  JobResults<Total> results;
  StreamContext context("job-100");
  SumOrders(context, 300, Ending::kBounded, results);
  ASSERT_TRUE(Run(context, {.restore_from = savepoints[0]}).ok());
  EXPECT_EQ(results.size(), 200U);  // the first one's: it had read 100 of them
}

TEST_F(NativeJobTest, AnotherNumberOfKeyGroupsIsRefused) {
  const auto folder = base::TemporaryFolder::Create().value();
  std::string savepoint;
  {
    StreamContext context("groups");
    JobResults<Total> results;
    SumOrders(context, 100, Ending::kEndless, results);
    auto job = NativeJob::Make(context.plan(), InThisRun({}), clock_, random_).value();
    std::jthread thread([&] { EXPECT_TRUE(job->Run({}).ok()); });
    savepoint = job->Stop(NativeJob::StopMode::kSavepoint, folder.path() / "savepoints").value();
  }
  StreamContext context("groups");
  JobResults<Total> results;
  SumOrders(context, 100, Ending::kEndless, results);
  NativeOptions options{.key_groups = 64, .restore_from = savepoint};
  options.restart.attempts = 0;
  const auto ended = Run(context, options);
  ASSERT_FALSE(ended.ok());
  EXPECT_THAT(ended.error().message(), HasSubstr("128 key groups and the job 64"));
}

TEST_F(NativeJobTest, APlanThatCannotRunSaysWhy) {
  StreamContext context("unread");
  context.From<std::int64_t>("numbers", {1}).Filter([](std::int64_t) { return true; });
  const auto job = NativeJob::Make(context.plan(), InThisRun({}), clock_, random_);
  ASSERT_FALSE(job.ok());
  EXPECT_THAT(job.error().message(), HasSubstr("Nothing reads the results of the filter"));
}

}  // namespace
}  // namespace streampark::core
