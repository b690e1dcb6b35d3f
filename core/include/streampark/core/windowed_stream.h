// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <concepts>
#include <memory>
#include <string>
#include <utility>

#include "streampark/core/count_windows.h"
#include "streampark/core/session_windows.h"
#include "streampark/core/slice_windows.h"
#include "streampark/core/stream.h"
#include "streampark/core/triggered_windows.h"
#include "streampark/core/windows.h"

namespace streampark {

/// Rows in windows of each key.
template <typename K, typename T, typename KeyOf, typename Windows>
class WindowedStream {
  static constexpr bool kOfTime = std::same_as<Windows, TimeWindows>;
  static constexpr bool kOfRows = std::same_as<Windows, CountWindows>;
  static_assert(kOfTime || kOfRows || std::same_as<Windows, SessionWindows>,
                "Window takes sp::Tumbling(size), sp::Sliding(size, slide), sp::Session(gap) or "
                "sp::CountOf(rows)");

 public:
  WindowedStream(DataStream<T> keyed, KeyOf key_of, Windows windows)
      : keyed_(std::move(keyed)), key_of_(std::move(key_of)), windows_(windows) {}

  /// Windows are kept so long after their end, and fire again with each row that comes late.
  WindowedStream AllowedLateness(std::chrono::milliseconds allowed) const {
    static_assert(!kOfRows, "a window of rows has no time at which a row would be late");
    auto changed = *this;
    changed.lateness_.allowed = allowed;
    return changed;
  }
  /// What comes too late for any window goes there instead of being dropped.
  WindowedStream LateTo(const SideOutput<T>& side) const {
    static_assert(!kOfRows, "a window of rows has no time at which a row would be late");
    auto changed = *this;
    changed.lateness_.side = side.tag;
    return changed;
  }
  /// Windows fire before their end too: sp::EveryRows(n) or sp::Every(interval). At the end they fire again, with the whole.
  WindowedStream Early(EarlyFiring early) const {
    static_assert(kOfTime, "only tumbling and sliding windows of time fire early");
    auto changed = *this;
    changed.firing_.early = early;
    return changed;
  }
  /// Each firing has only what came after the one before; where nothing came there is none.
  WindowedStream Discarding() const {
    static_assert(kOfTime, "only tumbling and sliding windows of time can discard what they fired");
    auto changed = *this;
    changed.firing_.after = core::Firing::After::kDiscard;
    return changed;
  }

  /// One result a key and firing. `name` is the identity of its state.
  template <typename A>
  auto Aggregate(std::string name, A aggregate) const {
    static_assert(core::AggregateOf<A, T>,
                  "the aggregate does not fit the rows: it needs Create, Add(accumulator, row), "
                  "Merge and Get (aggregates.h)");
    using Out = Windowed<K, core::ResultOf<A>>;
    return keyed_.template Then<Out>(
        "window", std::move(name),
        [windows = windows_, lateness = lateness_, firing = firing_, key_of = key_of_,
         aggregate]() -> std::unique_ptr<core::Operator> {
          if constexpr (std::same_as<Windows, SessionWindows>) {
            return std::make_unique<core::SessionWindowOperator<K, T, KeyOf, A>>(windows, lateness,
                                                                                 key_of, aggregate);
          } else if constexpr (kOfRows) {
            return std::make_unique<core::CountWindowOperator<K, T, KeyOf, A>>(windows, key_of,
                                                                               aggregate);
          } else if (firing.only_at_end()) {
            return std::make_unique<core::SliceWindowOperator<K, T, KeyOf, A>>(windows, lateness,
                                                                               key_of, aggregate);
          } else {
            return std::make_unique<core::TriggeredWindowOperator<K, T, KeyOf, A>>(
                windows, lateness, firing, key_of, aggregate);
          }
        },
        core::Node::State::kKeyed);
  }

 private:
  DataStream<T> keyed_;
  KeyOf key_of_;
  Windows windows_;
  core::Lateness lateness_;
  core::Firing firing_;
};

}  // namespace streampark
