// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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

// sample: value
struct Login {
  std::string user;
  bool succeeded = false;
  sp::Timestamp at;
};
SP_RECORD(Login, user, succeeded, at);

struct Alarm {
  std::string user;
  std::int32_t failures = 0;
  bool operator==(const Alarm&) const = default;
};
SP_RECORD(Alarm, user, failures);

/// Three failures in a row.
class FailuresInARow final : public sp::KeyedProcess<std::string, Login, Alarm> {
 public:
  void Open(sp::KeyedStates<std::string>& states) override {
    failures_ = states.Value<std::int32_t>("failures");
  }
  void Process(const Login& login, Context& context, sp::Collector<Alarm>& out) override {
    if (login.succeeded) {
      failures_.Clear();
      return;
    }
    failures_.Update([](std::int32_t& failures) { ++failures; });  // begins with 0
    if (failures_.Get() == 3) {
      out.Emit({context.key(), failures_.Get()});
    }
  }

 private:
  sp::ValueState<std::int32_t> failures_;
};

void Alarms(sp::StreamContext& context) {
  context.Source<Login>("logins")
      .KeyBy(&Login::user)
      .Process("failures-in-a-row", FailuresInARow())
      .SinkTo("alarms");
}
// end

TEST(KeyedState, IsThatOfTheKey) {
  Pipeline pipeline(Alarms);
  auto logins = pipeline.Source("logins");
  logins.Send(Login{"ann", false}, Login{"bea", false}, Login{"ann", false});
  ASSERT_TRUE(pipeline.RestoresFromCheckpoint()) << pipeline.failure();
  logins.Send(Login{"bea", true}, Login{"bea", false}, Login{"bea", false}, Login{"ann", false});
  EXPECT_THAT(pipeline.Sink<Alarm>("alarms"), ElementsAre(Alarm{"ann", 3}));
}

// sample: kinds
struct Purchase {
  std::string customer;
  std::string article;
  std::int64_t cents = 0;
};
SP_RECORD(Purchase, customer, article, cents);

struct Profile {
  std::string customer;
  std::optional<std::string> before;           // the article before this one
  std::vector<std::string> articles;           // all, in their order
  std::map<std::string, std::int64_t> pieces;  // of each article
  std::int64_t dearest = 0;
  double mean = 0;
  bool operator==(const Profile&) const = default;
};
SP_RECORD(Profile, customer, before, articles, pieces, dearest, mean);

class Profiles final : public sp::KeyedProcess<std::string, Purchase, Profile> {
 public:
  void Open(sp::KeyedStates<std::string>& states) override {
    before_ = states.Value<std::string>("before");
    articles_ = states.List<std::string>("articles");
    pieces_ = states.Map<std::string, std::int64_t>("pieces");
    dearest_ = states.Reducing<std::int64_t>(
        "dearest", [](std::int64_t& most, const std::int64_t& one) { most = std::max(most, one); });
    mean_ = states.Aggregating("mean", sp::Mean(&Purchase::cents));
  }
  void Process(const Purchase& purchase, Context& context, sp::Collector<Profile>& out) override {
    articles_.Add(purchase.article);
    const std::int64_t* pieces = pieces_.Find(purchase.article);  // null: there is none
    pieces_.Set(purchase.article, pieces == nullptr ? 1 : *pieces + 1);
    dearest_.Add(purchase.cents);
    mean_.Add(purchase);

    Profile profile{.customer = context.key(), .articles = articles_.Get()};
    if (const std::string* before = before_.Find()) {
      profile.before = *before;
    }
    pieces_.ForEach(
        [&](const std::string& article, std::int64_t count) { profile.pieces[article] = count; });
    profile.dearest = *dearest_.Find();
    profile.mean = *mean_.Get();
    out.Emit(std::move(profile));
    before_.Set(purchase.article);
  }

 private:
  sp::ValueState<std::string> before_;
  sp::ListState<std::string> articles_;
  sp::MapState<std::string, std::int64_t> pieces_;
  sp::ReducingState<std::int64_t> dearest_;
  sp::AggregatingState<decltype(sp::Mean(&Purchase::cents))> mean_;
};
// end

