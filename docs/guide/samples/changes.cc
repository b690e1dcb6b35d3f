// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

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

constexpr auto kInsert = sp::RowKind::kInsert;        // +I
constexpr auto kBefore = sp::RowKind::kUpdateBefore;  // -U
constexpr auto kAfter = sp::RowKind::kUpdateAfter;    // +U
constexpr auto kDelete = sp::RowKind::kDelete;        // -D

// sample: user
struct User {
  std::int64_t id = 0;
  std::string city;
  bool operator==(const User&) const = default;
};
SP_RECORD(User, id, city);
// end

// sample: source
/// Those of the users who are in Bern, as a table of their own.
void InBern(sp::StreamContext& context) {
  context.Source<sp::Change<User>>("users")
      .Filter([](const sp::Change<User>& change) { return change.row.city == "Bern"; })
      .SinkTo("in-bern");  // mode: upsert, key: id
}
// end

TEST(Changes, GoThroughTheJobWithTheirKinds) {
  using Changed = sp::Change<User>;
  Pipeline pipeline(InBern);
  pipeline.Source("users").Send(Changed{kInsert, {1, "Bern"}}, Changed{kInsert, {2, "Thun"}},
                                Changed{kBefore, {1, "Bern"}}, Changed{kAfter, {1, "Thun"}},
                                Changed{kBefore, {2, "Thun"}}, Changed{kAfter, {2, "Bern"}},
                                Changed{kDelete, {2, "Bern"}});
  EXPECT_THAT(pipeline.Sink<Changed>("in-bern"),
              ElementsAre(Changed{kInsert, {1, "Bern"}}, Changed{kBefore, {1, "Bern"}},
                          Changed{kAfter, {2, "Bern"}}, Changed{kDelete, {2, "Bern"}}));
}

TEST(Changes, AreNoRows) {
  Pipeline pipeline(
      [](sp::StreamContext& context) { context.Source<User>("users").SinkTo("out"); });
  pipeline.Source("users").Send(sp::Change<User>{kDelete, {1, "Bern"}});
  EXPECT_THROW(pipeline.Sink<User>("out"), sp::testing::PipelineFailure);
}

// sample: latest
struct Place {
  std::int64_t user = 0;
  std::string city;
  sp::Timestamp at;
  bool operator==(const Place&) const = default;
};
SP_RECORD(Place, user, city, at);

void WhereTheyAre(sp::StreamContext& context) {
  context.Source<Place>("places")
      .Watermarks(&Place::at, sp::BoundedOutOfOrderness(1min))
      .KeyBy(&Place::user)
      .Latest("latest-place")
      .SinkTo("where-they-are");
}
// end

TEST(Changes, LatestOfEachKey) {
  using Changed = sp::Change<Place>;
  const Place bern{1, "Bern", At("09:00")};
  const Place thun{1, "Thun", At("09:10")};
  Pipeline pipeline(WhereTheyAre);
  pipeline.Source("places").Send(bern, thun, Place{1, "Biel", At("09:05")});
  EXPECT_THAT(pipeline.Sink<Changed>("where-they-are"),
              ElementsAre(Changed{kInsert, bern}, Changed{kBefore, bern}, Changed{kAfter, thun}));
}

// sample: first
void EachPlaceOnce(sp::StreamContext& context) {
  context.Source<User>("visits")
      .KeyBy([](const User& visit) { return std::pair(visit.id, visit.city); })
      .First("seen", {.after = 24h})  // a day later it is new again
      .SinkTo("first-visits");
}
// end

TEST(Changes, FirstOfEachKey) {
  Pipeline pipeline(EachPlaceOnce);
  pipeline.Source("visits").Send(User{1, "Bern"}, User{1, "Bern"}, User{1, "Thun"});
  EXPECT_THAT(pipeline.Sink<User>("first-visits"), ElementsAre(User{1, "Bern"}, User{1, "Thun"}));
  pipeline.AdvanceTime(24h);
  pipeline.Source("visits").Send(User{1, "Bern"});
  EXPECT_EQ(pipeline.Sink<User>("first-visits").size(), 3U);
}

// sample: aggregate
struct CityUsers {
  std::string city;
  std::int64_t users = 0;
  bool operator==(const CityUsers&) const = default;
};
SP_RECORD(CityUsers, city, users);

void UsersOfCities(sp::StreamContext& context) {
  context.Source<sp::Change<User>>("users")
      .KeyBy([](const sp::Change<User>& change) { return change.row.city; })
      .AggregateChanges("users-of-cities", sp::Count())
      .Map([](const auto& change) {  // sp::Change<sp::Keyed<std::string, std::int64_t>>
        return sp::Change<CityUsers>{change.kind, {change.row.key, change.row.value}};
      })
      .SinkTo("cities");  // mode: upsert, key: city
}
// end

TEST(Changes, AggregatesTakeRowsBack) {
  using Changed = sp::Change<User>;
  using OfCity = sp::Change<CityUsers>;
  Pipeline pipeline(UsersOfCities);
  auto users = pipeline.Source("users");
  users.Send(Changed{kInsert, {1, "Bern"}}, Changed{kInsert, {2, "Bern"}});
  users.Send(Changed{kBefore, {1, "Bern"}}, Changed{kAfter, {1, "Thun"}});
  ASSERT_TRUE(pipeline.RestoresFromCheckpoint()) << pipeline.failure();
  users.Send(Changed{kDelete, {2, "Bern"}});
  EXPECT_THAT(pipeline.Sink<OfCity>("cities"),
              ElementsAre(OfCity{kInsert, {"Bern", 2}},                               //
                          OfCity{kBefore, {"Bern", 2}}, OfCity{kAfter, {"Bern", 1}},  //
                          OfCity{kInsert, {"Thun", 1}},                               //
                          OfCity{kDelete, {"Bern", 1}}));
}

// sample: own-changes
/// How many users each city has, from rows that are no changes: every visit counts.
void VisitsOfCities(sp::StreamContext& context) {
  context.Source<User>("visits")
      .KeyBy(&User::city)
      .AggregateChanges("visits-of-cities", sp::Count())
      .SinkTo("visits-of-cities-now");
}
// end

TEST(Changes, OfRowsThatAreOnlyAdded) {
  using Changed = sp::Change<sp::Keyed<std::string, std::int64_t>>;
  Pipeline pipeline(VisitsOfCities);
  auto visits = pipeline.Source("visits");
  visits.Send(User{1, "Bern"}, User{2, "Bern"});
  visits.Send(User{3, "Bern"});
  EXPECT_THAT(pipeline.Sink<Changed>("visits-of-cities-now"),
              ElementsAre(Changed{kInsert, {"Bern", 2}}, Changed{kBefore, {"Bern", 2}},
                          Changed{kAfter, {"Bern", 3}}));
}

}  // namespace
