// SPDX-License-Identifier: Apache-2.0
// Jobs over connectors, with a connector in memory that keeps the contract to the letter and fails when it is told to.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "streampark/base/temporary_folder.h"
#include "streampark/connectors/abi/export.h"
#include "streampark/connectors/abi/import.h"
#include "streampark/core.h"
#include "streampark/core/native_job.h"

#include "state/test_states.h"

namespace streampark::core {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

struct Reading {
  std::string sensor;
  std::int64_t number = 0;
  Timestamp at;
};
SP_RECORD(Reading, sensor, number, at);

struct Sum {
  std::string sensor;
  Timestamp end;
  std::int64_t sum = 0;
  auto operator<=>(const Sum&) const = default;
};
SP_RECORD(Sum, sensor, end, sum);

constexpr std::int64_t kRowsOfSplit = 4'000;

void Fill(std::int64_t split, std::int64_t n, Reading& reading) {
  reading.sensor = "sensor-" + std::to_string((n * 7 + split) % 23);
  reading.number = n % 101 + split;
  reading.at = Timestamp(
      std::chrono::milliseconds((split * kRowsOfSplit + n) * 5));  // splits follow each other
}

std::set<Sum> ExpectedSums(int splits) {
  std::map<std::pair<std::string, std::int64_t>, std::int64_t> sums;
  Reading reading;
  for (std::int64_t split = 0; split < splits; ++split) {
    for (std::int64_t n = 0; n < kRowsOfSplit; ++n) {
      Fill(split, n, reading);
      sums[{reading.sensor, (ToEventTime(reading.at) / 1'000 + 1) * 1'000}] += reading.number;
    }
  }
  std::set<Sum> expected;
  for (const auto& [key, sum] : sums) {
    expected.insert({key.first, ToTimestamp(key.second), sum});
  }
  return expected;
}

void PrintTo(const Sum& sum, std::ostream* out) {
  *out << sum.sensor << "@" << ToEventTime(sum.end) << "=" << sum.sum;
}

/// The world outside the job: survives every restart.
struct World {
  std::mutex mutex;
  std::vector<Sum> visible;
  std::map<std::string, std::vector<Sum>> prepared;  // by transaction: durable, not visible
  std::set<std::string> committed;
  std::atomic<int> fail_in = -1;  // acts until one fails; negative: never
  std::atomic<int> failures = 0;

  /// Fails when its turn has come.
  base::Status Act(const char* what) {
    if (fail_in.load() >= 0 && fail_in.fetch_sub(1) == 0) {
      ++failures;
      return base::Error(base::ErrorCode::kIoError, std::string("pulled the plug at ") + what);
    }
    return base::Ok();
  }
};

class NumbersEnumerator final : public connectors::SplitEnumerator {
 public:
  NumbersEnumerator(int splits, bool told) : splits_(splits), told_(told) {}
  base::Result<Discovery> Discover(std::stop_token) override {
    Discovery found{.splits = {}, .complete = true};
    for (int split = 0; split < splits_ && !told_; ++split) {
      found.splits.push_back({std::to_string(split), {1, "0"}});
    }
    told_ = true;
    return found;
  }
  std::string Snapshot() const override { return told_ ? "told" : ""; }

 private:
  const int splits_;
  bool told_;
};

class NumbersReader final : public connectors::SplitReader {
 public:
  explicit NumbersReader(World& world) : world_(world) {}
  base::Status Add(std::vector<connectors::Split> splits) override {
    for (auto& split : splits) {
      splits_.push_back({std::stoll(split.id), std::stoll(split.position.bytes)});
    }
    return base::Ok();
  }
  base::Result<Rows> Read(base::Millis patience) override {
    SP_TRY(world_.Act("read"));
    Rows rows;
    if (splits_.empty()) {
      std::unique_lock lock(mutex_);
      woken_.wait_for(lock, patience, [&] { return wake_; });
      wake_ = false;
      return rows;
    }
    auto& [split, next] = splits_.front();
    Reading reading;
    for (int i = 0; i < 97 && next < kRowsOfSplit; ++i, ++next) {
      Fill(split, next, reading);
      writer_.Add(reading);
    }
    rows.batch = writer_.Finish();
    rows.split = std::to_string(split);
    if (next == kRowsOfSplit) {
      rows.ended.push_back(rows.split);
      splits_.erase(splits_.begin());
    } else {
      std::rotate(splits_.begin(), splits_.begin() + 1, splits_.end());
    }
    return rows;
  }
  std::vector<connectors::Split> Snapshot() const override {
    std::vector<connectors::Split> splits;
    for (const auto& [split, next] : splits_) {
      splits.push_back({std::to_string(split), {1, std::to_string(next)}});
    }
    return splits;
  }
  base::Status Acknowledge(const std::vector<connectors::Split>&) override { return base::Ok(); }
  void WakeUp() override {
    {
      const std::lock_guard lock(mutex_);
      wake_ = true;
    }
    woken_.notify_one();
  }

 private:
  World& world_;
  std::vector<std::pair<std::int64_t, std::int64_t>> splits_;
  RowWriter<Reading> writer_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool wake_ = false;
};

class NumbersSource final : public connectors::Source {
 public:
  NumbersSource(World& world, int splits) : world_(world), splits_(splits) {}
  connectors::SchemaPtr schema() const override { return SchemaOf<Reading>(); }
  connectors::Boundedness boundedness() const override { return connectors::Boundedness::kBounded; }
  base::Result<std::unique_ptr<connectors::SplitEnumerator>> MakeEnumerator(
      std::optional<std::string> restored) override {
    return std::make_unique<NumbersEnumerator>(splits_, restored == "told");
  }
  base::Result<std::unique_ptr<connectors::SplitReader>> MakeReader(int) override {
    return std::make_unique<NumbersReader>(world_);
  }

 private:
  World& world_;
  const int splits_;
};

class TableWriter final : public connectors::SinkWriter {
 public:
  TableWriter(World& world, connectors::WriterId id) : world_(world), id_(std::move(id)) {}
  base::Result<std::vector<connectors::DirtyRecord>> Write(
      const connectors::Batch& batch) override {
    SP_TRY(world_.Act("write"));
    core::Rows<Sum> rows;
    RowReader<Sum>::Bind(*batch.schema).value().Read(batch, rows);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      open_.push_back(rows.row(i));
    }
    return std::vector<connectors::DirtyRecord>{};
  }
  base::Result<std::vector<connectors::Committable>> Prepare(std::uint64_t sequence) override {
    SP_TRY(world_.Act("before prepare"));
    const auto transaction = id_.lineage + "/" + id_.sink + "/" + std::to_string(id_.subtask) +
                             "/" + std::to_string(sequence);
    {
      const std::lock_guard lock(world_.mutex);
      world_.prepared[transaction] = std::exchange(open_, {});
    }
    SP_TRY(world_.Act("after prepare"));
    return std::vector{connectors::Committable{id_.subtask, sequence, 1, transaction}};
  }
  std::string Snapshot() const override { return ""; }

 private:
  World& world_;
  const connectors::WriterId id_;
  std::vector<Sum> open_;
};

class TableCommitter final : public connectors::Committer {
 public:
  explicit TableCommitter(World& world) : world_(world) {}
  base::Status Commit(std::span<const connectors::Committable> prepared, std::stop_token) override {
    for (const auto& committable : prepared) {
      SP_TRY(world_.Act("commit"));
      const std::lock_guard lock(world_.mutex);
      if (!world_.committed.insert(committable.bytes).second) {
        continue;
      }
      const auto found = world_.prepared.extract(committable.bytes);
      if (found.empty()) {
        return base::Error(base::ErrorCode::kInternal,
                           "What was prepared is gone: " + committable.bytes);
      }
      world_.visible.insert(world_.visible.end(), found.mapped().begin(), found.mapped().end());
    }
    return base::Ok();
  }
  base::Status Recover(const connectors::WriterId& id,
                       std::span<const connectors::Committable> pending, std::uint64_t,
                       std::stop_token stop) override {
    SP_TRY(world_.Act("recover"));
    SP_TRY(Commit(pending, std::move(stop)));
    const std::lock_guard lock(world_.mutex);
    std::erase_if(world_.prepared, [&](const auto& one) {
      return one.first.starts_with(id.lineage + "/" + id.sink + "/");
    });
    return base::Ok();
  }

