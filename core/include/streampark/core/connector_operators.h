// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/connectors/sink.h"
#include "streampark/connectors/source.h"
#include "streampark/core/columns.h"
#include "streampark/core/operator.h"
#include "streampark/core/watermarks.h"

/// Connectors as operators: the contract of connectors/api on one side, rows on the other.
namespace streampark::core {

/// What becomes of records that cannot be read or written.
class DirtyRecords {
 public:
  virtual ~DirtyRecords() = default;
  /// Keeps it, or throws TaskFailure with what is wrong and how to go on. From any subtask's thread.
  virtual void Take(const std::string& operator_name, const connectors::DirtyRecord& record) = 0;
};

/// The untyped half of a source: splits, retries, state.
class SplitSource : public SourceOperator {
 public:
  SplitSource(std::shared_ptr<connectors::Source> source, std::shared_ptr<DirtyRecords> dirty)
      : source_(std::move(source)), dirty_(std::move(dirty)) {}

  void Open(OperatorContext& context) override;
  Progress Poll(base::Millis patience) override;
  void WakeUp() override;
  void AddSplits(std::vector<connectors::Split> splits, More more) override;
  void Snapshot(OperatorSnapshot& into) override;
  void CheckpointCompleted(std::uint64_t checkpoint) override;

 protected:
  /// Emits the rows of a batch.
  virtual void Deliver(const connectors::Batch& batch, const std::string& split) = 0;
  virtual void SplitEnded(const std::string& /*split*/) {}
  /// The source's own word on the event time of a split.
  virtual void Promised(const std::string& /*split*/, EventTime /*watermark*/) {}
  /// Nothing came for a while.
  virtual void NothingCame() {}
  OperatorContext& context() { return *context_; }
  const connectors::Source& source() const { return *source_; }

 private:
  Progress Failed(base::Error error, base::Millis patience);
  void WaitFor(base::Millis patience);
  bool MakeReader();

  const std::shared_ptr<connectors::Source> source_;
  const std::shared_ptr<DirtyRecords> dirty_;
  OperatorContext* context_ = nullptr;
  std::unique_ptr<connectors::SplitReader> reader_;
  std::mutex reader_mutex_;                // its making against WakeUp
  std::vector<connectors::Split> unread_;  // to be added once there is a reader
  std::size_t in_hand_ = 0;
  bool complete_ = false;
  base::Millis pause_{0};  // of the last failure
  std::optional<base::SteadyTime> retry_at_;
  std::map<std::uint64_t, std::vector<connectors::Split>> unacknowledged_;  // by checkpoint

  std::mutex mutex_;
  std::condition_variable woken_;
  bool wake_ = false;
};

/// How the rows of a source get their event time: the watermark of a subtask is the least of its splits'.
template <typename T>
struct SourceWatermarks {
  /// Gives each row its time; the latest of them.
  std::function<EventTime(Rows<T>&)> assign_times;
  WatermarkStrategy strategy;
};

/// By a function of a row that gives a Timestamp.
template <typename T, typename TimeOf>
std::function<EventTime(Rows<T>&)> AssignTimesBy(TimeOf time_of) {
  return [time_of](Rows<T>& rows) mutable {
    EventTime latest = kBeginningOfTime;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto time = ToEventTime(time_of(std::as_const(rows.row(i))));
      rows.time(i) = time;
      latest = std::max(latest, time);
    }
    return latest;
  };
}

template <Record T>
class ConnectorSource final : public SplitSource {
 public:
  ConnectorSource(std::shared_ptr<connectors::Source> source, std::shared_ptr<DirtyRecords> dirty,
                  std::optional<SourceWatermarks<T>> watermarks)
      : SplitSource(std::move(source), std::move(dirty)), watermarks_(std::move(watermarks)) {}

  void Open(OperatorContext& context) override {
    auto bound = RowReader<T>::Bind(*source().schema());
    if (!bound.ok()) {
      throw TaskFailure(std::move(bound).error());
    }
    rows_of_.emplace(std::move(bound).value());
    SplitSource::Open(context);
  }

