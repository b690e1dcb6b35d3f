// SPDX-License-Identifier: Apache-2.0
#include "clusters/worker_pool.h"

#include <utility>

namespace streampark::console {
namespace {

constexpr std::size_t kMostWaiting = 4096;

}  // namespace

WorkerPool::WorkerPool(int threads) : queue_(kMostWaiting) {
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this](std::stop_token stop) {
      while (auto work = queue_.Pop(stop)) {
        (*work)(stop);
      }
    });
  }
}

WorkerPool::~WorkerPool() { Stop(); }

bool WorkerPool::Submit(Work work) { return queue_.TryPush(std::move(work)); }

void WorkerPool::Stop() {
  queue_.Close();
  for (std::jthread& thread : threads_) {
    thread.request_stop();
  }
  threads_.clear();
}

}  // namespace streampark::console
