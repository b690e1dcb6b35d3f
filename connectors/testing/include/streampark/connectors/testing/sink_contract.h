// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include <gtest/gtest.h>

#include "streampark/connectors/testing/rows.h"

/// What every sink must do, whatever the system (ADR 17), as tests: a connector derives SinkUnderTest and says one of
///
///   SP_SINK_CONTRACT(Redis, [] { return std::make_unique<RedisSinkUnderTest>(); });
///   SP_EXACTLY_ONCE_CONTRACT(File, [] { return std::make_unique<FileSinkUnderTest>(); });
namespace streampark::connectors::testing {

/// A connector and a target to write to: made anew, and the target empty, for each test.
class SinkUnderTest {
 public:
  virtual ~SinkUnderTest() = default;
  virtual const Connector& connector() const = 0;
  /// Of types that NumberedRows makes.
  virtual SchemaPtr schema() const = 0;
  virtual Given options() const = 0;
  /// The rows that anybody sees at the target, as DebugText has them, in any order.
  virtual Strings Visible() = 0;
  /// What lies at the target that nobody sees yet, by name: empty once all is committed or undone.
  virtual Strings Staged() = 0;
};

using MakeSinkUnderTest = std::function<std::unique_ptr<SinkUnderTest>()>;

class SinkContract : public ::testing::TestWithParam<MakeSinkUnderTest> {
 protected:
  void SetUp() override { under_test_ = GetParam()(); }

  const Connector& connector() const { return under_test_->connector(); }
  std::unique_ptr<Sink> Make() const {
    return SinkOf(connector(), under_test_->options(), under_test_->schema());
  }
  /// A writer of a sink of its own: nothing is shared but the target.
  std::unique_ptr<SinkWriter> Writer(const WriterId& id) { return WriterOf(*Keep(Make()), id); }
  static std::unique_ptr<SinkWriter> WriterOf(Sink& sink, const WriterId& id);
  std::unique_ptr<Committer> MakeCommitter() { return Keep(Make())->MakeCommitter().value(); }
  void Write(SinkWriter& writer, std::int64_t first, std::int64_t count) const;
  Strings Texts(std::int64_t first, std::int64_t count) const {
    return Sorted(NumberedTexts(under_test_->schema(), first, count));
  }
  Strings Visible() const { return Sorted(under_test_->Visible()); }

  static void Prepare(SinkWriter& writer, std::uint64_t sequence, std::vector<Committable>& to);
  static void Commit(Committer& committer, const std::vector<Committable>& prepared);
  static void Recover(Committer& committer, const WriterId& lineage,
                      const std::vector<Committable>& pending, std::uint64_t next);

  std::unique_ptr<SinkUnderTest> under_test_;

 private:
  Sink* Keep(std::unique_ptr<Sink> sink) {
    sinks_.push_back(std::move(sink));
    return sinks_.back().get();
  }
  std::vector<std::unique_ptr<Sink>> sinks_;
};

/// For sinks whose delivery is kExactlyOnce.
class ExactlyOnceContract : public SinkContract {};

}  // namespace streampark::connectors::testing

#define SP_SINK_CONTRACT(name, ...)                                                                \
  namespace streampark::connectors::testing {                                                      \
  INSTANTIATE_TEST_SUITE_P(name, SinkContract, ::testing::Values(MakeSinkUnderTest(__VA_ARGS__))); \
  }                                                                                                \
  static_assert(true)

#define SP_EXACTLY_ONCE_CONTRACT(name, ...)                                    \
  SP_SINK_CONTRACT(name, __VA_ARGS__);                                         \
  namespace streampark::connectors::testing {                                  \
  INSTANTIATE_TEST_SUITE_P(name, ExactlyOnceContract,                          \
                           ::testing::Values(MakeSinkUnderTest(__VA_ARGS__))); \
  }                                                                            \
  static_assert(true)
