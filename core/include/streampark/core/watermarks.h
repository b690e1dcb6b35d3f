// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "streampark/core/operator.h"
#include "streampark/core/rows.h"

namespace streampark {

/// How watermarks follow from the event times of rows.
struct WatermarkStrategy {
  /// Rows come at most so much later than the latest so far.
  std::chrono::milliseconds out_of_order{0};
  /// A stream from which nothing came for so long does not hold up others; absent: it does.
  std::optional<std::chrono::milliseconds> idle_after;

  WatermarkStrategy WithIdleness(std::chrono::milliseconds after) const {
    auto changed = *this;
    changed.idle_after = after;
    return changed;
  }
};

inline WatermarkStrategy BoundedOutOfOrderness(std::chrono::milliseconds most) {
  return {most, std::nullopt};
}
inline WatermarkStrategy MonotonousTimestamps() { return {}; }

namespace core {

/// Gives each row its event time, and the stream its watermark: the latest event time, less what rows may be late, less one.
/// After each batch: what is sent to other subtasks with it is a batch anyway.
template <typename T, typename TimeOf>
class WatermarkOperator final : public OneInputOperator {
 public:
  WatermarkOperator(TimeOf time_of, WatermarkStrategy strategy)
      : time_of_(std::move(time_of)), strategy_(strategy) {}

  void Open(OperatorContext& context) override {
    OneInputOperator::Open(context);
    WatchForIdleness();
  }
  void Process(int /*input*/, AnyRows& any) override {
    auto& rows = static_cast<Rows<T>&>(any);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto time = ToEventTime(time_of_(std::as_const(rows.row(i))));
      rows.time(i) = time;
      latest_ = std::max(latest_, time);
    }
    seen_ = true;
    context().output().Emit(rows);
    const auto watermark = latest_ - strategy_.out_of_order.count() - 1;
    if (latest_ != kBeginningOfTime && watermark > watermark_) {
      watermark_ = watermark;
      context().output().Advance(watermark);
    }
  }
  /// Only the end of the input is let through: what came before this operator knew other times.
  void Advance(int /*input*/, EventTime watermark) override {
    if (watermark == kEndOfTime) {
      context().output().Advance(watermark);
    }
  }

 private:
  void WatchForIdleness() {
    if (!strategy_.idle_after) {
      return;
    }
    context().ScheduleAt(context().clock().Now() + *strategy_.idle_after, [this] {
      if (!std::exchange(seen_, false)) {
        context().output().Idle();
      }
      WatchForIdleness();
    });
  }

  TimeOf time_of_;
  const WatermarkStrategy strategy_;
  EventTime latest_ = kBeginningOfTime;
  EventTime watermark_ = kBeginningOfTime;
  bool seen_ = false;
};

}  // namespace core
}  // namespace streampark
