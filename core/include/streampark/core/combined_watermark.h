// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "streampark/core/time.h"

namespace streampark::core {

/// The watermark of several inputs: the least of those that are not idle, and it never goes back.
class CombinedWatermark {
 public:
  explicit CombinedWatermark(std::size_t inputs) : inputs_(inputs) {}

  /// The new combined watermark when it has grown.
  std::optional<EventTime> Advance(std::size_t input, EventTime watermark) {
    inputs_[input].watermark = std::max(inputs_[input].watermark, watermark);
    inputs_[input].idle = false;
    return Grow();
  }
  /// The same; and `all_idle()` says whether nobody is left.
  std::optional<EventTime> Idle(std::size_t input) {
    inputs_[input].idle = true;
    return Grow();
  }
  /// Rows came: it counts again.
  void Active(std::size_t input) { inputs_[input].idle = false; }

  EventTime combined() const { return combined_; }
  bool all_idle() const {
    return std::ranges::all_of(inputs_, [](const Input& input) { return input.idle; });
  }

 private:
  struct Input {
    EventTime watermark = kBeginningOfTime;
    bool idle = false;
  };
  std::optional<EventTime> Grow() {
    EventTime least = kEndOfTime;
    bool any = false;
    for (const auto& input : inputs_) {
      if (!input.idle) {
        least = std::min(least, input.watermark);
        any = true;
      }
    }
    if (!any || least <= combined_) {
      return std::nullopt;
    }
    combined_ = least;
    return combined_;
  }

  std::vector<Input> inputs_;
  EventTime combined_ = kBeginningOfTime;
};

}  // namespace streampark::core
