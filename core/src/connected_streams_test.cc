// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/connected_streams.h"

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

struct Order {
  std::int64_t id = 0;
  std::string item;
};
SP_RECORD(Order, id, item);
struct Payment {
  std::int64_t order = 0;
  std::int64_t cents = 0;
};
SP_RECORD(Payment, order, cents);

const SideOutput<Order> kUnpaid{"unpaid"};

/// Gives an order when it is paid, and aside when it is not within ten seconds.
class MatchPayments final
    : public KeyedCoProcess<std::int64_t, Order, Payment, std::pair<std::string, std::int64_t>> {
 public:
  void Open(KeyedStates<std::int64_t>& states) override {
    order_ = states.Value<Order>("order");
    paid_ = states.Value<std::int64_t>("paid");
  }
  void ProcessFirst(const Order& order, Context& context, Collector<Out>& out) override {
    if (const auto* cents = paid_.Find()) {
      out.Emit({order.item, *cents});
      paid_.Clear();
    } else {
      order_.Set(order);
      context.SetTimer(*context.time() + 10s);
    }
  }
  void ProcessSecond(const Payment& payment, Context& context, Collector<Out>& out) override {
    if (const auto* order = order_.Find()) {
      out.Emit({order->item, payment.cents});
      order_.Clear();
    } else {
      paid_.Set(payment.cents);
    }
    (void)context;
  }
  void OnTimer(Timestamp /*at*/, TimeDomain /*domain*/, Context& context,
               Collector<Out>& /*out*/) override {
    if (const auto* order = order_.Find()) {
      context.Emit(kUnpaid, *order);
      order_.Clear();
    }
  }

 private:
  ValueState<Order> order_;
  ValueState<std::int64_t> paid_;
};

using Matched = std::pair<std::string, std::int64_t>;

std::unique_ptr<Operator> MakeMatch() {
  auto id = [](const Order& order) { return order.id; };
  auto order = [](const Payment& payment) { return payment.order; };
  return std::make_unique<KeyedCoProcessOperator<MatchPayments, decltype(id), decltype(order)>>(
      MatchPayments(), id, order);
}

