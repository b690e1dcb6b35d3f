// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "streampark/core/collector.h"
#include "streampark/core/operator.h"
#include "streampark/core/side_output.h"
#include "streampark/core/windows.h"

namespace streampark::core {

/// TaskFailure when a number of a window is not positive: `what` is named.
void RequirePositive(std::int64_t number, const char* what);
/// TaskFailure when a row has no event time. `where` says where Watermarks is missing: `on the stream before the window`.
void RequireEventTime(EventTime time, const char* where);

/// The watermark up to which an operator has fired, as a part of its snapshot.
void SaveWatermark(OperatorSnapshot& into, EventTime watermark);
/// The least of all subtasks': none may take a window for fired that another had not seen the end of. kBeginningOfTime at a first start.
EventTime RestoreWatermark(const OperatorRestore& restored);

/// What windows are like, for people: the state of other ones cannot be read as theirs. In milliseconds.
std::string TextOfWindows(EventTime size, EventTime slide, EventTime offset);
/// As a part of an operator's snapshot.
void SaveWindows(OperatorSnapshot& into, std::string text);
/// TaskFailure (STATE_NOT_RESTORED) when the restored ones were others.
void RequireSameWindows(const OperatorRestore& restored, std::string_view text);

/// What the operators of event-time windows share: the watermark and its part of the snapshot, rows that come too late, and the batch
/// of results.
template <typename T, typename Result>
class EventWindowOperator : public OneInputOperator {
 public:
  using Out = Result;

  void Open(OperatorContext& context) override {
    OneInputOperator::Open(context);
    sides_.emplace(context);
    out_.Open(context.output());
    watermark_ = RestoreWatermark(context.restored());
  }
  void Process(int /*input*/, AnyRows& any) final {
    auto& rows = static_cast<Rows<T>&>(any);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      RequireEventTime(rows.time(i), "on the stream before the window");
      Add(std::as_const(rows.row(i)), rows.time(i));
    }
    out_.Flush();
    sides_->Flush();
  }
  void Advance(int /*input*/, EventTime watermark) final {
    if (watermark > watermark_) {
      FireDue(std::exchange(watermark_, watermark));
      out_.Flush();
    }
    context().output().Advance(watermark);
  }
  void Snapshot(OperatorSnapshot& into) override { SaveWatermark(into, watermark_); }

 protected:
  explicit EventWindowOperator(Lateness lateness) : lateness_(std::move(lateness)) {}

  virtual void Add(const T& row, EventTime time) = 0;
  /// The watermark has grown: fires what has ended since `before` and forgets what has expired.
  virtual void FireDue(EventTime before) = 0;

  EventTime watermark() const { return watermark_; }
  bool Ended(EventTime window_end) const { return window_end - 1 <= watermark_; }
  EventTime LastMoment(EventTime window_end) const {
    return window_end - 1 + lateness_.allowed.count();
  }
  bool Expired(EventTime window_end) const { return LastMoment(window_end) <= watermark_; }
  void Late(const T& row, EventTime time) {
    if (lateness_.side.empty()) {
      context().CountDropped();
      return;
    }
    auto& late = sides_->Of(SideOutput<T>{lateness_.side});
    late.SetTime(time);
    late.Emit(row);
  }
  Collector<Out>& out() { return out_; }

 private:
  const Lateness lateness_;
  EventTime watermark_ = kBeginningOfTime;
  Collector<Out> out_;
  std::optional<SideCollectors> sides_;
};

}  // namespace streampark::core
