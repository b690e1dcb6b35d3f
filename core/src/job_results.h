// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <vector>

#include "streampark/base/random.h"
#include "streampark/core/native_job.h"

#include "state/test_states.h"

namespace streampark::core {

/// What came out of a job, from any thread; for tests.
template <typename T>
class JobResults {
 public:
  void Add(const T& row) {
    const std::lock_guard lock(kept_->mutex);
    kept_->rows.push_back(row);
  }
  std::vector<T> rows() const {
    const std::lock_guard lock(kept_->mutex);
    return kept_->rows;
  }
  std::size_t size() const {
    const std::lock_guard lock(kept_->mutex);
    return kept_->rows.size();
  }
  std::vector<T> sorted() const {
    auto sorted = rows();
    std::ranges::sort(sorted);
    return sorted;
  }

 private:
  struct Kept {
    std::mutex mutex;
    std::vector<T> rows;
  };
  std::shared_ptr<Kept> kept_ = std::make_shared<Kept>();
};

/// Runs a bounded plan to its end.
inline base::Status RunToTheEnd(const Plan& plan, int parallelism) {
  base::SystemClock clock;
  base::SecureRandom random;
  auto job = NativeJob::Make(plan, InThisRun({.parallelism = parallelism}), clock, random);
  return job.ok() ? (*job)->Run({}) : base::Status(std::move(job).error());
}

}  // namespace streampark::core
