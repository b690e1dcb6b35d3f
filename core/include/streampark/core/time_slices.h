// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "streampark/core/snapshot.h"
#include "streampark/core/time.h"
#include "streampark/core/windows.h"

namespace streampark::core {

/// Where slices and windows of time begin and end. A slice is as long as the greatest common divisor of size and slide.
struct TimeSlices {
  explicit TimeSlices(TimeWindows windows)
      : size(windows.size.count()),
        slide(windows.slide.count()),
        offset(windows.offset.count()),
        slice(std::max<EventTime>(1, std::gcd(size, slide))) {}

  /// TaskFailure when windows are of no length, and when those that are restored were others.
  void Require(const OperatorRestore& restored) const;
  void Save(OperatorSnapshot& into) const;

  EventTime size;
  EventTime slide;
  EventTime offset;
  EventTime slice;

  EventTime SliceEnd(EventTime time) const {
    return FloorTo(time - offset, slice) + offset + slice;
  }
  // Windows begin at multiples of the slide. Those with a slice begin at most `size` before its end, and no later than it does.
  EventTime FirstWindowEnd(EventTime slice_end) const {
    return FloorTo(slice_end - size - offset + slide - 1, slide) + offset + size;
  }
  EventTime LastWindowEnd(EventTime slice_end) const {
    return FloorTo(slice_end - slice - offset, slide) + offset + size;
  }

  /// Windows that are further apart than they last leave slices that are in none.
  bool InNone(EventTime slice_end) const {
    return FirstWindowEnd(slice_end) > LastWindowEnd(slice_end);
  }
  /// The ends of windows with a slice of the map, in order: those that `watermark` passes and `before` had not.
  template <typename Slice>
  std::set<EventTime> EndsBetween(const std::map<EventTime, Slice>& slices, EventTime before,
                                  EventTime watermark) const {
    std::set<EventTime> ends;
    for (const auto& [slice_end, contents] : slices) {
      if (slice_end - 1 > watermark) {
        break;
      }
      for (auto end = FirstWindowEnd(slice_end);
           end <= LastWindowEnd(slice_end) && end - 1 <= watermark; end += slide) {
        if (end - 1 > before) {
          ends.insert(end);
        }
      }
    }
    return ends;
  }

 private:
  static EventTime FloorTo(EventTime time, EventTime step) {
    const auto rest = time % step;
    return time - (rest < 0 ? rest + step : rest);
  }
};

}  // namespace streampark::core
