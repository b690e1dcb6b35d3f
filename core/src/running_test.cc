// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/running.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/core.h"

#include "job_results.h"
#include "operator_harness.h"

namespace streampark::core {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Trade {
  std::string symbol;
  std::int64_t price = 0;
  bool operator==(const Trade&) const = default;
};
SP_RECORD(Trade, symbol, price);

auto SymbolOf() {
  return [](const Trade& trade) -> const std::string& { return trade.symbol; };
}
using SymbolKey = decltype(SymbolOf());

/// The plan's last operator, as the API makes it.
template <typename Build>
std::unique_ptr<Operator> Made(Build&& build) {
  StreamContext context("made");
  build(context.From<Trade>("trades", {}));
  return context.plan().nodes.back().make();
}

TEST(Reduce, GivesTheFoldAfterEachRow) {
  const auto make = [] {
    return Made([](const DataStream<Trade>& trades) {
      trades.KeyBy(SymbolOf()).Reduce("highest", [](Trade& highest, const Trade& trade) {
        highest.price = std::max(highest.price, trade.price);
      });
    });
  };
  using Harness = OperatorHarness<Trade, Trade>;
  Harness before(make());
  before.Send({"a", 3}, 7);
  before.Send({"a", 1});
  before.Send({"b", 2});
  EXPECT_THAT(before.Take(), ElementsAre(Trade{"a", 3}, Trade{"a", 3}, Trade{"b", 2}));
  EXPECT_EQ(before.TakeTimes().front(), 7);
  Harness after(make(), Harness::Restored(before.Snapshot()));
  after.Send({"a", 2});
  after.Send({"a", 5});
  EXPECT_THAT(after.Take(), ElementsAre(Trade{"a", 3}, Trade{"a", 5}));
}

TEST(RunningAggregate, GivesTheResultAfterEachRow) {
  const auto make = [] {
    return Made([](const DataStream<Trade>& trades) {
      trades.KeyBy(SymbolOf()).Aggregate("mean", Mean(&Trade::price));
    });
  };
  using Result = Keyed<std::string, double>;
  using Harness = OperatorHarness<Trade, Result>;
  Harness before(make());
  before.Send({"a", 1});
  before.Send({"a", 4});
  EXPECT_THAT(before.Take(), ElementsAre(Result{"a", 1.0}, Result{"a", 2.5}));
  Harness after(make(), Harness::Restored(before.Snapshot()));
  after.Send({"a", 10});
  EXPECT_THAT(after.Take(), ElementsAre(Result{"a", 5.0}));
}

TEST(RunningAggregate, IsOnePlaceAKeyAtAnyParallelism) {
  using Result = std::pair<std::string, std::int64_t>;
  for (const int parallelism : {1, 3}) {
    JobResults<Result> results;
    StreamContext context("running");
    context
        .Generate<Trade>("trades", 3'000,
                         [](std::int64_t n, Trade& trade) {
                           trade = {"symbol-" + std::to_string(n % 30), 1};
                         })
        .KeyBy(&Trade::symbol)
        .Aggregate("count", Count())
        .Filter([](const auto& counted) { return counted.value == 100; })
        .ForEach("results", [results](const auto& counted) mutable {
          results.Add({counted.key, counted.value});
        });
    ASSERT_TRUE(RunToTheEnd(context.plan(), parallelism).ok());
    EXPECT_EQ(results.sorted().size(), 30U) << parallelism;
  }
}

const SideOutput<std::int64_t> kCheap{"cheap"};

/// Gives the number of rows when a timer says so, and prices below ten aside.
class CountByTimer final : public ProcessFunction<Trade, std::int64_t> {
 public:
  void Open(Context& context) override {
    context.SetProcessingTimer(context.processing_time() + 1s);
  }
  void Process(const Trade& trade, Context& context, Collector<Out>& /*out*/) override {
    ++rows_;
    if (trade.price < 10) {
      context.Emit(kCheap, trade.price);
    }
  }
  void OnTimer(Timestamp at, Context& context, Collector<Out>& out) override {
    out.Emit(std::exchange(rows_, 0));
    context.SetProcessingTimer(at + 1s);
  }

 private:
  std::int64_t rows_ = 0;
};

TEST(ProcessFunction, HasSideOutputsAndTimers) {
  OperatorHarness<Trade, std::int64_t> harness(
      std::make_unique<ProcessFunctionOperator<CountByTimer>>(CountByTimer()));
  harness.KeepSide<std::int64_t>("cheap");
  harness.Send({"a", 3});
  harness.Send({"a", 30});
  EXPECT_THAT(harness.TakeSide<std::int64_t>("cheap"), ElementsAre(3));
  EXPECT_THAT(harness.Take(), IsEmpty());
  harness.MoveClock(1s);
  EXPECT_THAT(harness.Take(), ElementsAre(2));
  harness.MoveClock(1s);
  EXPECT_THAT(harness.Take(), ElementsAre(0));
}

/// The last three prices of each symbol (ListState) and their running mean (AggregatingState).
class LastPrices final
    : public KeyedProcess<std::string, Trade, std::pair<std::vector<std::int64_t>, double>> {
 public:
  void Open(KeyedStates<std::string>& states) override {
    last_ = states.List<std::int64_t>("last");
    mean_ = states.Aggregating("mean", Mean(&Trade::price));
  }
  void Process(const Trade& trade, Context& /*context*/, Collector<Out>& out) override {
    last_.Add(trade.price);
    if (last_.Get().size() > 3) {
      last_.Set({last_.Get().begin() + 1, last_.Get().end()});
    }
    mean_.Add(trade);
    out.Emit({last_.Get(), *mean_.Get()});
  }

 private:
  ListState<std::int64_t> last_;
  AggregatingState<MeanAggregate<Trade, std::int64_t>> mean_;
};

TEST(KeyedStates, KeepListsAndAggregates) {
  const auto make = [] {
    return std::make_unique<KeyedProcessOperator<LastPrices, SymbolKey>>(LastPrices(), SymbolOf());
  };
  using Harness = OperatorHarness<Trade, LastPrices::Out>;
  Harness before(make());
  for (const std::int64_t price : {1, 2, 3, 4}) {
    before.Send({"a", price});
  }
  EXPECT_EQ(before.Take().back(), LastPrices::Out({2, 3, 4}, 2.5));
  Harness after(make(), Harness::Restored(before.Snapshot()));
  after.Send({"a", 5});
  after.Send({"b", 7});
  EXPECT_THAT(after.Take(),
              ElementsAre(LastPrices::Out({3, 4, 5}, 3.0), LastPrices::Out({7}, 7.0)));
}

}  // namespace
}  // namespace streampark::core