 private:
  World& world_;
};

class TableSink final : public connectors::Sink {
 public:
  explicit TableSink(World& world) : world_(world) {}
  connectors::Delivery delivery() const override { return connectors::Delivery::kExactlyOnce; }
  base::Result<std::unique_ptr<connectors::SinkWriter>> MakeWriter(const connectors::WriterId& id,
                                                                   std::string) override {
    return std::make_unique<TableWriter>(world_, id);
  }
  base::Result<std::unique_ptr<connectors::Committer>> MakeCommitter() override {
    return std::make_unique<TableCommitter>(world_);
  }

 private:
  World& world_;
};

class MemoryConnector final : public connectors::Connector {
 public:
  explicit MemoryConnector(World& world)
      : world_(world),
        table_({{.name = "splits",
                 .kind = connectors::OptionKind::kInteger,
                 .text = "How many.",
                 .fallback = "4",
                 .use = connectors::OptionUse::kSource},
                {.name = "table", .text = "Where to.", .use = connectors::OptionUse::kSink}}) {}
  std::string_view name() const override { return "memory"; }
  std::string_view text() const override { return "For tests."; }
  connectors::Capabilities capabilities() const override {
    return {.source = true, .sink = true, .replay = true, .exactly_once = true};
  }
  const connectors::OptionTable& options() const override { return table_; }
  base::Result<std::unique_ptr<connectors::Source>> MakeSource(
      connectors::Setup setup) const override {
    return std::make_unique<NumbersSource>(world_,
                                           static_cast<int>(setup.options.Integer("splits")));
  }
  base::Result<std::unique_ptr<connectors::Sink>> MakeSink(connectors::Setup) const override {
    return std::make_unique<TableSink>(world_);
  }