TEST(KeyedState, OfEachKind) {
  Pipeline pipeline([](sp::StreamContext& context) {
    context.Source<Purchase>("purchases")
        .KeyBy(&Purchase::customer)
        .Process("keep-profiles", Profiles())
        .SinkTo("profiles");
  });
  pipeline.Source("purchases")
      .Send(Purchase{"ann", "tea", 300}, Purchase{"ann", "cup", 500}, Purchase{"ann", "tea", 400});
  EXPECT_EQ(pipeline.Sink<Profile>("profiles").back(),
            (Profile{"ann", "cup", {"tea", "cup", "tea"}, {{"cup", 1}, {"tea", 2}}, 500, 400}));
}

// sample: running
void Totals(sp::StreamContext& context) {
  const auto purchases = context.Source<Purchase>("purchases").KeyBy(&Purchase::customer);
  purchases.Reduce("sum", [](Purchase& sum, const Purchase& one) { sum.cents += one.cents; })
      .SinkTo("spent");
  purchases
      .Aggregate("count", sp::Count())  // sp::Keyed: {key, value}
      .SinkTo("how-often");
}
// end

TEST(KeyedState, RunningResultsNeedNoClass) {
  using CountOfCustomer = sp::Keyed<std::string, std::int64_t>;
  Pipeline pipeline(Totals);
  pipeline.Source("purchases").Send(Purchase{"ann", "tea", 300}, Purchase{"ann", "cup", 500});
  EXPECT_EQ(pipeline.Sink<Purchase>("spent").back().cents, 800);
  EXPECT_THAT(pipeline.Sink<CountOfCustomer>("how-often"),
              ElementsAre(CountOfCustomer{"ann", 1}, CountOfCustomer{"ann", 2}));
}

// sample: ttl
/// Lets a login through when the user had none for a day.
class FirstOfADay final : public sp::KeyedProcess<std::string, Login, Login> {
 public:
  void Open(sp::KeyedStates<std::string>& states) override {
    seen_ =
        states.Value<bool>("seen", {.after = 24h, .refresh = sp::Ttl::Refresh::kOnReadAndWrite});
  }
  void Process(const Login& login, Context& /*context*/, sp::Collector<Login>& out) override {
    if (seen_.Find() == nullptr) {
      seen_.Set(true);
      out.Emit(login);
    }
  }

 private:
  sp::ValueState<bool> seen_;
};
// end

TEST(KeyedState, GoesByItself) {
  Pipeline pipeline([](sp::StreamContext& context) {
    context.Source<Login>("logins")
        .KeyBy(&Login::user)
        .Process("first-of-a-day", FirstOfADay())
        .SinkTo("first");
  });
  auto logins = pipeline.Source("logins");
  logins.Send(Login{"ann", true});
  pipeline.AdvanceTime(20h);
  logins.Send(Login{"ann", true});  // read: another day begins
  pipeline.AdvanceTime(20h);
  logins.Send(Login{"ann", true});
  EXPECT_EQ(pipeline.Sink<Login>("first").size(), 1U);
  pipeline.AdvanceTime(24h);
  logins.Send(Login{"ann", true});
  EXPECT_EQ(pipeline.Sink<Login>("first").size(), 2U);
}

// sample: timers
struct OrderEvent {
  std::int64_t order = 0;
  bool paid = false;
  sp::Timestamp at;
};
SP_RECORD(OrderEvent, order, paid, at);

struct Unpaid {
  std::int64_t order = 0;
  sp::Timestamp since;
  bool operator==(const Unpaid&) const = default;
};
SP_RECORD(Unpaid, order, since);

