// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/aggregate_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/core.h"

#include "job_results.h"
#include "operator_harness.h"

namespace streampark::core {
namespace {

using ::testing::ElementsAre;

struct Sale {
  std::string shop;
  std::int64_t amount = 0;
  bool operator==(const Sale&) const = default;
};
SP_RECORD(Sale, shop, amount);

using Total = Keyed<std::string, std::int64_t>;
using Changed = Change<Total>;
constexpr auto kInsert = RowKind::kInsert;
constexpr auto kBefore = RowKind::kUpdateBefore;
constexpr auto kAfter = RowKind::kUpdateAfter;
constexpr auto kDelete = RowKind::kDelete;

struct ShopOf {
  const std::string& operator()(const Sale& sale) const { return sale.shop; }
  const std::string& operator()(const Change<Sale>& change) const { return change.row.shop; }
};

template <typename T>
auto MakeTotals() {
  auto sum = Sum(&Sale::amount);
  return std::make_unique<AggregateChangesOperator<std::string, T, ShopOf, decltype(sum)>>(ShopOf(),
                                                                                           sum);
}

TEST(AggregateChanges, TellsWhatWasAndWhatIs) {
  using Harness = OperatorHarness<Sale, Changed>;
  Harness before(MakeTotals<Sale>());
  before.Send({"a", 3}, 7);
  before.Send({"a", 2}, 8);
  before.Send({"a", 0}, 9);  // changes nothing
  EXPECT_THAT(before.Take(), ElementsAre(Changed{kInsert, {"a", 3}}, Changed{kBefore, {"a", 3}},
                                         Changed{kAfter, {"a", 5}}));
  EXPECT_THAT(before.TakeTimes(), ElementsAre(7, 8, 8));
  Harness after(MakeTotals<Sale>(), Harness::Restored(before.Snapshot()));
  after.Send({"a", 1});
  after.Send({"b", 1});
  EXPECT_THAT(after.Take(), ElementsAre(Changed{kBefore, {"a", 5}}, Changed{kAfter, {"a", 6}},
                                        Changed{kInsert, {"b", 1}}));
}

TEST(AggregateChanges, TakesRowsBack) {
  using Harness = OperatorHarness<Change<Sale>, Changed>;
  Harness sums(MakeTotals<Change<Sale>>());
  sums.Send({kInsert, {"a", 3}});
  sums.Send({kInsert, {"a", 4}});
  sums.Take();
  sums.Send({kBefore, {"a", 3}});
  sums.Send({kAfter, {"a", 5}});
  EXPECT_THAT(sums.Take(), ElementsAre(Changed{kBefore, {"a", 7}}, Changed{kAfter, {"a", 4}},
                                       Changed{kBefore, {"a", 4}}, Changed{kAfter, {"a", 9}}));
  sums.Send({kDelete, {"a", 4}});
  sums.Send({kDelete, {"a", 5}});
  EXPECT_THAT(sums.Take(), ElementsAre(Changed{kBefore, {"a", 9}}, Changed{kAfter, {"a", 5}},
                                       Changed{kDelete, {"a", 5}}));
  sums.Send({kInsert, {"a", 1}});
  EXPECT_THAT(sums.Take(), ElementsAre(Changed{kInsert, {"a", 1}}));
}

TEST(AggregateChanges, RowsThatComeTogetherAreOneChangeAKey) {
  JobResults<Changed> results;
  StreamContext context("totals");
  context.From<Sale>("sales", {{"a", 1}, {"b", 1}, {"a", 2}, {"a", 3}})
      .KeyBy(&Sale::shop)
      .AggregateChanges("total", Sum(&Sale::amount))
      .ForEach("results", [results](const Changed& change) mutable { results.Add(change); });
  ASSERT_TRUE(RunToTheEnd(context.plan(), 1).ok());
  EXPECT_THAT(results.rows(), ElementsAre(Changed{kInsert, {"a", 6}}, Changed{kInsert, {"b", 1}}));
}

struct Seen {
  std::optional<Sale> sale;
  std::int64_t other = 0;
};
SP_RECORD(Seen, sale, other);

TEST(Only, GivesTheValuesThatAreThere) {
  JobResults<Sale> results;
  StreamContext context("sales");
  context.From<Seen>("seen", {{Sale{"a", 1}, 7}, {std::nullopt, 8}, {Sale{"b", 2}, 9}})
      .Only(&Seen::sale)
      .Modify([](Sale& sale) { sale.amount *= 10; })
      .ForEach("results", [results](const Sale& sale) mutable { results.Add(sale); });
  ASSERT_TRUE(RunToTheEnd(context.plan(), 1).ok());
  EXPECT_THAT(results.rows(), ElementsAre(Sale{"a", 10}, Sale{"b", 20}));
}

}  // namespace
}  // namespace streampark::core
