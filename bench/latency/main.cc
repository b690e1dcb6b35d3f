// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "streampark/base/clock.h"
#include "streampark/base/random.h"
#include "streampark/connectors/batch_builder.h"
#include "streampark/connectors/connector.h"
#include "streampark/connectors/wake_up.h"
#include "streampark/core.h"
#include "streampark/core/native_job.h"

/// Latency of a keyed window of one second: `streampark_latency EVENTS_PER_S SECONDS CHECKPOINT_FOLDER INTERVAL_MS`; an empty folder: no
/// checkpoints. Event n is due at start + n / rate, and has that as its event time. A result of the window [a, b) could be known when the
/// first event at or after b was due: its latency is the time from then until the sink has it. Prints one JSON object.
namespace {

namespace sp = streampark;
namespace core = streampark::core;
namespace connectors = streampark::connectors;
using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

constexpr std::int64_t kKeys = 10'000;
constexpr std::int64_t kWindowMicros = 1'000'000;
constexpr std::int64_t kWarmUpMicros = 5'000'000;  // not counted
/// Events are sent in ticks: whatever is due by then. A consumer of a topic sees no finer ones.
constexpr microseconds kTick{1'000};

struct Event {
  std::int64_t key = 0;
  sp::Timestamp at;
};
SP_RECORD(Event, key, at);

/// When the run began, and how fast it goes.
struct Schedule {
  std::int64_t per_second;
  std::int64_t events;
  Clock::time_point begin;

  std::int64_t MicrosOf(std::int64_t event) const { return event * 1'000'000 / per_second; }
  Clock::time_point DueAt(std::int64_t event) const {
    return begin + microseconds(MicrosOf(event));
  }
  std::int64_t DueBy(Clock::time_point now) const {
    const auto micros = std::chrono::floor<microseconds>(now - begin).count();
    return std::min(events, micros * per_second / 1'000'000 + 1);
  }
};

class Paced final : public connectors::SplitReader {
 public:
  explicit Paced(const Schedule& schedule) : schedule_(schedule), rows_(core::SchemaOf<Event>()) {}

  sp::base::Status Add(std::vector<connectors::Split> splits) override {
    ours_ = ours_ || !splits.empty();
    return sp::base::Ok();
  }
  sp::base::Result<Rows> Read(sp::base::Millis patience) override {
    Rows read;
    if (!ours_) {
      wake_up_.WaitFor(patience);
      return read;
    }
    std::this_thread::sleep_until(std::max(schedule_.DueAt(next_), last_ + kTick));
    last_ = Clock::now();
    for (const auto due = schedule_.DueBy(last_); next_ < due; ++next_) {
      rows_.column(0).Append<std::int64_t>(next_ * 7'919 % kKeys);
      rows_.column(1).Append<std::int64_t>(schedule_.MicrosOf(next_));
      rows_.EndRow();
    }
    read.batch = rows_.Finish();
    read.split = "events";
    if (next_ == schedule_.events) {
      read.ended.emplace_back("events");
      ours_ = false;
    }
    return read;
  }
  std::vector<connectors::Split> Snapshot() const override {
    return ours_ ? std::vector<connectors::Split>{{"events", {}}}
                 : std::vector<connectors::Split>{};
  }
  sp::base::Status Acknowledge(const std::vector<connectors::Split>&) override {
    return sp::base::Ok();
  }
  void WakeUp() override { wake_up_.Ring(); }
  void Recycle(std::unique_ptr<connectors::Batch> batch) override {
    rows_.Recycle(std::move(batch));
  }

 private:
  const Schedule& schedule_;
  connectors::BatchBuilder rows_;
  connectors::WakeUpCall wake_up_;
  std::int64_t next_ = 0;
  Clock::time_point last_;
  bool ours_ = false;
};

class OneSplit final : public connectors::SplitEnumerator {
 public:
  sp::base::Result<Discovery> Discover(std::stop_token) override {
    return Discovery{.splits = {{"events", {}}}, .complete = true};
  }
  std::string Snapshot() const override { return ""; }
};

class PacedSource final : public connectors::Source {
 public:
  explicit PacedSource(const Schedule& schedule) : schedule_(schedule) {}
  connectors::SchemaPtr schema() const override { return core::SchemaOf<Event>(); }
  connectors::Boundedness boundedness() const override { return connectors::Boundedness::kBounded; }
  sp::base::Result<std::unique_ptr<connectors::SplitEnumerator>> MakeEnumerator(
      std::optional<std::string>) override {
    return std::unique_ptr<connectors::SplitEnumerator>(std::make_unique<OneSplit>());
  }
  sp::base::Result<std::unique_ptr<connectors::SplitReader>> MakeReader(int) override {
    return std::unique_ptr<connectors::SplitReader>(std::make_unique<Paced>(schedule_));
  }

 private:
  const Schedule& schedule_;
};

class PacedConnector final : public connectors::Connector {
 public:
  explicit PacedConnector(const Schedule& schedule) : schedule_(schedule) {}
  std::string_view name() const override { return "paced"; }
  std::string_view text() const override { return "Events at their times."; }
  connectors::Capabilities capabilities() const override { return {.source = true}; }
  const connectors::OptionTable& options() const override { return options_; }
  sp::base::Result<std::unique_ptr<connectors::Source>> MakeSource(
      connectors::Setup) const override {
    return std::unique_ptr<connectors::Source>(std::make_unique<PacedSource>(schedule_));
  }
  sp::base::Result<std::unique_ptr<connectors::Sink>> MakeSink(connectors::Setup) const override {
    return sp::base::Error(sp::base::ErrorCode::kIllegalState, "this is no sink");
  }

 private:
  const Schedule& schedule_;
  const connectors::OptionTable options_{{{.name = "alias", .text = "Not used."}}};
};

/// The latencies of one subtask's results, in microseconds.
using Latencies = std::vector<std::int32_t>;

class LatencySink {
 public:
  LatencySink(const Schedule& schedule,
              std::shared_ptr<std::vector<std::shared_ptr<Latencies>>> all)
      : schedule_(&schedule), all_(std::move(all)) {
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    mine_ = all_->emplace_back(std::make_shared<Latencies>());
  }
  LatencySink(const LatencySink& other) : LatencySink(*other.schedule_, other.all_) {}
  LatencySink& operator=(const LatencySink&) = delete;

  template <typename Result>
  void operator()(const Result& window) const {
    const auto end = window.end.time_since_epoch().count();
    if (end <= kWarmUpMicros || end > schedule_->MicrosOf(schedule_->events - 1)) {
      return;  // the last windows are closed by the end of the input
    }
    const auto due = schedule_->begin + microseconds(end);
    mine_->push_back(static_cast<std::int32_t>(
        std::chrono::duration_cast<microseconds>(Clock::now() - due).count()));
  }

 private:
  const Schedule* schedule_;
  std::shared_ptr<std::vector<std::shared_ptr<Latencies>>> all_;
  std::shared_ptr<Latencies> mine_;
};

double Percentile(Latencies latencies, double share) {
  const auto at = latencies.begin() +
                  static_cast<std::ptrdiff_t>(share * static_cast<double>(latencies.size() - 1));
  std::ranges::nth_element(latencies, at);
  return *at / 1e3;
}

/// How late a thread is that only waits for each tick.
Latencies Floor(std::chrono::seconds length) {
  Latencies late;
  const auto begin = Clock::now();
  for (auto due = begin + kTick; due < begin + length; due += kTick) {
    std::this_thread::sleep_until(due);
    late.push_back(static_cast<std::int32_t>(
        std::chrono::duration_cast<microseconds>(Clock::now() - due).count()));
  }
  return late;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: streampark_latency EVENTS_PER_S SECONDS CHECKPOINT_FOLDER INTERVAL_MS\n";
    return 2;
  }
  const std::chrono::seconds length(std::stoll(argv[2]));
  Schedule schedule{.per_second = std::stoll(argv[1]), .events = 0, .begin = {}};
  schedule.events = schedule.per_second * length.count();
  const auto floor = Floor(std::min(length, std::chrono::seconds(10)));

  const PacedConnector connector(schedule);
  sp::StreamContext context({.name = "latency", .stand_in = &connector});
  auto all = std::make_shared<std::vector<std::shared_ptr<Latencies>>>();
  context.Source<Event>("events")
      .Watermarks(&Event::at, sp::MonotonousTimestamps())
      .KeyBy(&Event::key)
      .Window(sp::Tumbling(std::chrono::seconds(1)))
      .Aggregate("counts", sp::Count())
      .ForEach("latencies", LatencySink(schedule, all));
  core::NativeOptions options{.parallelism = 2};
  if (const std::string folder = argv[3]; !folder.empty()) {
    options.checkpoint_folder = folder;
    options.checkpoint_interval = sp::base::Millis(std::stoll(argv[4]));
  }
  sp::base::SystemClock clock;
  sp::base::SecureRandom random;
  auto job = core::NativeJob::Make(context.plan(), options, clock, random);
  schedule.begin = Clock::now() + std::chrono::milliseconds(200);
  const auto ran = job.ok() ? (*job)->Run({}) : sp::base::Status(job.error());
  if (!ran.ok()) {
    std::cerr << ran.error().ToString() << '\n';
    return 1;
  }
  Latencies latencies;
  for (const auto& one : *all) {
    latencies.insert(latencies.end(), one->begin(), one->end());
  }
  std::cout << boost::json::serialize(
                   boost::json::object{{"results", latencies.size()},
                                       {"p50_ms", Percentile(latencies, 0.5)},
                                       {"p99_ms", Percentile(latencies, 0.99)},
                                       {"max_ms", Percentile(latencies, 1)},
                                       {"floor_p99_ms", Percentile(floor, 0.99)},
                                       {"checkpoints", (*job)->status().last_checkpoint},
                                       {"restarts", (*job)->status().restarts}})
            << '\n';
  return 0;
}
