// SPDX-License-Identifier: Apache-2.0
// A disk without room: files of this process may not grow beyond some kilobytes for a while. (What a write says is EFBIG then, not ENOSPC;
// all else is as on a full disk.)
#include <atomic>
#include <csignal>
#include <map>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "streampark/base/temporary_folder.h"
#include "streampark/core.h"

#include "job_results.h"

namespace streampark::core {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kKeys = 20'000;

struct Tick {
  std::int64_t key = 0;
  std::string text;
};
SP_RECORD(Tick, key, text);

struct Ticks {
  std::int64_t count = 0;
  std::string text;
};
SP_RECORD(Ticks, count, text);

class CountTicks final
    : public KeyedProcess<std::int64_t, Tick, std::pair<std::int64_t, std::int64_t>> {
 public:
  void Open(KeyedStates<std::int64_t>& states) override { ticks_ = states.Value<Ticks>("ticks"); }
  void Process(const Tick& tick, Context& context,
               Collector<std::pair<std::int64_t, std::int64_t>>& out) override {
    ticks_.Update([&](Ticks& ticks) {
      ++ticks.count;
      ticks.text = tick.text;
      out.Emit({context.key(), ticks.count});
    });
  }

 private:
  ValueState<Ticks> ticks_;
};

/// The highest count of each key, whatever is done twice.
class Counts {
 public:
  void Add(const std::pair<std::int64_t, std::int64_t>& counted) {
    const std::lock_guard lock(mutex_);
    auto& most = counts_[counted.first];
    most = std::max(most, counted.second);
  }
  bool HasAll() const {
    const std::lock_guard lock(mutex_);
    return counts_.size() == static_cast<std::size_t>(kKeys);
  }
  /// Of keys that came in turn, nobody is two behind another, and who is behind comes after.
  void ExpectInTurn() const {
    const auto most = counts_.at(0);
    std::int64_t before = most;
    for (const auto& [key, count] : counts_) {
      ASSERT_LE(count, before) << key;
      ASSERT_GE(count, most - 1) << key;
      before = count;
    }
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::int64_t, std::int64_t> counts_;
};

class FullDisk {
 public:
  FullDisk() {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit little{.rlim_cur = 32'768, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &little);
  }
  ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
};

template <typename Condition>
void WaitUntil(Condition&& condition) {
  while (!condition()) {
    std::this_thread::yield();
  }
}

TEST(FullDisk, AJobOutlivesItAndLosesNothing) {
  const auto folder = base::TemporaryFolder::Create().value();
  auto counts = std::make_shared<Counts>();
  StreamContext context("ticks");
  context
      .Generate<Tick>("ticks", std::int64_t{1} << 40,
                      [](std::int64_t n, Tick& tick) {
                        tick.key = n % kKeys;
                        tick.text.assign(100, static_cast<char>('a' + n % 26));
                      })
      .KeyBy(&Tick::key)
      .Process("count", CountTicks())
      .ForEach("results", [counts](const auto& counted) { counts->Add(counted); });
  NativeOptions options{.checkpoint_interval = 20ms,
                        .checkpoint_folder = folder.path() / "checkpoints"};
  // State on disk cannot go on without room: its attempts fail until there is some.
  options.restart = {.attempts = 1'000'000, .first_pause = 1ms, .longest_pause = 20ms};
  const auto in_this_run = InThisRun(options);
  base::SystemClock clock;
  base::SecureRandom random;
  const auto job = NativeJob::Make(context.plan(), in_this_run, clock, random).value();
  base::Status ended = base::Ok();
  std::jthread running([&] { ended = job->Run({}); });
  WaitUntil([&] { return counts->HasAll() && job->status().last_checkpoint > 0; });
  {
    const FullDisk full;
    const auto failed_before = job->status().failed_checkpoints;
    const auto restarts_before = job->status().restarts;
    const bool in_memory = in_this_run.state.backend == StateOptions::Backend::kMemory;
    WaitUntil([&] {
      const auto status = job->status();
      return status.failed_checkpoints > failed_before + 1 || status.restarts > restarts_before + 1;
    });
    if (in_memory) {
      EXPECT_EQ(job->status().restarts, 0) << "a checkpoint that fails must not end the attempt";
    }
  }
  const auto last = job->status().last_checkpoint;
  WaitUntil([&] { return job->status().last_checkpoint > last + 1; });
  const auto stopped = job->Stop(NativeJob::StopMode::kSavepoint, folder.path() / "savepoint");
  running.join();
  ASSERT_TRUE(stopped.ok()) << stopped.error().ToString();
  ASSERT_TRUE(ended.ok()) << ended.error().ToString();
  counts->ExpectInTurn();
}

}  // namespace
}  // namespace streampark::core
