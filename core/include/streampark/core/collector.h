// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "streampark/core/operator.h"
#include "streampark/core/rows.h"

namespace streampark {

/// Takes the results of an author's function. Rows get the event time of the row or timer that is being handled, or the
/// one that is given. For the duration of the call alone.
template <typename T>
class Collector {
 public:
  void Emit(T&& row) { Append(std::move(row), time_); }
  void Emit(const T& row) { Append(row, time_); }
  void Emit(T&& row, Timestamp time) { Append(std::move(row), core::ToEventTime(time)); }
  void Emit(const T& row, Timestamp time) { Append(row, core::ToEventTime(time)); }

  /// For operators: a row with whatever content it had before, to be assigned whole.
  T& Add(core::EventTime time) {
    FlushIfFull();
    return rows_.Add(time);
  }
  /// Where the rows go, and what the time of the next ones is.
  void Open(core::Output& output) { output_ = &output; }
  void SetTime(core::EventTime time) { time_ = time; }
  void Flush() {
    if (!rows_.empty()) {
      output_->Emit(rows_);
      rows_.Clear();
    }
  }

 private:
  template <typename Row>
  void Append(Row&& row, core::EventTime time) {
    rows_.Append(std::forward<Row>(row), time);
    FlushIfFull();
  }
  void FlushIfFull() {
    if (rows_.full()) {
      Flush();
    }
  }

  core::Rows<T> rows_;
  core::Output* output_ = nullptr;
  core::EventTime time_ = core::kBeginningOfTime;
};

}  // namespace streampark
