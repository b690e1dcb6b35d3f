// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>

#include "streampark/api/routes.h"
#include "streampark/http/metrics.h"

namespace streampark::http {

/// Counts requests by route and status, and how long they took. Thread-safe without locks.
class Traffic {
 public:
  explicit Traffic(std::span<const api::Route> routes);

  /// `route` is an index of the routes, or routes().size() for what is not one (static files,
  /// errors).
  void Record(std::size_t route, int status, std::chrono::nanoseconds took);
  void ConnectionOpened() { connections_.fetch_add(1, std::memory_order_relaxed); }
  void ConnectionClosed() { connections_.fetch_sub(1, std::memory_order_relaxed); }
  std::int64_t connections() const { return connections_.load(std::memory_order_relaxed); }
  void Write(MetricsWriter& writer) const;

 private:
  static constexpr std::array<double, 10> kBounds = {0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                     0.025,  0.1,   0.5,    2.5,   10};
  struct Counters {
    std::array<std::atomic<std::uint64_t>, 6> by_class{};  // 1xx … 5xx at 1 … 5
    std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> by_duration{};
    std::atomic<std::uint64_t> nanoseconds = 0;
  };

  std::span<const api::Route> routes_;
  std::unique_ptr<Counters[]> counters_;
  std::atomic<std::int64_t> connections_ = 0;
};

}  // namespace streampark::http
