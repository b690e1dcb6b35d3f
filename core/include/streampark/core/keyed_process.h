// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <utility>

#include "streampark/core/collector.h"
#include "streampark/core/keyed_states.h"
#include "streampark/core/operator.h"
#include "streampark/core/process_context.h"
#include "streampark/core/side_output.h"
#include "streampark/core/timers.h"

namespace streampark {

/// What an author's function finds while it handles a row or a timer of a key.
template <typename K>
class KeyedContext : public ProcessContext {
 public:
  struct Parts {
    core::CurrentKey<K>& current;
    core::Timers<K>& event_timers;
    core::Timers<K>& processing_timers;
  };
  KeyedContext(core::OperatorContext& runtime, core::SideCollectors& sides, Parts parts)
      : ProcessContext(runtime, sides), parts_(parts) {}

  const K& key() const { return parts_.current.key; }

  /// Calls OnTimer for this key once the watermark has passed `at`; at most once a key and millisecond.
  void SetTimer(Timestamp at) {
    parts_.event_timers.Set(core::ToEventTime(at), key(), parts_.current.hash);
  }
  void DeleteTimer(Timestamp at) {
    parts_.event_timers.Delete(core::ToEventTime(at), key(), parts_.current.hash);
  }
  /// The same by the clock of the machine.
  void SetProcessingTimer(Timestamp at) {
    parts_.processing_timers.Set(core::ToEventTime(at), key(), parts_.current.hash);
  }
  void DeleteProcessingTimer(Timestamp at) {
    parts_.processing_timers.Delete(core::ToEventTime(at), key(), parts_.current.hash);
  }

 private:
  Parts parts_;
};

enum class TimeDomain : std::uint8_t { kEventTime, kProcessingTime };

/// An author's function over rows of one key at a time, with state and timers. Copied for each subtask before Open.
template <typename K, typename I, typename O>
class KeyedProcess {
 public:
  using Key = K;
  using In = I;
  using Out = O;
  using Context = KeyedContext<K>;

  virtual ~KeyedProcess() = default;
  virtual void Open(KeyedStates<K>& /*states*/) {}
  virtual void Process(const In& row, Context& context, Collector<Out>& out) = 0;
  virtual void OnTimer(Timestamp /*at*/, TimeDomain /*domain*/, Context& /*context*/,
                       Collector<Out>& /*out*/) {}
};

namespace core {

template <typename F>
concept IsKeyedProcess =
    std::derived_from<F, KeyedProcess<typename F::Key, typename F::In, typename F::Out>>;

/// What every operator of an author's keyed function has: the current key, states, timers, and when these call OnTimer.
template <typename Function>
class KeyedRuntime {
 public:
  using K = typename Function::Key;

  KeyedRuntime(OperatorContext& context, Function& function)
      : context_(context),
        function_(function),
        states_(context, current_),
        event_timers_("_event-timers", context),
        processing_timers_("_processing-timers", context),
        sides_(context),
        keyed_(context, sides_, {current_, event_timers_, processing_timers_}) {
    out_.Open(context.output());
    Schedule();
  }

  KeyedStates<K>& states() { return states_; }

  /// Calls `handle(row, context, out)` for each row under its key, and sends on what comes of it.
  template <typename T, typename KeyOf, typename Handle>
  void Process(Rows<T>& rows, KeyOf& key_of, Handle&& handle) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const T& row = rows.row(i);
      current_.key = key_of(row);
      current_.hash = HashKey(current_.key);
      SetTime(rows.time(i));
      handle(row, keyed_, out_);
    }
    SendOn();
  }
  void Advance(EventTime watermark) {
    keyed_.SetWatermark(watermark);
    Fire(event_timers_, watermark, TimeDomain::kEventTime);
    context_.output().Advance(watermark);
  }
  void Snapshot(OperatorSnapshot& into) {
    states_.Snapshot(into);
    event_timers_.Snapshot(into, context_.key_groups());
    processing_timers_.Snapshot(into, context_.key_groups());
  }

 private:
  void SetTime(EventTime time) {
    keyed_.SetTime(time);
    out_.SetTime(time);
  }
  void Fire(Timers<K>& timers, EventTime now, TimeDomain domain) {
    timers.FireUpTo(now, [&](EventTime at, const K& key, std::uint64_t hash) {
      current_ = {key, hash};
      SetTime(at);
      function_.OnTimer(ToTimestamp(at), domain, keyed_, out_);
    });
    SendOn();
  }
  void SendOn() {
    out_.Flush();
    sides_.Flush();
    Schedule();
  }
  /// Has the processing timers fire when the first of them is due.
  void Schedule() {
    if (processing_timers_.empty() || processing_timers_.next() == scheduled_) {
      return;
    }
    scheduled_ = processing_timers_.next();
    context_.ScheduleAt(base::Timestamp(base::Millis(scheduled_)), [this] {
      scheduled_ = kBeginningOfTime;
      Fire(processing_timers_, context_.clock().Now().time_since_epoch().count(),
           TimeDomain::kProcessingTime);
    });
  }

  OperatorContext& context_;
  Function& function_;
  CurrentKey<K> current_;
  KeyedStates<K> states_;
  Timers<K> event_timers_;
  Timers<K> processing_timers_;
  SideCollectors sides_;
  KeyedContext<K> keyed_;
  Collector<typename Function::Out> out_;
  EventTime scheduled_ = kBeginningOfTime;
};

template <typename Function, typename KeyOf>
class KeyedProcessOperator final : public OneInputOperator {
 public:
  KeyedProcessOperator(Function function, KeyOf key_of)
      : function_(std::move(function)), key_of_(std::move(key_of)) {}

  void Open(OperatorContext& context) override {
    OneInputOperator::Open(context);
    runtime_.emplace(context, function_);
    function_.Open(runtime_->states());
  }
  void Process(int /*input*/, AnyRows& any) override {
    runtime_->Process(
        static_cast<Rows<typename Function::In>&>(any), key_of_,
        [&](const auto& row, auto& context, auto& out) { function_.Process(row, context, out); });
  }
  void Advance(int /*input*/, EventTime watermark) override { runtime_->Advance(watermark); }
  void Snapshot(OperatorSnapshot& into) override { runtime_->Snapshot(into); }

 private:
  Function function_;
  KeyOf key_of_;
  std::optional<KeyedRuntime<Function>> runtime_;
};

}  // namespace core
}  // namespace streampark
