// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <utility>

#include "streampark/core/operator.h"
#include "streampark/core/side_output.h"
#include "streampark/core/time.h"

namespace streampark {

/// What an author's function without a key finds while it handles a row.
class ProcessContext {
 public:
  ProcessContext(core::OperatorContext& runtime, core::SideCollectors& sides)
      : runtime_(runtime), sides_(sides) {}

  /// The event time of the row; absent when no watermark strategy gave one.
  std::optional<Timestamp> time() const { return Known(time_); }
  /// The operator's watermark; absent before the first.
  std::optional<Timestamp> watermark() const { return Known(watermark_); }
  Timestamp processing_time() const { return runtime_.clock().Now(); }
  int subtask() const { return runtime_.subtask(); }

  template <typename S>
  void Emit(const SideOutput<S>& side, S row) {
    auto& collector = sides_.Of(side);
    collector.SetTime(time_);
    collector.Emit(std::move(row));
  }

  /// For operators.
  void SetTime(core::EventTime time) { time_ = time; }
  void SetWatermark(core::EventTime watermark) { watermark_ = watermark; }

 private:
  static std::optional<Timestamp> Known(core::EventTime time) {
    return time == core::kBeginningOfTime ? std::nullopt : std::optional(core::ToTimestamp(time));
  }

  core::OperatorContext& runtime_;
  core::SideCollectors& sides_;
  core::EventTime time_ = core::kBeginningOfTime;
  core::EventTime watermark_ = core::kBeginningOfTime;
};

}  // namespace streampark
