// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/base/check.h"
#include "streampark/base/clock.h"
#include "streampark/base/error.h"
#include "streampark/core/combined_watermark.h"
#include "streampark/core/rows.h"
#include "streampark/core/snapshot.h"
#include "streampark/core/time.h"

/// What runs: operators in a chain, one object a subtask, each used by the one thread of its subtask. Inside a subtask failures
/// are exceptions (authors' functions throw, and may throw from anywhere); they end at the task's loop, which makes
/// an Error of them.
namespace streampark::core {

class DiskStates;

/// Ends the attempt of the job with this error.
class TaskFailure : public std::runtime_error {
 public:
  explicit TaskFailure(base::Error error)
      : std::runtime_error(error.ToString()), error_(std::move(error)) {}
  const base::Error& error() const { return error_; }

 private:
  base::Error error_;
};

/// Where the results of an operator go: the next operator of the chain, or the channels to others.
class Output {
 public:
  virtual ~Output() = default;
  /// Takes the rows: they may be changed and moved from. What is left is cleared by the one who called.
  virtual void Emit(AnyRows& rows) = 0;
  /// No row with an event time at or before `watermark` follows, but late ones.
  virtual void Advance(EventTime watermark) = 0;
  /// Nothing comes for now: whoever waits for this watermark need not. Ends with the next row or watermark.
  virtual void Idle() = 0;
};

/// What an operator finds where it runs. Lives as long as the operator.
class OperatorContext {
 public:
  virtual ~OperatorContext() = default;
  virtual const std::string& name() const = 0;
  virtual int subtask() const = 0;
  virtual int parallelism() const = 0;
  virtual int key_groups() const = 0;
  virtual KeyGroupRange key_group_range() const = 0;
  virtual const base::Clock& clock() const = 0;
  virtual Output& output() = 0;
  /// The output of a side stream, by its tag; drops what nobody reads.
  virtual Output& side_output(std::string_view tag) = 0;
  /// What the operator had written at the checkpoint that is restored; empty at a first start.
  virtual const OperatorRestore& restored() const = 0;
  /// Where keyed state lies; null: in memory. What it was restored with is in it.
  virtual DiskStates* disk_states() { return nullptr; }
  /// Calls `then` in the subtask's thread once the clock has reached `time`, at the earliest; forgotten at the end of the input.
  virtual void ScheduleAt(base::Timestamp time, std::function<void()> then) = 0;
  /// From any thread: has `then` run in the subtask's thread soon.
  virtual void Post(std::function<void()> then) = 0;
  /// For operators that wait: throws when the attempt of the job is ended from outside.
  virtual void CheckCancelled() const {}
  /// A row came too late and is dropped: counted for people.
  virtual void CountDropped() = 0;
  /// So many records wait in a source, for this subtask: for people.
  virtual void TellWaiting(std::int64_t /*records*/) {}
  /// A source has read its splits to the end and may be given another.
  virtual void WantSplit() = 0;
  /// Who writes, for sinks: stays the same over restarts.
  virtual const std::string& lineage() const = 0;
};

class Operator {
 public:
  virtual ~Operator() = default;
  /// Before anything else, also with what is restored.
  virtual void Open(OperatorContext& context) = 0;
  /// Rows of one input; they may be changed and moved from.
  virtual void Process(int input, AnyRows& rows) = 0;
  /// The watermark of one input has advanced. The operator passes its own on.
  virtual void Advance(int input, EventTime watermark) = 0;
  /// See Output::Idle.
  virtual void Idle(int input) = 0;
  /// Nothing more comes from this input. The watermark kEndOfTime came before.
  virtual void EndInput(int /*input*/) {}
  /// Sends on what it holds back: a barrier comes, or nothing is to do.
  virtual void Flush() {}
  /// Writes all that it needs to go on from here. The results of all rows before are sent on.
  virtual void Snapshot(OperatorSnapshot& /*into*/) {}
  /// The checkpoint is complete, and durable.
  virtual void CheckpointCompleted(std::uint64_t /*checkpoint*/) {}
  /// The last call, after the end of all inputs and a last checkpoint, or in a failure.
  virtual void Close() {}
};

/// An operator with one input that lets watermarks through.
class OneInputOperator : public Operator {
 public:
  void Open(OperatorContext& context) override { context_ = &context; }
  void Advance(int /*input*/, EventTime watermark) override {
    context_->output().Advance(watermark);
  }
  void Idle(int /*input*/) override { context_->output().Idle(); }

 protected:
  OperatorContext& context() { return *context_; }

 private:
  OperatorContext* context_ = nullptr;
};

/// An operator with two inputs whose watermark is the lesser of theirs; one that is idle does not count.
class TwoInputOperator : public Operator {
 public:
  void Open(OperatorContext& context) override { context_ = &context; }
  void Advance(int input, EventTime watermark) final;
  void Idle(int input) final;

 protected:
  virtual void AdvanceBoth(EventTime watermark) { context_->output().Advance(watermark); }
  /// Rows have come: the input counts again. At the beginning of Process.
  void Active(int input) { watermarks_.Active(static_cast<std::size_t>(input)); }
  OperatorContext& context() { return *context_; }
  EventTime watermark() const { return watermarks_.combined(); }

 private:
  OperatorContext* context_ = nullptr;
  CombinedWatermark watermarks_{2};
};

/// The head of a chain that makes rows.
class SourceOperator : public Operator {
 public:
  enum class Progress : std::uint8_t { kRows, kNothing, kEnd };
  /// Emits what there is; waits for it up to `patience`, or until WakeUp.
  virtual Progress Poll(base::Millis patience) = 0;
  /// From any thread: ends a waiting Poll soon.
  virtual void WakeUp() {}
  /// Splits to read, in the subtask's thread. After `kComplete` none follow, and Poll may say kEnd.
  enum class More : std::uint8_t { kMayFollow, kComplete };
  virtual void AddSplits(std::vector<connectors::Split> /*splits*/, More /*more*/) {}

  void Process(int, AnyRows&) final { SP_CHECK(false); }
  void Advance(int, EventTime) final { SP_CHECK(false); }
  void Idle(int) final { SP_CHECK(false); }
};

}  // namespace streampark::core
