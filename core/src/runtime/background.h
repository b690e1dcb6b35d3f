// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace streampark::core {

/// A thread that does what others give it, in that order. What waits when it ends is forgotten.
class Background {
 public:
  explicit Background(const char* name);
  /// Any thread.
  void Do(std::function<void()> work);

 private:
  void Run(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::deque<std::function<void()>> waiting_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace streampark::core