 protected:
  void Deliver(const connectors::Batch& batch, const std::string& split) override {
    rows_.Clear();
    rows_of_->Read(batch, rows_);
    if (!watermarks_) {
      context().output().Emit(rows_);
      return;
    }
    auto& of_split = splits_[split];
    const auto latest = watermarks_->assign_times(rows_);
    of_split.watermark =
        std::max(of_split.watermark, latest - watermarks_->strategy.out_of_order.count() - 1);
    of_split.seen_at = context().clock().SteadyNow();
    context().output().Emit(rows_);
    Advance();
  }
  void SplitEnded(const std::string& split) override {
    if (splits_.erase(split) > 0 && !splits_.empty()) {
      Advance();
    }
  }
  void Promised(const std::string& split, EventTime watermark) override {
    if (watermarks_) {
      auto& of_split = splits_[split];
      of_split.watermark = std::max(of_split.watermark, watermark - 1);
      of_split.seen_at = context().clock().SteadyNow();
      Advance();
    }
  }
  void NothingCame() override {
    if (watermarks_ && watermarks_->strategy.idle_after) {
      Advance();
    }
  }

 private:
  struct SplitTime {
    EventTime watermark = kBeginningOfTime;
    base::SteadyTime seen_at;
  };
  using SplitSource::Advance;
  void Advance() {
    EventTime least = kEndOfTime;
    bool any = false;
    const auto now = context().clock().SteadyNow();
    for (const auto& [split, of_split] : splits_) {
      const bool idle = watermarks_->strategy.idle_after &&
                        now - of_split.seen_at > *watermarks_->strategy.idle_after;
      if (!idle) {
        least = std::min(least, of_split.watermark);
        any = true;
      }
    }
    if (!any) {
      if (!std::exchange(idle_, true)) {
        context().output().Idle();
      }
      return;
    }
    idle_ = false;
    if (least > watermark_) {
      watermark_ = least;
      context().output().Advance(least);
    }
  }

  std::optional<SourceWatermarks<T>> watermarks_;
  std::optional<RowReader<T>> rows_of_;
  Rows<T> rows_;
  std::map<std::string, SplitTime, std::less<>> splits_;
  EventTime watermark_ = kBeginningOfTime;
  bool idle_ = false;
};

/// The untyped half of a sink.
class WriterSink : public OneInputOperator {
 public:
  WriterSink(std::shared_ptr<connectors::Sink> sink, std::shared_ptr<DirtyRecords> dirty)
      : sink_(std::move(sink)), dirty_(std::move(dirty)) {}

  void Open(OperatorContext& context) override;
  void Flush() override;
  void Snapshot(OperatorSnapshot& into) override;
  void Close() override { writer_.reset(); }

 protected:
  void Write(const connectors::Batch& batch);
  /// Writes what is collected.
  virtual void WriteRows() = 0;

 private:
  const std::shared_ptr<connectors::Sink> sink_;
  const std::shared_ptr<DirtyRecords> dirty_;
  std::unique_ptr<connectors::SinkWriter> writer_;
};

template <Record T>
class ConnectorSink final : public WriterSink {
 public:
  using WriterSink::WriterSink;

  void Process(int /*input*/, AnyRows& any) override {
    auto& rows = static_cast<Rows<T>&>(any);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      batch_.Add(std::as_const(rows.row(i)));
    }
    if (batch_.length() >= static_cast<std::int64_t>(kRowsPerBatch) ||
        batch_.bytes() > kMostBytes) {
      WriteRows();
    }
  }

 protected:
  void WriteRows() override {
    if (batch_.length() > 0) {
      auto batch = batch_.Finish();
      Write(*batch);
      batch_.Recycle(std::move(batch));
    }
  }

 private:
  static constexpr std::size_t kMostBytes = std::size_t{4} << 20;
  RowWriter<T> batch_;
};

}  // namespace streampark::core
