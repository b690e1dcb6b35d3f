// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <tuple>

#include "streampark/core/record.h"
#include "streampark/core/time.h"

namespace streampark {

/// Windows of event time that begin each `slide` and last `size`; tumbling ones when the two are equal. `offset` moves the beginnings
/// away from the epoch.
struct TimeWindows {
  std::chrono::milliseconds size;
  std::chrono::milliseconds slide;
  std::chrono::milliseconds offset{0};
};
/// Windows that last until nothing has come for a key during `gap`.
struct SessionWindows {
  std::chrono::milliseconds gap;
};
/// Windows of the last `rows` rows of a key, each `slide` rows. What does not fill a slide is never seen.
struct CountWindows {
  std::int64_t rows;
  std::int64_t slide;
};

inline TimeWindows Tumbling(std::chrono::milliseconds size, std::chrono::milliseconds offset = {}) {
  return {size, size, offset};
}
inline TimeWindows Sliding(std::chrono::milliseconds size, std::chrono::milliseconds slide,
                           std::chrono::milliseconds offset = {}) {
  return {size, slide, offset};
}
inline SessionWindows Session(std::chrono::milliseconds gap) { return {gap}; }
inline CountWindows CountOf(std::int64_t rows) { return {rows, rows}; }
inline CountWindows CountOf(std::int64_t rows, std::int64_t slide) { return {rows, slide}; }

/// When a window of time fires before its end: with each so many rows of a key, or, where rows have come, at the next whole multiple of
/// an interval of processing time.
struct EarlyFiring {
  std::int64_t rows = 0;                  // 0: not by rows
  std::chrono::milliseconds interval{0};  // 0: not by time
};
inline EarlyFiring EveryRows(std::int64_t rows) { return {.rows = rows}; }
inline EarlyFiring Every(std::chrono::milliseconds interval) { return {.interval = interval}; }

/// One result of a window: [start, end) of one key.
template <typename K, typename V>
struct Windowed {
  K key;
  Timestamp start;
  Timestamp end;
  V value;

  bool operator==(const Windowed&) const = default;
};

template <typename K, typename V>
constexpr auto StreamparkFields(const Windowed<K, V>*) {
  using W = Windowed<K, V>;
  return std::make_tuple(
      core::MakeRecordField("key", &W::key), core::MakeRecordField("start", &W::start),
      core::MakeRecordField("end", &W::end), core::MakeRecordField("value", &W::value));
}

namespace core {

/// What becomes of rows that come after their window has fired.
struct Lateness {
  /// So long after its end a window is kept, and fires again with each late row.
  std::chrono::milliseconds allowed{0};
  /// The side stream for what is later still; empty: it is dropped and counted.
  std::string side;
};

/// When and what windows of time fire, where it is more than their whole at their end.
struct Firing {
  EarlyFiring early;
  /// What a firing leaves to the next one of the same window.
  enum class After : std::uint8_t { kAccumulate, kDiscard } after = After::kAccumulate;
  bool only_at_end() const {
    return early.rows == 0 && early.interval.count() == 0 && after == After::kAccumulate;
  }
};

}  // namespace core
}  // namespace streampark
