// SPDX-License-Identifier: Apache-2.0
#include "runtime/requests.h"

#include <utility>

namespace streampark::core {

base::Error EndedBefore() {
  return {base::ErrorCode::kCancelled, "The job ended before the savepoint was complete."};
}

void RequestQueue::Push(Request request) {
  std::unique_lock lock(mutex_);
  if (closed_) {
    lock.unlock();
    request.answer(EndedBefore());
    return;
  }
  requests_.push_back(std::move(request));
  if (then_) {
    then_();
  }
}

std::optional<Request> RequestQueue::Pop() {
  const std::lock_guard lock(mutex_);
  if (requests_.empty()) {
    return std::nullopt;
  }
  auto request = std::move(requests_.front());
  requests_.pop_front();
  return request;
}

void RequestQueue::OnPush(std::function<void()> then) {
  const std::lock_guard lock(mutex_);
  then_ = std::move(then);
  if (then_ && !requests_.empty()) {
    then_();
  }
}

void RequestQueue::Close() {
  std::deque<Request> left;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    left.swap(requests_);
  }
  for (auto& request : left) {
    request.answer(EndedBefore());
  }
}

}  // namespace streampark::core
