// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <utility>

#include "streampark/core/collector.h"
#include "streampark/core/keyed_states.h"
#include "streampark/core/operator.h"
#include "streampark/core/side_output.h"
#include "streampark/core/timers.h"

namespace streampark {

/// What an author's function finds while it handles a row or a timer.
template <typename K>
class KeyedContext {
 public:
  struct Parts {
    core::OperatorContext& runtime;
    core::CurrentKey<K>& current;
    core::Timers<K>& event_timers;
    core::Timers<K>& processing_timers;
    core::SideCollectors& sides;
  };
  explicit KeyedContext(Parts parts) : parts_(parts) {}

  const K& key() const { return parts_.current.key; }
  /// The event time of the row or timer; absent when no watermark strategy gave one.
  std::optional<Timestamp> time() const {
    return time_ == core::kBeginningOfTime ? std::nullopt : std::optional(core::ToTimestamp(time_));
  }
  /// The operator's watermark; absent before the first.
  std::optional<Timestamp> watermark() const {
    return watermark_ == core::kBeginningOfTime ? std::nullopt
                                                : std::optional(core::ToTimestamp(watermark_));
  }
  Timestamp processing_time() const { return parts_.runtime.clock().Now(); }

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

  template <typename S>
  void Emit(const SideOutput<S>& side, S row) {
    auto& collector = parts_.sides.Of(side);
    collector.SetTime(time_);
    collector.Emit(std::move(row));
  }

  /// For operators.
  void SetTime(core::EventTime time) { time_ = time; }
  void SetWatermark(core::EventTime watermark) { watermark_ = watermark; }

 private:
  Parts parts_;
  core::EventTime time_ = core::kBeginningOfTime;
  core::EventTime watermark_ = core::kBeginningOfTime;
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

/// What every keyed operator has: the current key, states, timers, and when these fire.
template <typename K, typename Out>
class KeyedRuntime {
 public:
  explicit KeyedRuntime(OperatorContext& context)
      : context_(context),
        states_(context, current_),
        event_timers_("_event-timers", context.restored()),
        processing_timers_("_processing-timers", context.restored()),
        sides_(context),
        keyed_({context, current_, event_timers_, processing_timers_, sides_}) {
    out_.Open(context.output());
  }

  KeyedStates<K>& states() { return states_; }
  KeyedContext<K>& context() { return keyed_; }
  Collector<Out>& out() { return out_; }

  void SetRow(const K& key, EventTime time) {
    current_.key = key;
    current_.hash = HashKey(current_.key);
    keyed_.SetTime(time);
    out_.SetTime(time);
  }
  void Flush() {
    out_.Flush();
    sides_.Flush();
  }

  /// `fire(timestamp, domain)` runs under the timer's key.
  template <typename Fire>
  void Advance(EventTime watermark, Fire&& fire) {
    keyed_.SetWatermark(watermark);
    event_timers_.FireUpTo(watermark, [&](EventTime at, const K& key, std::uint64_t hash) {
      Enter(at, key, hash);
      fire(ToTimestamp(at), TimeDomain::kEventTime);
    });
    Flush();
    context_.output().Advance(watermark);
  }
  /// Has the due processing timers fire when their time comes; after each batch.
  template <typename Fire>
  void Schedule(Fire fire) {
    if (processing_timers_.empty() || processing_timers_.next() == scheduled_) {
      return;
    }
    scheduled_ = processing_timers_.next();
    context_.ScheduleAt(base::Timestamp(base::Millis(scheduled_)), [this, fire] {
      scheduled_ = kBeginningOfTime;
      const auto now = context_.clock().Now().time_since_epoch().count();
      processing_timers_.FireUpTo(now, [&](EventTime at, const K& key, std::uint64_t hash) {
        Enter(at, key, hash);
        fire(ToTimestamp(at), TimeDomain::kProcessingTime);
      });
      Flush();
      Schedule(fire);
    });
  }

  void Snapshot(OperatorSnapshot& into) {
    states_.Snapshot(into);
    event_timers_.Snapshot(into, context_.key_groups());
    processing_timers_.Snapshot(into, context_.key_groups());
  }

 private:
  void Enter(EventTime at, const K& key, std::uint64_t hash) {
    current_.key = key;
    current_.hash = hash;
    keyed_.SetTime(at);
    out_.SetTime(at);
  }

  OperatorContext& context_;
  CurrentKey<K> current_;
  KeyedStates<K> states_;
  Timers<K> event_timers_;
  Timers<K> processing_timers_;
  SideCollectors sides_;
  KeyedContext<K> keyed_;
  Collector<Out> out_;
  EventTime scheduled_ = kBeginningOfTime;
};

template <typename Function, typename KeyOf>
class KeyedProcessOperator final : public OneInputOperator {
 public:
  using K = typename Function::Key;
  using In = typename Function::In;
  using Out = typename Function::Out;

  KeyedProcessOperator(Function function, KeyOf key_of)
      : function_(std::move(function)), key_of_(std::move(key_of)) {}

  void Open(OperatorContext& context) override {
    OneInputOperator::Open(context);
    runtime_.emplace(context);
    function_.Open(runtime_->states());
    Schedule();
  }
  void Process(int /*input*/, AnyRows& any) override {
    auto& rows = static_cast<Rows<In>&>(any);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      runtime_->SetRow(key_of_(std::as_const(rows.row(i))), rows.time(i));
      function_.Process(std::as_const(rows.row(i)), runtime_->context(), runtime_->out());
    }
    runtime_->Flush();
    Schedule();
  }
  void Advance(int /*input*/, EventTime watermark) override {
    runtime_->Advance(watermark, Fire());
    Schedule();
  }
  void Snapshot(OperatorSnapshot& into) override { runtime_->Snapshot(into); }

 private:
  auto Fire() {
    return [this](Timestamp at, TimeDomain domain) {
      function_.OnTimer(at, domain, runtime_->context(), runtime_->out());
    };
  }
  void Schedule() { runtime_->Schedule(Fire()); }

  Function function_;
  KeyOf key_of_;
  std::optional<KeyedRuntime<K, Out>> runtime_;
};

}  // namespace core
}  // namespace streampark
