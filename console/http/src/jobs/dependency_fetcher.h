// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "streampark/base/bounded_queue.h"
#include "streampark/base/clock.h"
#include "streampark/base/result.h"

namespace streampark::http {

/// Fetches the dependencies that people name while they write, one set after another on a thread of
/// its own: a repository that does not answer keeps no request waiting. Thread-safe.
class DependencyFetcher {
 public:
  using Coordinates = std::vector<std::string>;
  using Fetch = std::function<base::Status(const Coordinates&, std::stop_token)>;

  DependencyFetcher(Fetch fetch, const base::Clock& clock);

  /// Sees to it that the set is fetched. Returns at once, with what to say until then: UNAVAILABLE
  /// while it is under way, or why it could not be had, which is not tried again for a minute.
  base::Error Begin(const Coordinates& coordinates);

 private:
  struct State {
    std::optional<base::Error> failure;  // absent: waiting or under way
    base::SteadyTime failed_at{};
  };

  void Run(const std::stop_token& stop);

  const Fetch fetch_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::map<Coordinates, State> states_;
  base::BoundedQueue<Coordinates> queue_;
  std::jthread thread_;
};

}  // namespace streampark::http
