// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "streampark/core/broadcast_process.h"
#include "streampark/core/co_process.h"
#include "streampark/core/stream.h"

/// Two streams that one operator reads: made by Connect.
namespace streampark {

/// A stream that is given whole to each subtask of what reads it: made by DataStream::Broadcast.
template <typename T>
class BroadcastStream : public DataStream<T> {
 public:
  explicit BroadcastStream(DataStream<T> stream) : DataStream<T>(std::move(stream)) {}
};

namespace core {

/// Adds an operator with two inputs.
template <typename Out, typename A, typename B, typename Make>
DataStream<Out> ThenBoth(const DataStream<A>& first, const DataStream<B>& second, std::string type,
                         std::string name, Make make, Node::State state) {
  auto builder = first.plan();
  auto& node = builder.Add(NodeKind::kOperator, std::move(type), std::move(name), state);
  node.make = make;
  const int id = node.id;
  ConnectTo(builder, first.upstream(), id, 0);
  ConnectTo(builder, second.upstream(), id, 1);
  return DataStream<Out>(
      first.plan(),
      Upstream<Out>{.from = {{id, ""}}, .partitioning = Partitioning::kForward, .make_router = {}});
}

}  // namespace core

/// Two streams without keys.
template <typename A, typename B>
class ConnectedStreams {
 public:
  ConnectedStreams(DataStream<A> first, DataStream<B> second)
      : first_(std::move(first)), second_(std::move(second)) {}

  /// `first(row, out)` for the rows of the first stream, `second(row, out)` for the others.
  template <typename Out, typename F, typename G>
  DataStream<Out> FlatMap(F first, G second) const {
    static_assert(std::invocable<F&, const A&, Collector<Out>&> &&
                      std::invocable<G&, const B&, Collector<Out>&>,
                  "FlatMap of two streams takes two functions of (const Row&, Collector<Out>&), "
                  "one a stream");
    return core::ThenBoth<Out>(
        first_, second_, "flat map", "",
        [first, second] {
          return std::make_unique<core::CoFlatMapOperator<A, B, Out, F, G>>(first, second);
        },
        core::Node::State::kNone);
  }
  /// A row for each: of one type, whichever stream it comes from.
  template <typename F, typename G>
  auto Map(F first, G second) const {
    static_assert(core::RowFunction<F, A> && core::RowFunction<G, B>,
                  "Map of two streams takes two functions of a `const Row&`, one a stream");
    using Out = std::remove_cvref_t<std::invoke_result_t<F&, const A&>>;
    static_assert(std::same_as<Out, std::remove_cvref_t<std::invoke_result_t<G&, const B&>>>,
                  "both functions of Map must return the same type");
    return FlatMap<Out>(
        [first](const A& row, Collector<Out>& out) mutable { out.Emit(first(row)); },
        [second](const B& row, Collector<Out>& out) mutable { out.Emit(second(row)); });
  }

 private:
  DataStream<A> first_;
  DataStream<B> second_;
};

/// Two streams whose rows of one key meet in one place.
template <typename K, typename A, typename KeyA, typename B, typename KeyB>
class ConnectedKeyedStreams {
 public:
  ConnectedKeyedStreams(DataStream<A> first, KeyA key_a, DataStream<B> second, KeyB key_b)
      : first_(std::move(first)),
        key_a_(std::move(key_a)),
        second_(std::move(second)),
        key_b_(std::move(key_b)) {}

  /// An author's KeyedCoProcess, copied for each subtask. `name` is the identity of its state.
  template <typename Function>
  auto Process(std::string name, Function function) const {
    static_assert(core::IsKeyedCoProcess<Function>,
                  "Process of two keyed streams takes a class derived from sp::KeyedCoProcess<Key, "
                  "First, Second, Out>");
    static_assert(std::same_as<typename Function::Key, K> &&
                      std::same_as<typename Function::First, A> &&
                      std::same_as<typename Function::Second, B>,
                  "the KeyedCoProcess has another key or row type than the streams");
    return core::ThenBoth<typename Function::Out>(
        first_, second_, "co-process", std::move(name),
        [function, key_a = key_a_, key_b = key_b_] {
          return std::make_unique<core::KeyedCoProcessOperator<Function, KeyA, KeyB>>(function,
                                                                                      key_a, key_b);
        },
        core::Node::State::kKeyed);
  }

 private:
  DataStream<A> first_;
  KeyA key_a_;
  DataStream<B> second_;
  KeyB key_b_;
};

/// Rows, and rules for all of them.
template <typename T, typename B>
class BroadcastConnectedStream {
 public:
  BroadcastConnectedStream(DataStream<T> rows, BroadcastStream<B> rules)
      : rows_(std::move(rows)), rules_(std::move(rules)) {}

  /// An author's BroadcastProcess, copied for each subtask. `name` is the identity of its state.
  template <typename Function>
  auto Process(std::string name, Function function) const {
    static_assert(core::IsBroadcastProcess<Function>,
                  "Process of a stream and a broadcast one takes a class derived from "
                  "sp::BroadcastProcess<In, Rule, Out>");
    static_assert(
        std::same_as<typename Function::In, T> && std::same_as<typename Function::Rule, B>,
        "the BroadcastProcess has another row type than the streams");
    return core::ThenBoth<typename Function::Out>(
        rows_, rules_, "broadcast process", std::move(name),
        [function] { return std::make_unique<core::BroadcastProcessOperator<Function>>(function); },
        core::Node::State::kOperator);
  }

 private:
  DataStream<T> rows_;
  BroadcastStream<B> rules_;
};

template <typename K, typename T, typename KeyOf, typename B>
class KeyedBroadcastConnectedStream {
 public:
  KeyedBroadcastConnectedStream(DataStream<T> rows, KeyOf key_of, BroadcastStream<B> rules)
      : rows_(std::move(rows)), key_of_(std::move(key_of)), rules_(std::move(rules)) {}

  /// An author's KeyedBroadcastProcess, copied for each subtask. `name` is the identity of its state.
  template <typename Function>
  auto Process(std::string name, Function function) const {
    static_assert(core::IsKeyedBroadcastProcess<Function>,
                  "Process of a keyed stream and a broadcast one takes a class derived from "
                  "sp::KeyedBroadcastProcess<Key, In, Rule, Out>");
    static_assert(std::same_as<typename Function::Key, K> &&
                      std::same_as<typename Function::In, T> &&
                      std::same_as<typename Function::Rule, B>,
                  "the KeyedBroadcastProcess has another key or row type than the streams");
    return core::ThenBoth<typename Function::Out>(
        rows_, rules_, "broadcast process", std::move(name),
        [function, key_of = key_of_] {
          return std::make_unique<core::KeyedBroadcastProcessOperator<Function, KeyOf>>(function,
                                                                                        key_of);
        },
        core::Node::State::kKeyed);
  }

 private:
  DataStream<T> rows_;
  KeyOf key_of_;
  BroadcastStream<B> rules_;
};

}  // namespace streampark
