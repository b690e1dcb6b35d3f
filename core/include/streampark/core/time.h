// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace streampark {

/// An instant in a record, with the microseconds that databases keep.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;
/// A calendar day.
using Date = std::chrono::sys_days;

namespace core {

/// Event time: milliseconds since the epoch, as on Flink. A Timestamp is rounded down.
using EventTime = std::int64_t;

inline constexpr EventTime kBeginningOfTime = std::numeric_limits<EventTime>::min();
/// The watermark that says that nothing more comes.
inline constexpr EventTime kEndOfTime = std::numeric_limits<EventTime>::max();

inline EventTime ToEventTime(Timestamp time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}
inline Timestamp ToTimestamp(EventTime time) { return Timestamp(std::chrono::milliseconds(time)); }

}  // namespace core
}  // namespace streampark
