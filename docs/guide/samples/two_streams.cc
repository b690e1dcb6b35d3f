// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <streampark/core.h>
#include <streampark/testing/pipeline.h>

namespace sp = streampark;
using namespace std::chrono_literals;

namespace {

using sp::testing::At;
using sp::testing::Pipeline;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// sample: rows
struct Order {
  std::int64_t id = 0;
  std::string article;
  sp::Timestamp at;
};
SP_RECORD(Order, id, article, at);

struct Payment {
  std::int64_t order = 0;
  std::int64_t cents = 0;
  sp::Timestamp at;
};
SP_RECORD(Payment, order, cents, at);

struct Paid {
  std::int64_t order = 0;
  std::string article;
  std::optional<std::int64_t> cents;
  bool operator==(const Paid&) const = default;
};
SP_RECORD(Paid, order, article, cents);
// end

// sample: co-process
/// An order and its payment, whichever comes first.
class Match final : public sp::KeyedCoProcess<std::int64_t, Order, Payment, Paid> {
 public:
  void Open(sp::KeyedStates<std::int64_t>& states) override {
    order_ = states.Value<Order>("order");
    payment_ = states.Value<Payment>("payment");
  }
  void ProcessFirst(const Order& order, Context& /*context*/, sp::Collector<Paid>& out) override {
    if (const Payment* payment = payment_.Find()) {
      out.Emit({order.id, order.article, payment->cents});
      payment_.Clear();
    } else {
      order_.Set(order);
    }
  }
  void ProcessSecond(const Payment& payment, Context& /*context*/,
                     sp::Collector<Paid>& out) override {
    if (const Order* order = order_.Find()) {
      out.Emit({order->id, order->article, payment.cents});
      order_.Clear();
    } else {
      payment_.Set(payment);
    }
  }

 private:
  sp::ValueState<Order> order_;
  sp::ValueState<Payment> payment_;
};

void PaidOrders(sp::StreamContext& context) {
  const auto orders = context.Source<Order>("orders");
  const auto payments = context.Source<Payment>("payments");
  orders.KeyBy(&Order::id)
      .Connect(payments.KeyBy(&Payment::order))
      .Process("match", Match())
      .SinkTo("paid");
}
// end

TEST(TwoStreams, MeetInOneFunction) {
  Pipeline pipeline(PaidOrders);
  pipeline.Source("orders").Send(Order{1, "tea"});
  pipeline.Source("payments").Send(Payment{2, 500});
  EXPECT_THAT(pipeline.Sink<Paid>("paid"), IsEmpty());
  ASSERT_TRUE(pipeline.RestoresFromCheckpoint()) << pipeline.failure();
  pipeline.Source("payments").Send(Payment{1, 300});
  pipeline.Source("orders").Send(Order{2, "cup"});
  EXPECT_THAT(pipeline.Sink<Paid>("paid"),
              UnorderedElementsAre(Paid{1, "tea", 300}, Paid{2, "cup", 500}));
}

// sample: connect-map
void Articles(sp::StreamContext& context) {
  const auto orders = context.Source<Order>("orders");
  const auto payments = context.Source<Payment>("payments");
  orders.Connect(payments)
      .Map(
          [](const Order& order) {
            return Paid{order.id, order.article, {}};
          },
          [](const Payment& payment) {
            return Paid{payment.order, "", payment.cents};
          })
      .SinkTo("events");
}
// end

TEST(TwoStreams, BecomeOneType) {
  Pipeline pipeline(Articles);
  pipeline.Source("orders").Send(Order{1, "tea"});
  pipeline.Source("payments").Send(Payment{1, 300});
  EXPECT_THAT(pipeline.Sink<Paid>("events"),
              UnorderedElementsAre(Paid{1, "tea", {}}, Paid{1, "", 300}));
}

// sample: timed
sp::DataStream<Order> Orders(sp::StreamContext& context) {
  return context.Source<Order>("orders").Watermarks(&Order::at, sp::BoundedOutOfOrderness(1min));
}
sp::DataStream<Payment> Payments(sp::StreamContext& context) {
  return context.Source<Payment>("payments")
      .Watermarks(&Payment::at, sp::BoundedOutOfOrderness(1min));
}
// end

// sample: window-join
void PaidWithinTheHour(sp::StreamContext& context) {
  Orders(context)
      .KeyBy(&Order::id)
      .Join(Payments(context).KeyBy(&Payment::order))
      .Window(sp::Tumbling(1h))
      .LeftOuter()  // orders without a payment too; RightOuter and FullOuter are there as well
      .Apply("paid-within-the-hour",
             [](const Order* order, const Payment* payment) {
               return Paid{order->id, order->article,
                           payment == nullptr ? std::nullopt : std::optional(payment->cents)};
             })
      .SinkTo("paid");
}
// end

TEST(TwoStreams, JoinInWindows) {
  Pipeline pipeline(PaidWithinTheHour);
  pipeline.Source("orders").Send(Order{1, "tea", At("09:10")}, Order{2, "cup", At("09:20")});
  pipeline.Source("payments").Send(Payment{1, 300, At("09:50")}, Payment{2, 500, At("10:05")});
  pipeline.AdvanceWatermark(At("10:00"));
  EXPECT_THAT(pipeline.Sink<Paid>("paid"),
              UnorderedElementsAre(Paid{1, "tea", 300}, Paid{2, "cup", std::nullopt}));
}

// sample: interval-join
void PaidSoon(sp::StreamContext& context) {
  Orders(context)
      .KeyBy(&Order::id)
      .Join(Payments(context).KeyBy(&Payment::order))
      .Between(-5min, 30min)  // a payment from 5 min before to 30 min after its order
      .Apply("paid-soon",
             [](const Order& order, const Payment& payment) {
               return Paid{order.id, order.article, payment.cents};
             })
      .SinkTo("paid");
}
// end

TEST(TwoStreams, JoinWithinAnInterval) {
  Pipeline pipeline(PaidSoon);
  pipeline.Source("orders").Send(Order{1, "tea", At("09:50")}, Order{2, "cup", At("09:20")});
  pipeline.Source("payments").Send(Payment{1, 300, At("10:05")}, Payment{2, 500, At("09:51")});
  EXPECT_THAT(pipeline.Sink<Paid>("paid"), ElementsAre(Paid{1, "tea", 300}));
}

}  // namespace
