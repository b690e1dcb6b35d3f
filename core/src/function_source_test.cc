// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/function_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operator_harness.h"

namespace streampark::core {
namespace {

using ::testing::ElementsAre;

constexpr std::int64_t kRows = 10'000;

auto Count() {
  return [](std::int64_t n, std::int64_t& row) { row = n; };
}
using Source = FunctionSource<std::int64_t, decltype(Count())>;

/// One subtask alone, restored from `written`; the rows of one poll, and what it writes then.
struct Round {
  std::vector<std::int64_t> rows;
  OperatorSnapshot written;
};
Round Read(const std::vector<OperatorSnapshot>& written) {
  auto source = std::make_unique<Source>(kRows, Count());
  auto& polled = *source;
  OperatorHarness<std::int64_t, std::int64_t> harness(std::move(source),
                                                      OperatorRestore::Gather(written, 0, 1, 128));
  polled.Poll(base::Millis(0));
  return {harness.Take(), harness.Snapshot()};
}

OperatorSnapshot Fact(std::int64_t subtask, std::int64_t parallelism, std::int64_t below) {
  ByteWriter out;
  out.Fixed(subtask);
  out.Fixed(parallelism);
  out.Fixed(below);
  OperatorSnapshot written;
  written.AddElement("rows", Redistribution::kUnion, out.Take());
  return written;
}

TEST(FunctionSource, WhatItKeepsDoesNotGrowWithRestarts) {
  std::vector<OperatorSnapshot> written;
  std::int64_t next = 0;
  for (int restart = 0; restart < 5; ++restart) {
    const auto round = Read(written);
    EXPECT_EQ(round.rows.front(), next);
    next = round.rows.back() + 1;
    EXPECT_EQ(round.written.lists.at("rows").elements.size(), 1U);
    written = {round.written};
  }
}

TEST(FunctionSource, LeavesOutWhatOthersHadReadAndForgetsWhatItHasPassed) {
  // Of three subtasks before, the first had read rows 0, 3 and the second 1, 4, 7, … below 3,000.
  const auto round = Read({Fact(0, 3, 6), Fact(1, 3, 3'000), Fact(2, 3, 2)});
  EXPECT_THAT(std::vector(round.rows.begin(), round.rows.begin() + 5), ElementsAre(2, 5, 6, 8, 9));
  EXPECT_EQ(round.written.lists.at("rows").elements.size(), 2U);  // its own, and the second's
  auto later = Read({round.written});
  EXPECT_EQ(later.rows.front() % 3,
            (round.rows.back() + 1) % 3 == 1 ? 2 : (round.rows.back() + 1) % 3);
  later = Read({later.written});
  later = Read({later.written});
  EXPECT_EQ(later.written.lists.at("rows").elements.size(), 1U);
}

TEST(FunctionSource, APositionThatIsCutShortIsNamed) {
  OperatorSnapshot written;
  written.AddElement("rows", Redistribution::kUnion, "x");
  EXPECT_THROW(Read({written}), TaskFailure);
}

}  // namespace
}  // namespace streampark::core
