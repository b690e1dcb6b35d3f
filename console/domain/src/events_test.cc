// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/events.h"

#include <atomic>

#include <gtest/gtest.h>

namespace streampark::console {
namespace {

class EventBusTest : public testing::Test {
 protected:
  static Caller MemberOf(std::vector<std::string> teams, std::string user = "U") {
    Caller::Identity identity;
    identity.via = CallerVia::kWeb;
    identity.user_id = std::move(user);
    for (std::string& team : teams) {
      identity.rights.memberships.push_back({std::move(team), api::Role::kViewer});
    }
    return Caller(std::make_shared<const Caller::Identity>(std::move(identity)));
  }
  void PublishJob(EventBus& bus, const std::string& id, const std::string& team, std::string data) {
    bus.Publish("job", "job/" + id, {.permission = api::Permission::kJobView, .team_id = team},
                std::move(data));
  }
  std::vector<std::string> Data(EventSubscription& subscription, const Caller& caller,
                                std::string_view only_team = {}, std::size_t limit = 100) {
    std::vector<std::string> data;
    for (const Event& event : subscription.Take(caller, only_team, limit)) {
      data.push_back(event.type + ":" + *event.data);
    }
    return data;
  }
  std::unique_ptr<EventSubscription> Listen(EventBus& bus, std::string_view last = {}) {
    return bus.Subscribe(last, [this] { ++woken_; });
  }
  std::atomic<int> woken_ = 0;
};

using Strings = std::vector<std::string>;

TEST_F(EventBusTest, HandsOutWhatComesAfterTheStart) {
  EventBus bus("boot");
  PublishJob(bus, "0", "A", "before");
  const auto reader = Listen(bus);
  const Caller caller = MemberOf({"A"});
  EXPECT_EQ(Data(*reader, caller), Strings{});
  PublishJob(bus, "1", "A", "one");
  PublishJob(bus, "2", "A", "two");
  EXPECT_EQ(woken_, 2);
  EXPECT_EQ(Data(*reader, caller), (Strings{"job:one", "job:two"}));
  EXPECT_EQ(Data(*reader, caller), Strings{});
}

TEST_F(EventBusTest, ASlowReaderGetsTheNewestState) {
  EventBus bus("boot");
  const auto reader = Listen(bus);
  PublishJob(bus, "1", "A", "old");
  PublishJob(bus, "2", "A", "other");
  PublishJob(bus, "1", "A", "new");
  bus.Publish("job-removed", "job/2", {.permission = api::Permission::kJobView, .team_id = "A"},
              "gone");
  EXPECT_EQ(Data(*reader, MemberOf({"A"})), (Strings{"job:new", "job-removed:gone"}));
}

TEST_F(EventBusTest, ShowsNobodyWhatHeMayNotSee) {
  EventBus bus("boot");
  const auto reader = Listen(bus);
  PublishJob(bus, "1", "A", "a");
  PublishJob(bus, "2", "B", "b");
  PublishJob(bus, "3", "", "shared");
  bus.Publish("session", "", {.user_id = "V"}, "v");
  EXPECT_EQ(Data(*reader, MemberOf({"B"})), (Strings{"job:b", "job:shared"}));
  PublishJob(bus, "1", "A", "a");
  bus.Publish("session", "", {.user_id = "V"}, "v");
  EXPECT_EQ(Data(*reader, MemberOf({"A"}, "V")), (Strings{"job:a", "session:v"}));
  PublishJob(bus, "1", "A", "a");
  EXPECT_EQ(Data(*reader, MemberOf({})), Strings{});
  EXPECT_EQ(Data(*reader, Caller()), Strings{});
}

TEST_F(EventBusTest, CanBeNarrowedToATeam) {
  EventBus bus("boot");
  const auto reader = Listen(bus);
  PublishJob(bus, "1", "A", "a");
  PublishJob(bus, "2", "B", "b");
  PublishJob(bus, "3", "", "shared");
  EXPECT_EQ(Data(*reader, MemberOf({"A", "B"}), "A"), (Strings{"job:a", "job:shared"}));
}

TEST_F(EventBusTest, ResumesAfterAnId) {
  EventBus bus("boot");
  const Caller caller = MemberOf({"A"});
  std::string id;
  {
    const auto reader = Listen(bus);
    PublishJob(bus, "1", "A", "one");
    id = reader->Take(caller, {}, 10).front().id;
    EXPECT_EQ(id, reader->position());
  }
  PublishJob(bus, "2", "A", "two");
  EXPECT_EQ(Data(*Listen(bus, id), caller), Strings{"job:two"});
}

TEST_F(EventBusTest, WhoMissedTooMuchReadsEverythingAnew) {
  EventBus bus("boot", 3);
  const Caller caller = MemberOf({"A"});
  const auto reader = Listen(bus);
  for (int i = 0; i < 5; ++i) {
    PublishJob(bus, std::to_string(i), "A", "x");
  }
  EXPECT_EQ(Data(*reader, caller), Strings{"reset:{}"});
  EXPECT_EQ(Data(*reader, caller), Strings{});
  for (const char* id : {"boot-1", "other-5", "boot-99", "boot-", "rubbish"}) {
    EXPECT_EQ(Data(*Listen(bus, id), caller), Strings{"reset:{}"}) << id;
  }
  EXPECT_EQ(Data(*Listen(bus, "boot-4"), caller), Strings{"job:x"});
}

TEST_F(EventBusTest, ManyChangesOfFewThingsLoseNobody) {
  EventBus bus("boot", 3);
  const auto reader = Listen(bus);
  for (int i = 0; i < 1000; ++i) {
    PublishJob(bus, std::to_string(i % 2), "A", std::to_string(i));
  }
  EXPECT_EQ(Data(*reader, MemberOf({"A"})), (Strings{"job:998", "job:999"}));
}

TEST_F(EventBusTest, TakesInPortions) {
  EventBus bus("boot");
  const auto reader = Listen(bus);
  for (int i = 0; i < 3; ++i) {
    PublishJob(bus, std::to_string(i), "A", std::to_string(i));
  }
  const Caller caller = MemberOf({"A"});
  EXPECT_EQ(Data(*reader, caller, {}, 2), (Strings{"job:0", "job:1"}));
  EXPECT_EQ(Data(*reader, caller, {}, 2), Strings{"job:2"});
}

TEST_F(EventBusTest, WakesReadersToLookAtTheirRights) {
  EventBus bus("boot");
  const auto reader = Listen(bus);
  bus.WakeAll();
  EXPECT_EQ(woken_, 1);
  EXPECT_EQ(bus.subscriptions(), 1U);
}

}  // namespace
}  // namespace streampark::console