/// Orders that are not paid within a quarter of an hour of event time.
class PaymentDue final : public sp::KeyedProcess<std::int64_t, OrderEvent, Unpaid> {
 public:
  void Open(sp::KeyedStates<std::int64_t>& states) override {
    ordered_ = states.Value<sp::Timestamp>("ordered");
  }
  void Process(const OrderEvent& event, Context& context, sp::Collector<Unpaid>& /*out*/) override {
    if (!event.paid) {
      ordered_.Set(event.at);
      context.SetTimer(event.at + 15min);
    } else if (const sp::Timestamp* ordered = ordered_.Find()) {
      context.DeleteTimer(*ordered + 15min);
      ordered_.Clear();
    }
  }
  void OnTimer(sp::Timestamp /*at*/, sp::TimeDomain /*domain*/, Context& context,
               sp::Collector<Unpaid>& out) override {
    out.Emit({context.key(), ordered_.Get()});
    ordered_.Clear();
  }

 private:
  sp::ValueState<sp::Timestamp> ordered_;
};

void UnpaidOrders(sp::StreamContext& context) {
  context.Source<OrderEvent>("orders")
      .Watermarks(&OrderEvent::at, sp::BoundedOutOfOrderness(1min))
      .KeyBy(&OrderEvent::order)
      .Process("payment-due", PaymentDue())
      .SinkTo("unpaid");
}
// end

TEST(Timers, OfEventTimeFireByTheWatermark) {
  Pipeline pipeline(UnpaidOrders);
  pipeline.Source("orders").Send(OrderEvent{1, false, At("09:00")},
                                 OrderEvent{2, false, At("09:01")},
                                 OrderEvent{1, true, At("09:10")});
  pipeline.AdvanceWatermark(At("09:16"));
  EXPECT_THAT(pipeline.Sink<Unpaid>("unpaid"), IsEmpty());
  ASSERT_TRUE(pipeline.RestoresFromCheckpoint()) << pipeline.failure();
  pipeline.AdvanceWatermark(At("09:17"));
  EXPECT_THAT(pipeline.Sink<Unpaid>("unpaid"), ElementsAre(Unpaid{2, At("09:01")}));
}

// sample: processing-timers
/// How many logins there were of a user, a minute after the first one.
class CountAMinute final : public sp::KeyedProcess<std::string, Login, Alarm> {
 public:
  void Open(sp::KeyedStates<std::string>& states) override {
    count_ = states.Value<std::int32_t>("count");
  }
  void Process(const Login& /*login*/, Context& context, sp::Collector<Alarm>& /*out*/) override {
    if (count_.Find() == nullptr) {
      context.SetProcessingTimer(context.processing_time() + 1min);
    }
    count_.Update([](std::int32_t& count) { ++count; });
  }
  void OnTimer(sp::Timestamp /*at*/, sp::TimeDomain /*domain*/, Context& context,
               sp::Collector<Alarm>& out) override {
    out.Emit({context.key(), count_.Get()});
    count_.Clear();
  }

 private:
  sp::ValueState<std::int32_t> count_;
};
// end

TEST(Timers, OfProcessingTimeFireByTheClock) {
  Pipeline pipeline([](sp::StreamContext& context) {
    context.Source<Login>("logins")
        .KeyBy(&Login::user)
        .Process("count-a-minute", CountAMinute())
        .SinkTo("counts");
  });
  pipeline.Source("logins").Send(Login{"ann"}, Login{"ann"});
  pipeline.AdvanceTime(59s);
  EXPECT_THAT(pipeline.Sink<Alarm>("counts"), IsEmpty());
  pipeline.AdvanceTime(1s);
  EXPECT_THAT(pipeline.Sink<Alarm>("counts"), ElementsAre(Alarm{"ann", 2}));
}

TEST(Timers, OfProcessingTimeDoNotOutliveTheInput) {
  Pipeline pipeline([](sp::StreamContext& context) {
    context.Source<Login>("logins")
        .KeyBy(&Login::user)
        .Process("count-a-minute", CountAMinute())
        .SinkTo("counts");
  });
  pipeline.Source("logins").Send(Login{"ann"});
  pipeline.Source("logins").End();
  pipeline.AwaitEnd();
  EXPECT_THAT(pipeline.Sink<Alarm>("counts"), IsEmpty());
}

// sample: broadcast
struct Limit {
  std::string article;
  std::int64_t cents = 0;
};
SP_RECORD(Limit, article, cents);