 private:
  World& world_;
  connectors::OptionTable table_;
};

/// As a part of the program, and as a library of its own would have it.
enum class Face { kOfCpp, kOfC };

class ConnectedJobTest : public ::testing::TestWithParam<Face> {
 protected:
  ConnectedJobTest() {
    if (GetParam() == Face::kOfCpp) {
      connectors_.Add(std::make_unique<MemoryConnector>(world_));
      return;
    }
    SpConnector passed{};
    connectors::ExportConnector(std::make_shared<MemoryConnector>(world_), &passed);
    connectors_.Add(connectors::ImportConnector(passed).value());
  }

  std::unique_ptr<StreamContext> Context(const std::string& yaml) {
    return std::make_unique<StreamContext>(
        StreamContext::Setup{.name = "sums",
                             .config = JobConfig::Parse(yaml, "application.yml").value(),
                             .connectors = &connectors_,
                             .clock = &clock_});
  }
  void Body(StreamContext& context) {
    context.Source<Reading>("readings")
        .Watermarks(&Reading::at, BoundedOutOfOrderness(1s))
        .KeyBy(&Reading::sensor)
        .Window(Tumbling(1s))
        .Aggregate("sum per second", core::SumAggregate<Reading, std::int64_t>{&Reading::number})
        .Map([](const auto& window) {
          return Sum{window.key, window.end, window.value};
        })
        .SinkTo("sums");
  }
  base::Status Run(const StreamContext& context, NativeOptions options) {
    auto job = NativeJob::Make(context.plan(), InThisRun(std::move(options)), clock_, random_);
    return job.ok() ? (*job)->Run({}) : base::Status(std::move(job).error());
  }

  World world_;
  connectors::ConnectorRegistry connectors_;
  /// All that is visible, each once.
  void ExpectAll(const std::set<Sum>& expected, const std::string& where) {
    const std::set<Sum> visible(world_.visible.begin(), world_.visible.end());
    std::vector<Sum> differ;
    std::ranges::set_symmetric_difference(visible, expected, std::back_inserter(differ));
    EXPECT_EQ(differ.size(), 0U) << where << ", first "
                                 << ::testing::PrintToString(differ.empty() ? Sum{}
                                                                            : differ.front());
    EXPECT_EQ(world_.visible.size(), expected.size()) << where;
    EXPECT_TRUE(world_.prepared.empty()) << where;
  }

