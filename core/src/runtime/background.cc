// SPDX-License-Identifier: Apache-2.0
#include "runtime/background.h"

#include <utility>

#include <pthread.h>

namespace streampark::core {

Background::Background(const char* name)
    : thread_([this, name](const std::stop_token& stop) {
        ::pthread_setname_np(::pthread_self(), name);
        Run(stop);
      }) {}

void Background::Do(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(work));
  }
  arrived_.notify_one();
}

void Background::Run(const std::stop_token& stop) {
  while (true) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      if (!arrived_.wait(lock, stop, [this] { return !waiting_.empty(); }) ||
          stop.stop_requested()) {
        return;
      }
      work = std::move(waiting_.front());
      waiting_.pop_front();
    }
    work();
  }
}

}  // namespace streampark::core
