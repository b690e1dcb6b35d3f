// SPDX-License-Identifier: Apache-2.0
#include "work_pool.h"

namespace streampark::http {

WorkPool::WorkPool(std::size_t threads, std::size_t queue) : queue_(queue) {
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] {
      while (auto work = queue_.Pop()) {
        busy_.fetch_add(1, std::memory_order_relaxed);
        (*work)();
        busy_.fetch_sub(1, std::memory_order_relaxed);
      }
    });
  }
}

WorkPool::~WorkPool() { Close(); }

bool WorkPool::TrySubmit(std::function<void()> work) { return queue_.TryPush(std::move(work)); }

void WorkPool::Close() {
  queue_.Close();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) {
      thread.join();
    }
  }
}

}  // namespace streampark::http
