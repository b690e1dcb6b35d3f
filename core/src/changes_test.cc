// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/changes.h"

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

struct User {
  std::int64_t id = 0;
  std::string name;
  bool operator==(const User&) const = default;
};
SP_RECORD(User, id, name);
using Changed = Change<User>;
constexpr auto kInsert = RowKind::kInsert;
constexpr auto kBefore = RowKind::kUpdateBefore;
constexpr auto kAfter = RowKind::kUpdateAfter;
constexpr auto kDelete = RowKind::kDelete;

struct IdOf {
  std::int64_t operator()(const User& user) const { return user.id; }
  std::int64_t operator()(const Changed& change) const { return change.row.id; }
};

TEST(Change, IsKeptInStateLikeAnyRecord) {
  ByteWriter out;
  Codec<Changed>::Write(out, {kAfter, {7, "Ann"}});
  ByteReader in(out.view());
  Changed read;
  Codec<Changed>::Read(in, read);
  EXPECT_EQ(read, (Changed{kAfter, {7, "Ann"}}));
  EXPECT_EQ(Codec<Changed>::Describe().ToString(), "{kind: uint8, row: {id: int64, name: text}}");
}

using Latest = LatestOperator<std::int64_t, User, IdOf>;
using Harness = OperatorHarness<User, Changed>;

TEST(Latest, GivesChangesAndLeavesOutWhatIsOldOrTheSame) {
  Harness before(std::make_unique<Latest>(IdOf(), Ttl{}));
  before.Send({1, "Ann"}, 1'000);
  before.Send({1, "Anna"}, 2'000);
  before.Send({1, "old"}, 1'999);
  before.Send({1, "Anna"}, 3'000);
  EXPECT_THAT(before.Take(), ElementsAre(Changed{kInsert, {1, "Ann"}}, Changed{kBefore, {1, "Ann"}},
                                         Changed{kAfter, {1, "Anna"}}));
  Harness after(std::make_unique<Latest>(IdOf(), Ttl{}), Harness::Restored(before.Snapshot()));
  after.Send({1, "between"}, 2'500);  // the row that was the same has moved the time
  EXPECT_THAT(after.Take(), IsEmpty());
  after.Send({1, "Bea"}, 3'000);
  EXPECT_THAT(after.Take(),
              ElementsAre(Changed{kBefore, {1, "Anna"}}, Changed{kAfter, {1, "Bea"}}));
}

TEST(Latest, MakesAFullChangeStreamOfAnUpsertStream) {
  OperatorHarness<Changed, Changed> harness(
      std::make_unique<LatestOperator<std::int64_t, Changed, IdOf>>(IdOf(), Ttl{}));
  harness.Send({kAfter, {1, "Ann"}}, 1);
  harness.Send({kBefore, {1, "?"}}, 2);
  harness.Send({kAfter, {1, "Bea"}}, 2);
  harness.Send({kDelete, {1, ""}}, 3);
  harness.Send({kDelete, {1, ""}}, 4);
  EXPECT_THAT(harness.Take(),
              ElementsAre(Changed{kInsert, {1, "Ann"}}, Changed{kBefore, {1, "Ann"}},
                          Changed{kAfter, {1, "Bea"}}, Changed{kDelete, {1, "Bea"}}));
}

TEST(First, KeepsOneRowAKeyUntilItExpires) {
  using First = FirstOperator<std::int64_t, User, IdOf>;
  using FirstHarness = OperatorHarness<User, User>;
  FirstHarness harness(std::make_unique<First>(IdOf(), Ttl{.after = 10s}));
  harness.Send({1, "Ann"});
  harness.Send({1, "Bea"});
  harness.Send({2, "Cleo"});
  EXPECT_THAT(harness.Take(), ElementsAre(User{1, "Ann"}, User{2, "Cleo"}));
  FirstHarness after(std::make_unique<First>(IdOf(), Ttl{.after = 10s}),
                     FirstHarness::Restored(harness.Snapshot()));
  after.Send({2, "Dora"});
  EXPECT_THAT(after.Take(), IsEmpty());
  after.MoveClock(10s);
  after.Send({2, "Eve"});
  EXPECT_THAT(after.Take(), ElementsAre(User{2, "Eve"}));
}

TEST(Latest, IsOnePlaceAKeyAtAnyParallelism) {
  for (const int parallelism : {1, 3}) {
    JobResults<std::pair<std::int64_t, std::string>> inserts;
    StreamContext context("latest");
    context
        .Generate<User>("users", 1'000,
                        [](std::int64_t n, User& user) {
                          user = {n % 50, "name-" + std::to_string(n)};
                        })
        .KeyBy(&User::id)
        .Latest("latest")
        .Filter([](const Changed& change) { return change.kind == kInsert; })
        .ForEach("results", [inserts](const Changed& change) mutable {
          inserts.Add({change.row.id, change.row.name});
        });
    ASSERT_TRUE(RunToTheEnd(context.plan(), parallelism).ok());
    EXPECT_EQ(inserts.sorted().size(), 50U) << parallelism;
  }
}

}  // namespace
}  // namespace streampark::core
