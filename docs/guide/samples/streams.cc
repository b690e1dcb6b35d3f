// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <streampark/core.h>
#include <streampark/testing/pipeline.h>

namespace sp = streampark;

namespace {

using sp::testing::At;
using sp::testing::Pipeline;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

// sample: records
enum class Channel : std::uint8_t { kWeb, kShop };

struct Item {
  std::string article;
  std::int32_t pieces = 0;
  bool operator==(const Item&) const = default;
};
SP_RECORD(Item, article, pieces);

struct Order {
  std::int64_t id = 0;
  Channel channel = Channel::kWeb;
  std::vector<Item> items;
  std::optional<std::string> coupon;  // the only field that may be null
  sp::Timestamp at;
  bool operator==(const Order&) const = default;
};
SP_RECORD(Order, id, channel, items, coupon, at);
// end

// sample: stateless
void Articles(sp::StreamContext& context) {
  context.Source<Order>("orders")
      .Filter([](const Order& order) { return order.channel == Channel::kWeb; })
      .FlatMap<Item>([](const Order& order, auto& out) {
        for (const auto& item : order.items) {
          out.Emit(item);
        }
      })
      .Modify([](Item& item) { item.pieces = std::max(item.pieces, 1); })
      .SinkTo("articles");
}
// end

TEST(Streams, ArticlesOfOrders) {
  Pipeline pipeline(Articles);
  pipeline.Source("orders").Send(Order{1, Channel::kWeb, {{"tea", 2}, {"cup", 0}}, {}, At("09:00")},
                                 Order{2, Channel::kShop, {{"tea", 1}}, {}, At("09:01")});
  EXPECT_THAT(pipeline.Sink<Item>("articles"), ElementsAre(Item{"tea", 2}, Item{"cup", 1}));
}

// sample: map-and-only
struct Coupon {
  std::string code;
  bool operator==(const Coupon&) const = default;
};
SP_RECORD(Coupon, code);

void Coupons(sp::StreamContext& context) {
  context.Source<Order>("orders")
      .Only(&Order::coupon)  // the values that are there: a stream of std::string
      .Map([](const std::string& code) { return Coupon{code}; })
      .SinkTo("coupons");
}
// end

TEST(Streams, CouponsThatAreThere) {
  Pipeline pipeline(Coupons);
  pipeline.Source("orders").Send(Order{.id = 1, .coupon = "SPRING"}, Order{.id = 2});
  EXPECT_THAT(pipeline.Sink<Coupon>("coupons"), ElementsAre(Coupon{"SPRING"}));
}

// sample: side-output
struct Rejected {
  std::int64_t id = 0;
  std::string why;
  bool operator==(const Rejected&) const = default;
};
SP_RECORD(Rejected, id, why);

const sp::SideOutput<Rejected> kRejected{"rejected"};

class Validate final : public sp::ProcessFunction<Order, Order> {
 public:
  void Process(const Order& order, Context& context, sp::Collector<Order>& out) override {
    if (order.items.empty()) {
      context.Emit(kRejected, Rejected{order.id, "it has no items"});
    } else {
      out.Emit(order);
    }
  }
};

void ValidOrders(sp::StreamContext& context) {
  const auto valid = context.Source<Order>("orders").Process("validate", Validate());
  valid.SinkTo("valid");
  valid.Side(kRejected).SinkTo("rejected");
}
// end

TEST(Streams, RejectedOrdersGoAside) {
  Pipeline pipeline(ValidOrders);
  const Order good{.id = 1, .items = {{"tea", 1}}};
  pipeline.Source("orders").Send(good, Order{.id = 2});
  EXPECT_THAT(pipeline.Sink<Order>("valid"), ElementsAre(good));
  EXPECT_THAT(pipeline.Sink<Rejected>("rejected"), ElementsAre(Rejected{2, "it has no items"}));
}

// sample: union
void AllOrders(sp::StreamContext& context) {
  const auto web = context.Source<Order>("web");
  const auto shops =
      context.Source<Order>("shops").Modify([](Order& order) { order.channel = Channel::kShop; });
  web.Union(shops).SinkTo("orders");
}
// end

TEST(Streams, UnionOfBoth) {
  Pipeline pipeline(AllOrders);
  pipeline.Source("web").Send(Order{.id = 1});
  pipeline.Source("shops").Send(Order{.id = 2});
  EXPECT_THAT(pipeline.Sink<Order>("orders"),
              UnorderedElementsAre(Order{.id = 1}, Order{.id = 2, .channel = Channel::kShop}));
}

// sample: rows-of-the-job
void Numbers(sp::StreamContext& context) {
  const auto few = context.From<Item>("few", {{"tea", 1}, {"cup", 2}});
  const auto many = context.Generate<Item>("many", 1'000, [](std::int64_t n, Item& item) {
    item = {"article-" + std::to_string(n), 1};  // the same n gives the same row
  });
  few.Union(many).SinkTo("articles");
}
// end

TEST(Streams, RowsOfTheJobItself) {
  Pipeline pipeline(Numbers);
  pipeline.AwaitEnd();
  EXPECT_EQ(pipeline.Sink<Item>("articles").size(), 1'002U);
}

}  // namespace
