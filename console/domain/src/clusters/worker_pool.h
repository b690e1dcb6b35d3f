// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <stop_token>
#include <thread>
#include <vector>

#include "streampark/base/bounded_queue.h"

namespace streampark::console {

/// A few threads that carry out what is handed in, in that order. Stop() asks what runs to end and
/// forgets what has not begun: its operations stay open on disk and are continued at the next
/// start.
class WorkerPool {
 public:
  using Work = std::function<void(std::stop_token)>;

  explicit WorkerPool(int threads);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// False when too much waits already, or after Stop().
  bool Submit(Work work);
  /// Waits for what runs. May be called twice.
  void Stop();

 private:
  base::BoundedQueue<Work> queue_;
  std::vector<std::jthread> threads_;
};

}  // namespace streampark::console
