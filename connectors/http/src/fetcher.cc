// SPDX-License-Identifier: Apache-2.0
#include "fetcher.h"

#include <utility>

#include "streampark/base/check.h"

namespace streampark::connectors::http {

Fetcher::Fetcher(Access access)
    : endpoint_(std::move(access)), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

Fetcher::~Fetcher() {
  thread_.request_stop();
  thread_.join();
}

void Fetcher::Ask(base::HttpRequest request) {
  SP_CHECK(!asking_);
  asking_ = true;
  {
    const std::lock_guard lock(mutex_);
    request_ = std::move(request);
  }
  changed_.notify_all();
}

std::optional<base::Result<Endpoint::Answer>> Fetcher::Wait(base::Millis patience) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [this] { return woken_ || answer_.has_value(); });
  woken_ = false;
  if (answer_) {
    asking_ = false;
  }
  return std::exchange(answer_, std::nullopt);
}

void Fetcher::Wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

void Fetcher::Run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return request_.has_value(); })) {
    const base::HttpRequest request = *std::exchange(request_, std::nullopt);
    lock.unlock();
    auto answer = endpoint_.Ask(request, stop);
    lock.lock();
    answer_.emplace(std::move(answer));
    changed_.notify_all();
  }
}

}  // namespace streampark::connectors::http
