// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "streampark/base/bounded_queue.h"

namespace streampark::http {

/// Threads that run handlers which may wait. The queue is bounded: when it is full the server says
/// so at once instead of making everybody wait.
class WorkPool {
 public:
  WorkPool(std::size_t threads, std::size_t queue);
  ~WorkPool();
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  /// False when the queue is full or the pool is closed. `work` must not throw.
  bool TrySubmit(std::function<void()> work);
  /// Runs what was submitted, takes nothing more, joins the threads.
  void Close();
  std::size_t busy() const { return busy_.load(std::memory_order_relaxed); }

 private:
  base::BoundedQueue<std::function<void()>> queue_;
  std::atomic<std::size_t> busy_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace streampark::http
