// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <optional>
#include <utility>

#include "streampark/core/keyed_process.h"

namespace streampark {

/// An author's function over the rows of two streams that have the same key, with states and timers for both. Copied for each subtask
/// before Open. Which of the two streams comes first is not known; what must wait for the other is kept in state.
template <typename K, typename A, typename B, typename O>
class KeyedCoProcess {
 public:
  using Key = K;
  using First = A;
  using Second = B;
  using Out = O;
  using Context = KeyedContext<K>;

  virtual ~KeyedCoProcess() = default;
  virtual void Open(KeyedStates<K>& /*states*/) {}
  virtual void ProcessFirst(const First& row, Context& context, Collector<Out>& out) = 0;
  virtual void ProcessSecond(const Second& row, Context& context, Collector<Out>& out) = 0;
  virtual void OnTimer(Timestamp /*at*/, TimeDomain /*domain*/, Context& /*context*/,
                       Collector<Out>& /*out*/) {}
};

namespace core {

template <typename F>
concept IsKeyedCoProcess = std::derived_from<
    F, KeyedCoProcess<typename F::Key, typename F::First, typename F::Second, typename F::Out>>;

template <typename Function, typename KeyA, typename KeyB>
class KeyedCoProcessOperator final : public TwoInputOperator {
 public:
  KeyedCoProcessOperator(Function function, KeyA key_a, KeyB key_b)
      : function_(std::move(function)), key_a_(std::move(key_a)), key_b_(std::move(key_b)) {}

  void Open(OperatorContext& context) override {
    TwoInputOperator::Open(context);
    runtime_.emplace(context, function_);
    function_.Open(runtime_->states());
  }
  void Process(int input, AnyRows& any) override {
    Active(input);
    if (input == 0) {
      runtime_->Process(static_cast<Rows<typename Function::First>&>(any), key_a_,
                        [&](const auto& row, auto& context, auto& out) {
                          function_.ProcessFirst(row, context, out);
                        });
    } else {
      runtime_->Process(static_cast<Rows<typename Function::Second>&>(any), key_b_,
                        [&](const auto& row, auto& context, auto& out) {
                          function_.ProcessSecond(row, context, out);
                        });
    }
  }
  void Snapshot(OperatorSnapshot& into) override { runtime_->Snapshot(into); }

 protected:
  void AdvanceBoth(EventTime watermark) override { runtime_->Advance(watermark); }

 private:
  Function function_;
  KeyA key_a_;
  KeyB key_b_;
  std::optional<KeyedRuntime<Function>> runtime_;
};

/// One function for the rows of each input, without state.
template <typename A, typename B, typename Out, typename F, typename G>
class CoFlatMapOperator final : public TwoInputOperator {
 public:
  CoFlatMapOperator(F first, G second) : first_(std::move(first)), second_(std::move(second)) {}

  void Open(OperatorContext& context) override {
    TwoInputOperator::Open(context);
    out_.Open(context.output());
  }
  void Process(int input, AnyRows& any) override {
    Active(input);
    if (input == 0) {
      Each(static_cast<Rows<A>&>(any), first_);
    } else {
      Each(static_cast<Rows<B>&>(any), second_);
    }
    out_.Flush();
  }

 private:
  template <typename T, typename H>
  void Each(Rows<T>& rows, H& function) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      out_.SetTime(rows.time(i));
      function(std::as_const(rows.row(i)), out_);
    }
  }

  F first_;
  G second_;
  Collector<Out> out_;
};

}  // namespace core
}  // namespace streampark
