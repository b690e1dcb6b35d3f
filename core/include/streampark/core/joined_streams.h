// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "streampark/core/connected_streams.h"
#include "streampark/core/interval_join.h"
#include "streampark/core/window_join.h"

/// Joins of two keyed streams in event time: made by KeyedStream::Join.
namespace streampark {

namespace core {

/// Two keyed streams and how their keys are found.
template <typename Key, typename First, typename FirstKey, typename Second, typename SecondKey>
struct JoinInputs {
  using K = Key;
  using A = First;
  using KeyA = FirstKey;
  using B = Second;
  using KeyB = SecondKey;
  DataStream<A> first;
  KeyA key_a;
  DataStream<B> second;
  KeyB key_b;
};

}  // namespace core

template <typename Inputs, core::JoinKind kKind>
class WindowJoin {
  using A = typename Inputs::A;
  using B = typename Inputs::B;

 public:
  WindowJoin(Inputs inputs, TimeWindows windows) : inputs_(std::move(inputs)), windows_(windows) {}

  /// Rows of the first, the second or either stream that meet none come too. The function of Apply takes pointers then.
  auto LeftOuter() const { return As<core::JoinKind::kLeft>(); }
  auto RightOuter() const { return As<core::JoinKind::kRight>(); }
  auto FullOuter() const { return As<core::JoinKind::kFull>(); }

  /// `f(a, b)` for each pair of a window, when it ends; of an outer join `f(pointer to a, pointer to b)`, null where there is none.
  /// `name` is the identity of its state.
  template <typename F>
  auto Apply(std::string name, F f) const {
    constexpr bool kInner = kKind == core::JoinKind::kInner;
    using FirstArgument = std::conditional_t<kInner, const A&, const A*>;
    using SecondArgument = std::conditional_t<kInner, const B&, const B*>;
    static_assert(std::invocable<F&, FirstArgument, SecondArgument>,
                  "Apply of a window join takes a function of (const A&, const B&); of an outer "
                  "one, of (const A*, const B*)");
    using Out = std::remove_cvref_t<std::invoke_result_t<F&, FirstArgument, SecondArgument>>;
    using Operator = core::WindowJoinOperator<typename Inputs::K, A, typename Inputs::KeyA, B,
                                              typename Inputs::KeyB, F, Out, kKind>;
    return core::ThenBoth<Out>(
        inputs_.first, inputs_.second, "window join", std::move(name),
        [inputs = inputs_, windows = windows_, f] {
          return std::make_unique<Operator>(windows, inputs.key_a, inputs.key_b, f);
        },
        core::Node::State::kKeyed);
  }

 private:
  template <core::JoinKind kOther>
  WindowJoin<Inputs, kOther> As() const {
    return {inputs_, windows_};
  }

  Inputs inputs_;
  TimeWindows windows_;
};

template <typename Inputs>
class IntervalJoin {
  using A = typename Inputs::A;
  using B = typename Inputs::B;

 public:
  IntervalJoin(Inputs inputs, std::chrono::milliseconds lower, std::chrono::milliseconds upper)
      : inputs_(std::move(inputs)), lower_(lower), upper_(upper) {}

  /// `f(a, b)` for each pair. `name` is the identity of its state.
  template <typename F>
  auto Apply(std::string name, F f) const {
    static_assert(std::invocable<F&, const A&, const B&>,
                  "Apply of an interval join takes a function of (const A&, const B&)");
    using Out = std::remove_cvref_t<std::invoke_result_t<F&, const A&, const B&>>;
    using Operator = core::IntervalJoinOperator<typename Inputs::K, A, typename Inputs::KeyA, B,
                                                typename Inputs::KeyB, F, Out>;
    return core::ThenBoth<Out>(
        inputs_.first, inputs_.second, "interval join", std::move(name),
        [inputs = inputs_, lower = lower_, upper = upper_, f] {
          return std::make_unique<Operator>(lower.count(), upper.count(), inputs.key_a,
                                            inputs.key_b, f);
        },
        core::Node::State::kKeyed);
  }

 private:
  Inputs inputs_;
  std::chrono::milliseconds lower_;
  std::chrono::milliseconds upper_;
};

template <typename K, typename A, typename KeyA, typename B, typename KeyB>
class JoinedStreams {
  using Inputs = core::JoinInputs<K, A, KeyA, B, KeyB>;

 public:
  explicit JoinedStreams(Inputs inputs) : inputs_(std::move(inputs)) {}

  /// Pairs that are in one tumbling or sliding window.
  WindowJoin<Inputs, core::JoinKind::kInner> Window(TimeWindows windows) const {
    return {inputs_, windows};
  }
  /// Pairs of which the second is at `lower` to `upper` after the first, both included; negative: before it.
  IntervalJoin<Inputs> Between(std::chrono::milliseconds lower,
                               std::chrono::milliseconds upper) const {
    return {inputs_, lower, upper};
  }

 private:
  Inputs inputs_;
};

}  // namespace streampark
