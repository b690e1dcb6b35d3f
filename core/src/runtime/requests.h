// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "streampark/base/result.h"
#include "streampark/objects/location.h"

namespace streampark::core {

/// What they who wait are told when the job ends first.
base::Error EndedBefore();

/// A savepoint or stop that somebody waits for.
struct Request {
  enum class Kind : std::uint8_t { kSavepoint, kStop, kDrain };
  Kind kind = Kind::kSavepoint;
  objects::Location folder;
  std::function<void(base::Result<std::string>)> answer;
};

/// Requests from other threads to the coordinator's; outlives attempts.
class RequestQueue {
 public:
  void Push(Request request);
  std::optional<Request> Pop();
  /// Called, with the lock held, whenever something is pushed.
  void OnPush(std::function<void()> then);
  /// Answers all that wait, and all that come, with CANCELLED.
  void Close();

 private:
  std::mutex mutex_;
  std::deque<Request> requests_;
  std::function<void()> then_;
  bool closed_ = false;
};

}  // namespace streampark::core