  base::SystemClock clock_;
  base::SecureRandom random_;
};

constexpr const char* kConfig = "memory.source.readings.splits: 5\nmemory.sink.sums.table: sums";

TEST_P(ConnectedJobTest, WhatASourceGivesReachesTheSinkOnce) {
  for (const int parallelism : {1, 2, 4}) {
    world_.visible.clear();
    auto context = Context(kConfig);
    Body(*context);
    const auto ran = Run(*context, {.parallelism = parallelism});
    ASSERT_TRUE(ran.ok()) << ran.error().ToString();
    ExpectAll(ExpectedSums(5), "parallelism " + std::to_string(parallelism));
  }
}

TEST_P(ConnectedJobTest, NoRowIsLostOrDoubledWhereverItFails) {
  const auto expected = ExpectedSums(5);
  auto context = Context(kConfig);
  Body(*context);
  for (int fail_in = 0; fail_in < 260; fail_in += 3) {
    world_.visible.clear();
    world_.committed.clear();
    world_.fail_in = fail_in;
    NativeOptions options{.parallelism = 2, .checkpoint_interval = 1ms};
    options.restart = {.attempts = 3, .first_pause = 0ms, .longest_pause = 0ms};
    const auto ran = Run(*context, options);
    ASSERT_TRUE(ran.ok()) << ran.error().ToString();
    ExpectAll(expected, "failed at act " + std::to_string(fail_in));
  }
  EXPECT_GT(world_.failures, 80);
}

TEST_P(ConnectedJobTest, AProcessThatEndedBeforeItsFirstCheckpointLeavesNothingBehind) {
  const auto expected = ExpectedSums(5);
  auto context = Context(kConfig);
  Body(*context);
  for (int fail_in = 0; fail_in < 60; fail_in += 4) {
    const auto folder = base::TemporaryFolder::Create().value();
    world_.visible.clear();
    world_.committed.clear();
    NativeOptions options{.parallelism = 2,
                          .checkpoint_interval = 1ms,
                          .checkpoint_folder = folder.path() / "checkpoints"};
    options.restart.attempts = 0;
    world_.fail_in = fail_in;
    if (!Run(*context, options).ok()) {  // a read that fails is tried again
      world_.fail_in = -1;
      const auto ran = Run(*context, options);
      ASSERT_TRUE(ran.ok()) << ran.error().ToString();
    }
    ExpectAll(expected, "failed at act " + std::to_string(fail_in));
  }
}

TEST_P(ConnectedJobTest, AnAliasThatIsNotConfiguredIsNamed) {
  auto context = Context("memory.source.readings.splits: 5");
  try {
    context->Source<Reading>("reading");
    FAIL();
  } catch (const InvalidJob& invalid) {
    EXPECT_THAT(invalid.error().message(), HasSubstr("no source 'reading'"));
    EXPECT_THAT(invalid.error().hint(), HasSubstr("'readings'"));
  }
}

TEST_P(ConnectedJobTest, ASectionWithoutASideIsWhicheverIsAskedFor) {
  auto context = Context("memory.readings.splits: 5\nmemory.sums.table: sums");
  Body(*context);
  const auto ran = Run(*context, {.parallelism = 2});
  ASSERT_TRUE(ran.ok()) << ran.error().ToString();
  ExpectAll(ExpectedSums(5), "without sides");
}

TEST_P(ConnectedJobTest, AConnectorThatIsNotThereIsNamed) {
  auto context = Context("oracle.source.readings.table: r");
  try {
    context->Source<Reading>("readings");
    FAIL();
  } catch (const InvalidJob& invalid) {
    EXPECT_THAT(invalid.error().message(), HasSubstr("the connector 'oracle', which is not here"));
  }
}

TEST_P(ConnectedJobTest, AnOptionThatIsWrongIsNamedWithItsPlace) {
  auto context = Context("memory:\n  source:\n    readings: {splits: many}");
  try {
    context->Source<Reading>("readings");
    FAIL();
  } catch (const InvalidJob& invalid) {
    EXPECT_THAT(invalid.error().message(),
                HasSubstr("memory.source.readings.splits (application.yml:3)"));
  }
}

INSTANTIATE_TEST_SUITE_P(Face, ConnectedJobTest, ::testing::Values(Face::kOfCpp, Face::kOfC),
                         [](const auto& face) {
                           return std::string(face.param == Face::kOfCpp ? "OfCpp" : "OfC");
                         });

}  // namespace
}  // namespace streampark::core
