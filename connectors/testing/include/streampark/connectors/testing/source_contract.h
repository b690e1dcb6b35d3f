// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include <gtest/gtest.h>

#include "streampark/connectors/testing/rows.h"

/// What every source must do, whatever the system (ADR 17), as tests: a connector derives SourceUnderTest and says
///
///   SP_SOURCE_CONTRACT(Kafka, [] { return std::make_unique<KafkaSourceUnderTest>(); });
namespace streampark::connectors::testing {

/// A connector and something to read with it: made anew for each test.
class SourceUnderTest {
 public:
  virtual ~SourceUnderTest() = default;
  virtual const Connector& connector() const = 0;
  virtual SchemaPtr schema() const = 0;
  /// Options of a bounded source: some dozens of rows, all different, in three splits or more, read a few at a time.
  virtual Given bounded() const = 0;
  /// All its rows, as DebugText has them, in any order.
  virtual Strings rows() const = 0;
  /// Options of one that never ends, with splits from the start.
  virtual Given unbounded() const = 0;
  /// Puts new splits to what the unbounded source reads, and gives their rows; none where all splits are there from the start.
  virtual Strings Grow() = 0;
};

using MakeSourceUnderTest = std::function<std::unique_ptr<SourceUnderTest>()>;

class SourceContract : public ::testing::TestWithParam<MakeSourceUnderTest> {
 protected:
  void SetUp() override { under_test_ = GetParam()(); }

  const Connector& connector() const { return under_test_->connector(); }
  std::unique_ptr<Source> Make(const Given& given) const {
    return SourceOf(connector(), given, under_test_->schema());
  }
  std::unique_ptr<Source> Bounded() const { return Make(under_test_->bounded()); }
  std::vector<Split> SplitsOf(Source& source) const;
  /// The rows from these splits on, read by a reader of a new source.
  Strings RowsFrom(std::vector<Split> splits) const;

  std::unique_ptr<SourceUnderTest> under_test_;
};

}  // namespace streampark::connectors::testing

#define SP_SOURCE_CONTRACT(name, ...)                                            \
  namespace streampark::connectors::testing {                                    \
  INSTANTIATE_TEST_SUITE_P(name, SourceContract,                                 \
                           ::testing::Values(MakeSourceUnderTest(__VA_ARGS__))); \
  }                                                                              \
  static_assert(true)