TEST(KeyedCoProcess, SharesStatesAndTimersBetweenItsInputs) {
  OperatorHarness<Order, Matched> harness(MakeMatch());
  harness.KeepSide<Order>("unpaid");
  harness.Send({1, "tea"}, 1'000);
  harness.Send({2, "milk"}, 1'000);
  harness.SendAs<Payment>({1, 300}, 2'000, 1);
  harness.SendAs<Payment>({3, 500}, 2'000, 1);
  harness.Send({3, "salt"}, 3'000);
  EXPECT_THAT(harness.Take(), ElementsAre(Matched("tea", 300), Matched("salt", 500)));
  harness.Watermark(60'000, 0);  // the lesser of both counts
  EXPECT_THAT(harness.TakeSide<Order>("unpaid"), IsEmpty());
  harness.Watermark(11'000, 1);
  EXPECT_EQ(harness.TakeSide<Order>("unpaid").at(0).item, "milk");
  EXPECT_EQ(harness.watermark(), 11'000);
}

TEST(KeyedCoProcess, GoesOnFromASnapshot) {
  OperatorHarness<Order, Matched> before(MakeMatch());
  for (std::int64_t id = 0; id < 20; ++id) {
    before.Send({id, "item-" + std::to_string(id)}, 1'000);
  }
  const auto written = before.Snapshot();
  std::size_t unpaid = 0;
  for (int subtask = 0; subtask < 3; ++subtask) {
    OperatorHarness<Order, Matched> after(
        MakeMatch(), OperatorHarness<Order, Matched>::Restored(written, subtask, 3));
    after.KeepSide<Order>("unpaid");
    after.Watermark(kEndOfTime, 0);
    after.Watermark(kEndOfTime, 1);
    const auto late = after.TakeSide<Order>("unpaid").size();
    EXPECT_LT(late, 20U);
    unpaid += late;
  }
  EXPECT_EQ(unpaid, 20U);
}

TEST(ConnectedStreams, MeetByKeyAtAnyParallelism) {
  for (const int parallelism : {1, 3}) {
    JobResults<Matched> results;
    StreamContext context("payments");
    const auto orders =
        context
            .Generate<Order>("orders", 500,
                             [](std::int64_t n, Order& order) {
                               order = {n, "item-" + std::to_string(n)};
                             })
            .Watermarks([](const Order&) { return Timestamp(1s); }, MonotonousTimestamps());
    const auto payments =
        context.Generate<Payment>("payments", 500, [](std::int64_t n, Payment& payment) {
          payment = {499 - n, n};
        });
    orders.KeyBy(&Order::id)
        .Connect(payments.KeyBy(&Payment::order))
        .Process("match", MatchPayments())
        .ForEach("results", [results](const Matched& row) mutable { results.Add(row); });
    ASSERT_TRUE(RunToTheEnd(context.plan(), parallelism).ok());
    const auto rows = results.sorted();
    ASSERT_EQ(rows.size(), 500U);
    EXPECT_EQ(rows.front(), Matched("item-0", 499));
  }
}

TEST(ConnectedStreams, WithoutKeysBecomeOneType) {
  JobResults<std::string> results;
  StreamContext context("both");
  context.From<Order>("orders", {{1, "tea"}})
      .Connect(context.From<Payment>("payments", {{1, 300}}))
      .Map([](const Order& order) { return order.item; },
           [](const Payment& payment) { return std::to_string(payment.cents); })
      .ForEach("results", [results](const std::string& row) mutable { results.Add(row); });
  ASSERT_TRUE(RunToTheEnd(context.plan(), 1).ok());
  EXPECT_THAT(results.sorted(), ElementsAre("300", "tea"));
}

struct Price {
  std::string item;
  std::int64_t cents = 0;
};
SP_RECORD(Price, item, cents);

class PriceOrders final : public BroadcastProcess<Order, Price, Matched> {
 public:
  void Open(BroadcastStates& states) override {
    prices_ = states.Map<std::string, std::int64_t>("prices");
  }
  void Process(const Order& order, Context& /*context*/, Collector<Matched>& out) override {
    const auto* cents = prices_.Find(order.item);
    out.Emit({order.item, cents != nullptr ? *cents : 0});
  }
  void ProcessBroadcast(const Price& price, BroadcastContext& context,
                        Collector<Matched>& /*out*/) override {
    context.Writable(prices_)[price.item] = price.cents;
  }

 private:
  BroadcastState<std::string, std::int64_t> prices_;
};

using PriceHarness = OperatorHarness<Order, Matched>;
std::unique_ptr<Operator> MakePrices() {
  return std::make_unique<BroadcastProcessOperator<PriceOrders>>(PriceOrders());
}

TEST(BroadcastState, StandsOnceInACheckpointAndIsGivenToAll) {
  PriceHarness before(MakePrices());
  before.Send({1, "tea"});
  before.SendAs<Price>({"tea", 300}, 0, 1);
  before.SendAs<Price>({"milk", 90}, 0, 1);
  before.Send({1, "tea"});
  EXPECT_THAT(before.Take(), ElementsAre(Matched("tea", 0), Matched("tea", 300)));
  const auto written = before.Snapshot();
  ASSERT_EQ(written.lists.at("prices").elements.size(), 1U);
  const auto parsed = OperatorSnapshot::Parse(written.Serialize()).value();
  for (int subtask = 0; subtask < 3; ++subtask) {
    // Of two subtasks that both wrote it, one counts.
    PriceHarness after(MakePrices(),
                       OperatorRestore::Gather({{}, parsed, parsed}, subtask, 3, 128));
    after.Send({2, "milk"});
    EXPECT_THAT(after.Take(), ElementsAre(Matched("milk", 90)));
    EXPECT_EQ(after.Snapshot().lists.at("prices").elements, parsed.lists.at("prices").elements);
  }
}

/// Counts the orders of each item, and gives them out when they reach the item's price.
class CountOrders final : public KeyedBroadcastProcess<std::string, Order, Price, Matched> {
 public:
  void Open(KeyedStates<std::string>& states, BroadcastStates& broadcast) override {
    count_ = states.Value<std::int64_t>("count");
    prices_ = broadcast.Map<std::string, std::int64_t>("prices");
  }
  void Process(const Order& /*order*/, Context& context, Collector<Matched>& out) override {
    count_.Update([](std::int64_t& count) { ++count; });
    const auto* least = prices_.Find(context.key());
    if (least != nullptr && count_.Get() >= *least) {
      out.Emit({context.key(), count_.Get()});
      count_.Clear();
    }
  }
  void ProcessBroadcast(const Price& price, BroadcastContext& context,
                        Collector<Matched>& /*out*/) override {
    context.Writable(prices_)[price.item] = price.cents;
  }

 private:
  ValueState<std::int64_t> count_;
  BroadcastState<std::string, std::int64_t> prices_;
};

TEST(KeyedBroadcastProcess, HasKeyedStateBesideTheBroadcastOne) {
  const auto make = [] {
    auto item = [](const Order& order) -> const std::string& { return order.item; };
    return std::make_unique<KeyedBroadcastProcessOperator<CountOrders, decltype(item)>>(
        CountOrders(), item);
  };
  PriceHarness before(make());
  before.SendAs<Price>({"tea", 2}, 0, 1);
  before.Send({1, "tea"});
  before.Send({2, "milk"});
  EXPECT_THAT(before.Take(), IsEmpty());
  PriceHarness after(make(), PriceHarness::Restored(before.Snapshot()));
  after.Send({3, "tea"});
  EXPECT_THAT(after.Take(), ElementsAre(Matched("tea", 2)));
}

TEST(BroadcastState, AllSubtasksSeeTheSameRules) {
  JobResults<std::int64_t> results;
  StreamContext context("rules");
  // Whichever comes first: at the end each of three subtasks has seen all ten rules.
  class CountRules final : public BroadcastProcess<Order, Price, std::int64_t> {
   public:
    void Open(BroadcastStates& states) override {
      rules_ = states.Map<std::string, std::int64_t>("rules");
    }
    void Process(const Order&, Context&, Collector<std::int64_t>&) override {}
    void ProcessBroadcast(const Price& price, BroadcastContext& context,
                          Collector<std::int64_t>& out) override {
      auto& rules = context.Writable(rules_);
      rules[price.item] = price.cents;
      out.Emit(static_cast<std::int64_t>(rules.size()));
    }

   private:
    BroadcastState<std::string, std::int64_t> rules_;
  };
  const auto rules = context.Generate<Price>("rules", 10, [](std::int64_t n, Price& price) {
    price = {"item-" + std::to_string(n), n};
  });
  context.Generate<Order>("orders", 100, [](std::int64_t n, Order& order) { order.id = n; })
      .Connect(rules.Broadcast())
      .Process("count", CountRules())
      .Filter([](std::int64_t count) { return count == 10; })
      .ForEach("results", [results](std::int64_t count) mutable { results.Add(count); });
  ASSERT_TRUE(RunToTheEnd(context.plan(), 3).ok());
  EXPECT_THAT(results.sorted(), ElementsAre(10, 10, 10));
}

}  // namespace
}  // namespace streampark::core
