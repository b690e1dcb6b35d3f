// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <string>
#include <thread>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/temporary_folder.h"
#include "streampark/core.h"

#include "job_results.h"

/// State of a checkpoint that no operator of the job takes: never gone in silence, gone when that is asked for.
namespace streampark::core {
namespace {

using namespace std::chrono_literals;
using ::testing::Combine;
using ::testing::HasSubstr;
using ::testing::Values;

struct Sale {
  std::string shop;
  std::int64_t amount = 0;
  Timestamp at;
};
SP_RECORD(Sale, shop, amount, at);

constexpr std::int64_t kSales = 500;

void MakeSale(std::int64_t n, Sale& sale) {
  if (n >= kSales) {
    std::this_thread::sleep_for(10us);  // it has time
  }
  sale = {"shop-" + std::to_string(n % 40), n, Timestamp(std::chrono::milliseconds(n % kSales))};
}

class SumInState final : public KeyedProcess<std::string, Sale, std::int64_t> {
 public:
  explicit SumInState(std::string state) : state_(std::move(state)) {}
  void Open(KeyedStates<std::string>& states) override {
    sum_ = states.Value<std::int64_t>(state_);
  }
  void Process(const Sale& sale, Context& /*context*/, Collector<std::int64_t>& out) override {
    sum_.Set(sum_.Get() + sale.amount);
    out.Emit(sum_.Get());
  }

 private:
  const std::string state_;
  ValueState<std::int64_t> sum_;
};

enum class Backend { kMemory, kDisk };
enum class By { kSavepoint, kCheckpoint };

/// One job, which is changed between two runs.
class UnclaimedStateTest : public ::testing::TestWithParam<std::tuple<Backend, By>> {
 protected:
  /// The part of the job that keeps state.
  using Part = std::function<void(StreamContext&)>;

  static auto Sales(StreamContext& context) {
    return context.Generate<Sale>("sales", std::int64_t{1} << 40, MakeSale)
        .Watermarks(&Sale::at, BoundedOutOfOrderness(1h))
        .KeyBy(&Sale::shop);
  }
  static Part SumsIn(const std::string& state, const std::string& name = "kept") {
    return [=](StreamContext& context) {
      Sales(context).Process(name, SumInState(state)).ForEach("results", [](std::int64_t) {});
    };
  }
  static Part CountsIn(TimeWindows windows, const std::string& name = "kept") {
    return [=](StreamContext& context) {
      Sales(context).Window(windows).Aggregate(name, Count()).ForEach("results", [](const auto&) {
      });
    };
  }

  /// Until what it has read is in a checkpoint, and then to its end as this test has it.
  base::Status Run(const Part& part, bool ignores_unclaimed = false) {
    StreamContext context("changed");
    part(context);
    const auto& [backend, by] = GetParam();
    NativeOptions options{.parallelism = 2,
                          .checkpoint_interval = 5ms,
                          .checkpoint_folder = folder_.path() / "checkpoints",
                          .restore_ignores_unclaimed = ignores_unclaimed};
    if (backend == Backend::kDisk) {
      options.state = StateOnDiskForTests();
    }
    auto job = NativeJob::Make(context.plan(), std::move(options), clock_, random_).value();
    std::stop_source stop;
    base::Status ended = base::Ok();
    std::jthread thread([&] { ended = job->Run(stop.get_token()); });
    const auto goes = [&] { return job->status().phase != JobPhase::kFailed; };
    const auto read = [&] {
      const auto operators = job->status().operators;
      const auto sales = std::ranges::find(operators, "sales", &OperatorStatus::name);
      return sales == operators.end() ? 0 : sales->rows_out;
    };
    while (goes() && read() < kSales) {
      std::this_thread::yield();
    }
    base::Status saved = base::Ok();
    if (by == By::kSavepoint) {
      const auto savepoint = job->Stop(NativeJob::StopMode::kSavepoint, folder_.path() / "saved");
      saved = savepoint.ok() ? base::Ok() : base::Status(savepoint.error());
    } else {
      for (const auto last = job->status().last_checkpoint;
           goes() && job->status().last_checkpoint < last + 2;) {
        std::this_thread::yield();
      }
      stop.request_stop();
    }
    thread.join();
    EXPECT_TRUE(saved.ok() || !ended.ok()) << saved.error().ToString();
    EXPECT_EQ(job->status().restarts, 0);  // no restart would mend it
    return ended;
  }
  void ExpectRefused(const Part& part, const std::string& why) {
    const auto refused = Run(part);
    ASSERT_FALSE(refused.ok()) << why;
    EXPECT_EQ(refused.error().code(), base::ErrorCode::kStateNotRestored);
    EXPECT_THAT(refused.error().message(), HasSubstr(why));
    EXPECT_THAT(refused.error().hint(), HasSubstr("native.restore-ignore-unclaimed"));
  }
  /// The state goes, once, and then there is nothing to refuse.
  void ExpectLetGo(const Part& part) {
    for (const bool ignores_unclaimed : {true, false}) {
      const auto ended = Run(part, ignores_unclaimed);
      EXPECT_TRUE(ended.ok()) << ended.error().ToString();
    }
  }

  const base::TemporaryFolder folder_ = base::TemporaryFolder::Create().value();
  base::SystemClock clock_;
  base::SecureRandom random_;
};

std::string NameOf(const ::testing::TestParamInfo<std::tuple<Backend, By>>& of) {
  return std::string(std::get<Backend>(of.param) == Backend::kMemory ? "Memory" : "Disk") +
         (std::get<By>(of.param) == By::kSavepoint ? "Savepoint" : "Checkpoint");
}
INSTANTIATE_TEST_SUITE_P(All, UnclaimedStateTest,
                         Combine(Values(Backend::kMemory, Backend::kDisk),
                                 Values(By::kSavepoint, By::kCheckpoint)),
                         NameOf);

TEST_P(UnclaimedStateTest, AStateOfAnotherNameIsNotTheOld) {
  ASSERT_TRUE(Run(SumsIn("sum")).ok());
  ExpectRefused(SumsIn("total"), "kept: The checkpoint holds its state 'sum'");
  ASSERT_TRUE(Run(SumsIn("sum")).ok());
  ExpectLetGo(SumsIn("total"));
}

TEST_P(UnclaimedStateTest, AnOperatorOfAnotherKindIsNotTheOld) {
  ASSERT_TRUE(Run(SumsIn("sum")).ok());
  ExpectRefused(CountsIn(Tumbling(10s)), "its state 'sum'");
  ExpectLetGo(CountsIn(Tumbling(10s)));
}

TEST_P(UnclaimedStateTest, AnOperatorOfAnotherNameIsNotTheOld) {
  ASSERT_TRUE(Run(SumsIn("sum")).ok());
  ExpectRefused(SumsIn("sum", "renamed"), "state of 'kept', which the job no longer has");
  ExpectLetGo(SumsIn("sum", "renamed"));
}

TEST_P(UnclaimedStateTest, WindowsOfAnotherSizeAreNotTheOld) {
  ASSERT_TRUE(Run(CountsIn(Tumbling(10s))).ok());
  ExpectRefused(CountsIn(Sliding(10s, 5s)),
                "were of 10000 ms in the checkpoint, and are of 10000 ms each 5000 ms now");
  ASSERT_TRUE(Run(CountsIn(Tumbling(10s))).ok());
  ExpectLetGo(CountsIn(Sliding(10s, 5s), "sliding"));
}

}  // namespace
}  // namespace streampark::core
