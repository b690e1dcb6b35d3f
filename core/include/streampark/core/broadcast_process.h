// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <map>
#include <optional>
#include <utility>

#include "streampark/core/broadcast_state.h"
#include "streampark/core/keyed_process.h"
#include "streampark/core/process_context.h"

namespace streampark {

/// What an author's function finds while it handles a broadcast row.
class BroadcastContext : public ProcessContext {
 public:
  using ProcessContext::ProcessContext;

  /// The map that may be changed: `context.Writable(rules_)[rule.id] = rule`. For the duration of the call.
  template <typename K, typename V>
  std::map<K, V>& Writable(const BroadcastState<K, V>& state) {
    return *state.entries_;
  }
};

/// An author's function over rows, by rules that all subtasks are given. Copied for each subtask before Open.
template <typename I, typename B, typename O>
class BroadcastProcess {
 public:
  using In = I;
  using Rule = B;
  using Out = O;
  using Context = ProcessContext;

  virtual ~BroadcastProcess() = default;
  virtual void Open(BroadcastStates& /*states*/) {}
  virtual void Process(const In& row, Context& context, Collector<Out>& out) = 0;
  /// Every subtask is given each of these.
  virtual void ProcessBroadcast(const Rule& row, BroadcastContext& context,
                                Collector<Out>& out) = 0;
};

/// The same over rows of one key at a time, with state and timers of the key.
template <typename K, typename I, typename B, typename O>
class KeyedBroadcastProcess {
 public:
  using Key = K;
  using In = I;
  using Rule = B;
  using Out = O;
  using Context = KeyedContext<K>;

  virtual ~KeyedBroadcastProcess() = default;
  virtual void Open(KeyedStates<K>& /*states*/, BroadcastStates& /*broadcast*/) {}
  virtual void Process(const In& row, Context& context, Collector<Out>& out) = 0;
  /// Every subtask is given each of these; there is no key, and so no keyed state.
  virtual void ProcessBroadcast(const Rule& row, BroadcastContext& context,
                                Collector<Out>& out) = 0;
  virtual void OnTimer(Timestamp /*at*/, TimeDomain /*domain*/, Context& /*context*/,
                       Collector<Out>& /*out*/) {}
};

namespace core {

template <typename F>
concept IsBroadcastProcess =
    std::derived_from<F, BroadcastProcess<typename F::In, typename F::Rule, typename F::Out>>;
template <typename F>
concept IsKeyedBroadcastProcess = std::derived_from<
    F, KeyedBroadcastProcess<typename F::Key, typename F::In, typename F::Rule, typename F::Out>>;

/// The broadcast half of both operators: input 1.
template <typename Function>
class BroadcastRuntime {
 public:
  explicit BroadcastRuntime(OperatorContext& context)
      : states_(context), sides_(context), context_(context, sides_) {
    out_.Open(context.output());
  }
  BroadcastStates& states() { return states_; }
  BroadcastContext& context() { return context_; }
  Collector<typename Function::Out>& out() { return out_; }

  void Process(Function& function, AnyRows& any) {
    auto& rows = static_cast<Rows<typename Function::Rule>&>(any);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      SetTime(rows.time(i));
      function.ProcessBroadcast(std::as_const(rows.row(i)), context_, out_);
    }
    Flush();
  }
  void SetTime(EventTime time) {
    context_.SetTime(time);
    out_.SetTime(time);
  }
  void Flush() {
    out_.Flush();
    sides_.Flush();
  }

 private:
  BroadcastStates states_;
  SideCollectors sides_;
  BroadcastContext context_;
  Collector<typename Function::Out> out_;
};

template <typename Function>
class BroadcastProcessOperator final : public TwoInputOperator {
 public:
  explicit BroadcastProcessOperator(Function function) : function_(std::move(function)) {}

  void Open(OperatorContext& context) override {
    TwoInputOperator::Open(context);
    runtime_.emplace(context);
    function_.Open(runtime_->states());
  }
  void Process(int input, AnyRows& any) override {
    Active(input);
    if (input == 1) {
      runtime_->Process(function_, any);
      return;
    }
    auto& rows = static_cast<Rows<typename Function::In>&>(any);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      runtime_->SetTime(rows.time(i));
      function_.Process(std::as_const(rows.row(i)), runtime_->context(), runtime_->out());
    }
    runtime_->Flush();
  }
  void Snapshot(OperatorSnapshot& into) override { runtime_->states().Snapshot(into); }

 protected:
  void AdvanceBoth(EventTime watermark) override {
    runtime_->context().SetWatermark(watermark);
    TwoInputOperator::AdvanceBoth(watermark);
  }

 private:
  Function function_;
  std::optional<BroadcastRuntime<Function>> runtime_;
};

template <typename Function, typename KeyOf>
class KeyedBroadcastProcessOperator final : public TwoInputOperator {
 public:
  KeyedBroadcastProcessOperator(Function function, KeyOf key_of)
      : function_(std::move(function)), key_of_(std::move(key_of)) {}

  void Open(OperatorContext& context) override {
    TwoInputOperator::Open(context);
    keyed_.emplace(context, function_);
    broadcast_.emplace(context);
    function_.Open(keyed_->states(), broadcast_->states());
  }
  void Process(int input, AnyRows& any) override {
    Active(input);
    if (input == 1) {
      broadcast_->Process(function_, any);
      return;
    }
    keyed_->Process(
        static_cast<Rows<typename Function::In>&>(any), key_of_,
        [&](const auto& row, auto& context, auto& out) { function_.Process(row, context, out); });
  }
  void Snapshot(OperatorSnapshot& into) override {
    keyed_->Snapshot(into);
    broadcast_->states().Snapshot(into);
  }

 protected:
  void AdvanceBoth(EventTime watermark) override {
    broadcast_->context().SetWatermark(watermark);
    keyed_->Advance(watermark);
  }

 private:
  Function function_;
  KeyOf key_of_;
  std::optional<KeyedRuntime<Function>> keyed_;
  std::optional<BroadcastRuntime<Function>> broadcast_;
};

}  // namespace core
}  // namespace streampark
