// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace streampark::base {

/// Wall-clock time with millisecond resolution, UTC.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;
using Millis = std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock::time_point;

/// The one source of time; tests inject their own. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp Now() const = 0;
  virtual SteadyTime SteadyNow() const = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp Now() const override;
  SteadyTime SteadyNow() const override;
};

/// A clock that moves only when told to. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start = Timestamp(Millis(1'700'000'000'000)));
  Timestamp Now() const override;
  SteadyTime SteadyNow() const override;
  void Advance(Millis by);

 private:
  std::atomic<long long> elapsed_ms_ = 0;
  Timestamp start_;
};

/// RFC 3339 in UTC with milliseconds: `2026-01-31T09:05:00.000Z`.
std::string FormatTimestamp(Timestamp time);
/// Reads RFC 3339 with any offset; absent when it is not one.
std::optional<Timestamp> ParseTimestamp(std::string_view text);

/// Spec durations: `250ms`, `10s`, `5m`, `1h`, `2d`; absent when it is not one.
std::optional<Millis> ParseDuration(std::string_view text);
/// The shortest exact spelling: `90s`, `5m`.
std::string FormatDuration(Millis duration);

}  // namespace streampark::base
