// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <utility>

#include "streampark/core/collector.h"
#include "streampark/core/process_context.h"

namespace streampark {

/// What a ProcessFunction finds: side streams, times, and timers by the clock of the machine. They are in no checkpoint: set anew in
/// Open what a restart must not lose.
class ProcessFunctionContext : public ProcessContext {
 public:
  using Wait = std::function<void(Timestamp)>;
  ProcessFunctionContext(core::OperatorContext& runtime, core::SideCollectors& sides, Wait wait)
      : ProcessContext(runtime, sides), wait_(std::move(wait)) {}

  /// Calls OnTimer once the clock has reached `at`; forgotten at the end of the input.
  void SetProcessingTimer(Timestamp at) { wait_(at); }

 private:
  Wait wait_;
};

/// An author's function over rows without keys, copied for each subtask before Open.
template <typename I, typename O>
class ProcessFunction {
 public:
  using In = I;
  using Out = O;
  using Context = ProcessFunctionContext;

  virtual ~ProcessFunction() = default;
  virtual void Open(Context& /*context*/) {}
  virtual void Process(const In& row, Context& context, Collector<Out>& out) = 0;
  virtual void OnTimer(Timestamp /*at*/, Context& /*context*/, Collector<Out>& /*out*/) {}
};

namespace core {

template <typename F>
concept IsProcessFunction = std::derived_from<F, ProcessFunction<typename F::In, typename F::Out>>;

template <typename Function>
class ProcessFunctionOperator final : public OneInputOperator {
 public:
  explicit ProcessFunctionOperator(Function function) : function_(std::move(function)) {}

  void Open(OperatorContext& context) override {
    OneInputOperator::Open(context);
    out_.Open(context.output());
    sides_.emplace(context);
    process_.emplace(context, *sides_, [this](Timestamp at) { CallAt(at); });
    function_.Open(*process_);
  }
  void Process(int /*input*/, AnyRows& any) override {
    auto& rows = static_cast<Rows<typename Function::In>&>(any);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      SetTime(rows.time(i));
      function_.Process(std::as_const(rows.row(i)), *process_, out_);
    }
    SendOn();
  }
  void Advance(int input, EventTime watermark) override {
    process_->SetWatermark(watermark);
    OneInputOperator::Advance(input, watermark);
  }

 private:
  void CallAt(Timestamp at) {
    const auto due = std::chrono::ceil<base::Millis>(at);
    context().ScheduleAt(due, [this, at] {
      SetTime(kBeginningOfTime);
      function_.OnTimer(at, *process_, out_);
      SendOn();
    });
  }
  void SetTime(EventTime time) {
    process_->SetTime(time);
    out_.SetTime(time);
  }
  void SendOn() {
    out_.Flush();
    sides_->Flush();
  }

  Function function_;
  Collector<typename Function::Out> out_;
  std::optional<SideCollectors> sides_;
  std::optional<ProcessFunctionContext> process_;
};

}  // namespace core
}  // namespace streampark