/// Purchases above the limit of their article; limits change while the job runs.
class AboveLimit final : public sp::BroadcastProcess<Purchase, Limit, Purchase> {
 public:
  void Open(sp::BroadcastStates& states) override {
    limits_ = states.Map<std::string, std::int64_t>("limits");
  }
  void Process(const Purchase& purchase, Context& /*context*/,
               sp::Collector<Purchase>& out) override {
    const std::int64_t* limit = limits_.Find(purchase.article);
    if (limit != nullptr && purchase.cents > *limit) {
      out.Emit(purchase);
    }
  }
  void ProcessBroadcast(const Limit& limit, sp::BroadcastContext& context,
                        sp::Collector<Purchase>& /*out*/) override {
    context.Writable(limits_)[limit.article] = limit.cents;
  }

 private:
  sp::BroadcastState<std::string, std::int64_t> limits_;
};

void DearPurchases(sp::StreamContext& context) {
  context.Source<Purchase>("purchases")
      .Connect(context.Source<Limit>("limits").Broadcast())
      .Process("above-limit", AboveLimit())
      .SinkTo("dear");
}
// end

TEST(BroadcastState, IsTheSameInAllSubtasks) {
  Pipeline pipeline(DearPurchases, {.config = "", .parallelism = 2});
  pipeline.Source("limits").Send(Limit{"tea", 400});
  EXPECT_THAT(pipeline.Sink<Purchase>("dear"), IsEmpty());  // and waits: the limit is there now
  ASSERT_TRUE(pipeline.RestoresFromCheckpoint({.config = "", .parallelism = 3}))
      << pipeline.failure();
  pipeline.Source("purchases")
      .Send(Purchase{"ann", "tea", 300}, Purchase{"bea", "tea", 500}, Purchase{"ann", "cup", 900});
  const auto dear = pipeline.Sink<Purchase>("dear");
  ASSERT_EQ(dear.size(), 1U);
  EXPECT_EQ(dear[0].customer, "bea");
}

// sample: keyed-broadcast
/// Spending of each customer above the limit of all.
class Spending final : public sp::KeyedBroadcastProcess<std::string, Purchase, Limit,
                                                        sp::Keyed<std::string, std::int64_t>> {
 public:
  void Open(sp::KeyedStates<std::string>& states, sp::BroadcastStates& broadcast) override {
    spent_ = states.Value<std::int64_t>("spent");
    limits_ = broadcast.Map<std::string, std::int64_t>("limits");
  }
  void Process(const Purchase& purchase, Context& context, sp::Collector<Out>& out) override {
    spent_.Update([&](std::int64_t& spent) { spent += purchase.cents; });
    const std::int64_t* limit = limits_.Find("all");
    if (limit != nullptr && spent_.Get() > *limit) {
      out.Emit({context.key(), spent_.Get()});
    }
  }
  void ProcessBroadcast(const Limit& limit, sp::BroadcastContext& context,
                        sp::Collector<Out>& /*out*/) override {
    context.Writable(limits_)[limit.article] = limit.cents;
  }

 private:
  sp::ValueState<std::int64_t> spent_;
  sp::BroadcastState<std::string, std::int64_t> limits_;
};
// end

TEST(BroadcastState, BesideKeyedState) {
  using Spent = sp::Keyed<std::string, std::int64_t>;
  Pipeline pipeline([](sp::StreamContext& context) {
    context.Source<Purchase>("purchases")
        .KeyBy(&Purchase::customer)
        .Connect(context.Source<Limit>("limits").Broadcast())
        .Process("spending", Spending())
        .SinkTo("spent");
  });
  pipeline.Source("limits").Send(Limit{"all", 700});
  EXPECT_THAT(pipeline.Sink<Spent>("spent"), IsEmpty());
  pipeline.Source("purchases").Send(Purchase{"ann", "tea", 300}, Purchase{"ann", "cup", 500});
  EXPECT_THAT(pipeline.Sink<Spent>("spent"), ElementsAre(Spent{"ann", 800}));
}

}  // namespace
