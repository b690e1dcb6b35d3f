// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "streampark/core/bytes.h"
#include "streampark/core/operator.h"
#include "streampark/core/side_output.h"
#include "streampark/core/windows.h"

namespace streampark::core {

/// Ends the job when a number of a window is not positive: `what` is named.
inline void RequirePositive(std::int64_t number, const char* what) {
  if (number <= 0) {
    throw TaskFailure(
        base::Error(base::ErrorCode::kValidationFailed,
                    std::string(what) + " is " + std::to_string(number) + ", and must be above 0.")
            .WithHint("give the windows another size"));
  }
}

/// What the operators of event-time windows share: the watermark and its part of the snapshot, rows that come too late, and the batch
/// of results.
template <typename T, typename Result>
class EventWindowOperator : public OneInputOperator {
 public:
  using Out = Result;

  void Open(OperatorContext& context) override {
    OneInputOperator::Open(context);
    sides_.emplace(context);
    bool first = true;
    for (const auto& bytes : context.restored().Elements(kWatermark)) {
      // The least of all subtasks: none may take a window for fired that another had not seen the end of.
      const auto restored = ByteReader(bytes).Fixed<EventTime>();
      watermark_ = first ? restored : std::min(watermark_, restored);
      first = false;
    }
  }
  void Process(int /*input*/, AnyRows& any) final {
    auto& rows = static_cast<Rows<T>&>(any);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows.time(i) == kBeginningOfTime) {
        throw TaskFailure(
            base::Error(base::ErrorCode::kValidationFailed, "A row has no event time.")
                .WithHint("call Watermarks(field, strategy) on the stream before the window"));
      }
      Add(std::as_const(rows.row(i)), rows.time(i));
    }
    EmitAll();
    sides_->Flush();
  }
  void Advance(int /*input*/, EventTime watermark) final {
    if (watermark > watermark_) {
      watermark_ = watermark;
      FireDue();
      EmitAll();
    }
    context().output().Advance(watermark);
  }
  void Snapshot(OperatorSnapshot& into) override {
    ByteWriter watermark;
    watermark.Fixed(watermark_);
    into.AddElement(kWatermark, Redistribution::kUnion, watermark.Take());
  }

 protected:
  explicit EventWindowOperator(Lateness lateness) : lateness_(std::move(lateness)) {}

  virtual void Add(const T& row, EventTime time) = 0;
  /// The watermark has grown: fires what has ended and forgets what has expired.
  virtual void FireDue() = 0;

  EventTime watermark() const { return watermark_; }
  bool Ended(EventTime window_end) const { return window_end - 1 <= watermark_; }
  EventTime LastMoment(EventTime window_end) const {
    return window_end - 1 + lateness_.allowed.count();
  }
  bool Expired(EventTime window_end) const { return LastMoment(window_end) <= watermark_; }
  void Late(const T& row, EventTime time) {
    if (!lateness_.side.empty()) {
      auto& late = sides_->Of(SideOutput<T>{lateness_.side});
      late.SetTime(time);
      late.Emit(row);
    }
  }
  /// A row of the batch of results, with an old content.
  Out& AddResult(EventTime time) {
    if (out_.full()) {
      EmitAll();
    }
    return out_.Add(time);
  }
  void EmitAll() {
    if (!out_.empty()) {
      context().output().Emit(out_);
      out_.Clear();
    }
  }

 private:
  static constexpr const char* kWatermark = "watermark";

  const Lateness lateness_;
  EventTime watermark_ = kBeginningOfTime;
  Rows<Out> out_;
  std::optional<SideCollectors> sides_;
};

}  // namespace streampark::core
