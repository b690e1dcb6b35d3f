// SPDX-License-Identifier: Apache-2.0
// Rows that are on their way between a fast source and a slow sink: never more than the channels take.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>

#include <gtest/gtest.h>

#include "streampark/core.h"
#include "streampark/core/native_job.h"

#include "job_results.h"

namespace streampark::core {
namespace {

constexpr std::int64_t kRows = 400'000;
constexpr int kParallelism = 2;
constexpr std::size_t kCapacity = 2;

/// Of each of the four channels: what waits in it, the batch that its sender fills, the one that its receiver handles. And a batch
/// of each source.
constexpr std::int64_t kMost =
    static_cast<std::int64_t>(kRowsPerBatch) *
    (kParallelism * kParallelism * (static_cast<int>(kCapacity) + 2) + kParallelism);

class OnTheWay {
 public:
  void Made() {
    const auto now = ++made_ - done_.load();
    auto most = most_.load();
    while (now > most && !most_.compare_exchange_weak(most, now)) {
    }
    if (now >= kFull && !full_.exchange(true)) {
      const std::lock_guard lock(mutex_);
      filled_.notify_all();
    }
  }
  /// The first row waits until the channels are full, so that the sink is slow for certain.
  void Done() {
    if (!full_.load()) {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [this] { return full_.load(); });
    }
    ++done_;
  }
  std::int64_t most() const { return most_; }
  std::int64_t done() const { return done_; }

 private:
  // As many as wait in the channels of one sender at least, whichever keys its rows have.
  static constexpr std::int64_t kFull = static_cast<std::int64_t>(kRowsPerBatch * kCapacity);
  std::atomic<std::int64_t> made_ = 0;
  std::atomic<std::int64_t> done_ = 0;
  std::atomic<std::int64_t> most_ = 0;
  std::atomic<bool> full_ = false;
  std::mutex mutex_;
  std::condition_variable filled_;
};

TEST(BackPressure, ASlowSinkHoldsUpItsSource) {
  const auto rows = std::make_shared<OnTheWay>();
  StreamContext context("slow");
  context
      .Generate<std::int64_t>("numbers", kRows,
                              [rows](std::int64_t n, std::int64_t& row) {
                                row = n;
                                rows->Made();
                              })
      .KeyBy([](std::int64_t n) { return n % 1'000; })
      .Aggregate("count", Count())
      .ForEach("sink", [rows](const auto&) { rows->Done(); });
  base::SystemClock clock;
  base::SecureRandom random;
  const auto job =
      NativeJob::Make(context.plan(),
                      InThisRun({.parallelism = kParallelism, .channel_capacity = kCapacity}),
                      clock, random)
          .value();
  ASSERT_TRUE(job->Run({}).ok());
  EXPECT_EQ(rows->done(), kRows);
  EXPECT_LE(rows->most(), kMost);
  std::cout << "at most " << rows->most() << " rows of " << kRows << " were on their way, " << kMost
            << " may be\n";
}

}  // namespace
}  // namespace streampark::core
