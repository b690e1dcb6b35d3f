// SPDX-License-Identifier: Apache-2.0
#include "traffic.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace streampark::http {
namespace {

constexpr std::string_view kStatusClasses[] = {"0xx", "1xx", "2xx", "3xx", "4xx", "5xx"};

}  // namespace

Traffic::Traffic(std::span<const api::Route> routes)
    : routes_(routes), counters_(std::make_unique<Counters[]>(routes.size() + 1)) {}

void Traffic::Record(std::size_t route, int status, std::chrono::nanoseconds took) {
  Counters& counters = counters_[route];
  const auto status_class = static_cast<std::size_t>(std::clamp(status / 100, 0, 5));
  counters.by_class[status_class].fetch_add(1, std::memory_order_relaxed);
  const double seconds = std::chrono::duration<double>(took).count();
  const auto bucket = static_cast<std::size_t>(
      std::lower_bound(kBounds.begin(), kBounds.end(), seconds) - kBounds.begin());
  counters.by_duration[bucket].fetch_add(1, std::memory_order_relaxed);
  counters.nanoseconds.fetch_add(static_cast<std::uint64_t>(took.count()),
                                 std::memory_order_relaxed);
}

void Traffic::Write(MetricsWriter& writer) const {
  const auto name_of = [this](std::size_t i) {
    return i < routes_.size() ? routes_[i].operation_id : std::string_view("other");
  };
  writer.Family("streampark_http_connections", "gauge", "Open connections");
  writer.Sample("streampark_http_connections", {}, static_cast<double>(connections()));
  writer.Family("streampark_http_requests_total", "counter",
                "Answered requests by operation and status");
  for (std::size_t i = 0; i <= routes_.size(); ++i) {
    for (std::size_t c = 0; c < counters_[i].by_class.size(); ++c) {
      if (const auto count = counters_[i].by_class[c].load(std::memory_order_relaxed); count > 0) {
        writer.Sample("streampark_http_requests_total",
                      {{"operation", name_of(i)}, {"status", kStatusClasses[c]}},
                      static_cast<double>(count));
      }
    }
  }
  writer.Family("streampark_http_request_seconds", "histogram",
                "Time from a request's head to its answer");
  for (std::size_t i = 0; i <= routes_.size(); ++i) {
    std::uint64_t total = 0;
    for (const auto& count : counters_[i].by_duration) {
      total += count.load(std::memory_order_relaxed);
    }
    if (total == 0) {
      continue;
    }
    std::uint64_t running = 0;
    for (std::size_t b = 0; b < kBounds.size(); ++b) {
      running += counters_[i].by_duration[b].load(std::memory_order_relaxed);
      writer.Sample("streampark_http_request_seconds_bucket",
                    {{"operation", name_of(i)}, {"le", fmt::format("{}", kBounds[b])}},
                    static_cast<double>(running));
    }
    writer.Sample("streampark_http_request_seconds_bucket",
                  {{"operation", name_of(i)}, {"le", "+Inf"}}, static_cast<double>(total));
    writer.Sample(
        "streampark_http_request_seconds_sum", {{"operation", name_of(i)}},
        static_cast<double>(counters_[i].nanoseconds.load(std::memory_order_relaxed)) / 1e9);
    writer.Sample("streampark_http_request_seconds_count", {{"operation", name_of(i)}},
                  static_cast<double>(total));
  }
}

}  // namespace streampark::http
