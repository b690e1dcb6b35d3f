// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>

#include "streampark/base/clock.h"

namespace streampark::connectors {

/// The waiting of a SplitReader that nothing else can wake: see SplitReader::WakeUp.
class WakeUpCall {
 public:
  /// From any thread: ends a WaitFor, or the next one when none waits.
  void Ring() {
    {
      const std::lock_guard lock(mutex_);
      rung_ = true;
    }
    rings_.notify_one();
  }
  void WaitFor(base::Millis patience) {
    std::unique_lock lock(mutex_);
    rings_.wait_for(lock, patience, [this] { return rung_; });
    rung_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable rings_;
  bool rung_ = false;
};

}  // namespace streampark::connectors
