// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "streampark/core/aggregate_changes.h"
#include "streampark/core/changes.h"
#include "streampark/core/connected_streams.h"
#include "streampark/core/joined_streams.h"
#include "streampark/core/keyed_process.h"
#include "streampark/core/running.h"
#include "streampark/core/stream.h"
#include "streampark/core/windowed_stream.h"

namespace streampark {

/// A stream whose rows of one key meet in one place.
template <typename K, typename T, typename KeyOf>
class KeyedStream {
 public:
  using Key = K;

  KeyedStream(core::PlanBuilder plan, core::Upstream<T> upstream, KeyOf key_of)
      : stream_(plan, std::move(upstream)), key_of_(std::move(key_of)) {}

  /// An author's KeyedProcess, copied for each subtask. `name` is the identity of its state.
  template <typename Function>
  auto Process(std::string name, Function function) const {
    static_assert(core::IsKeyedProcess<Function>,
                  "Process takes a class derived from sp::KeyedProcess<Key, In, Out>");
    static_assert(std::same_as<typename Function::Key, K> && std::same_as<typename Function::In, T>,
                  "the KeyedProcess has another key or row type than the stream");
    return stream_.template Then<typename Function::Out>(
        "process", std::move(name),
        [function, key_of = key_of_] {
          return std::make_unique<core::KeyedProcessOperator<Function, KeyOf>>(function, key_of);
        },
        core::Node::State::kKeyed);
  }

  /// After each row the fold of all of its key: `fold(sum, row)`. `name` is the identity of its state.
  template <typename F>
  DataStream<T> Reduce(std::string name, F fold) const {
    static_assert(std::invocable<F&, T&, const T&>,
                  "Reduce takes a function of (Row& sum, const Row& row) that changes the sum");
    static_assert(std::is_void_v<std::invoke_result_t<F&, T&, const T&>>,
                  "the function of Reduce changes the sum; what it returns would be lost");
    return Running<T, T>("reduce", std::move(name), core::ReduceStep<T, F>{fold});
  }
  /// After each row the aggregate of all of its key. `name` is the identity of its state.
  template <typename A>
  auto Aggregate(std::string name, A aggregate) const {
    static_assert(core::AggregateOf<A, T>,
                  "the aggregate does not fit the rows: it needs Create, Add(accumulator, row), "
                  "Merge and Get (aggregates.h)");
    return Running<core::AccumulatorOf<A>, Keyed<K, core::ResultOf<A>>>(
        "aggregate", std::move(name), core::AggregateStep<A>{aggregate});
  }
  /// The aggregate of all rows of each key, as changes: +I, then -U and +U, once a key for rows that come together. Rows may be changes
  /// themselves; the aggregate must then be able to take rows back (Count, Sum, Mean, and Together of those), and a key that has none
  /// left is deleted. `name` is the identity of its state.
  template <typename A>
  auto AggregateChanges(std::string name, A aggregate) const {
    using Row = typename core::ChangedRow<T>::Row;
    static_assert(core::AggregateOf<A, Row>,
                  "the aggregate does not fit the rows: it needs Create, Add(accumulator, row), "
                  "Merge and Get (aggregates.h)");
    static_assert(std::same_as<T, Row> || core::RetractsFrom<A, Row>,
                  "the rows are changes, and this aggregate cannot take a row back: it needs "
                  "Remove(accumulator, row), as Count, Sum and Mean have it");
    using Operator = core::AggregateChangesOperator<K, T, KeyOf, A>;
    return stream_.template Then<typename Operator::Out>(
        "aggregate", std::move(name),
        [key_of = key_of_, aggregate] { return std::make_unique<Operator>(key_of, aggregate); },
        core::Node::State::kKeyed);
  }
  /// The first row of each key that comes; the others are dropped, for as long as `ttl` says. `name` is the identity of its state.
  DataStream<T> First(std::string name, Ttl ttl = {}) const {
    return stream_.template Then<T>(
        "first", std::move(name),
        [key_of = key_of_, ttl] {
          return std::make_unique<core::FirstOperator<K, T, KeyOf>>(key_of, ttl);
        },
        core::Node::State::kKeyed);
  }
  /// The latest row of each key by event time, as changes: +I, then -U and +U. What is older than the row that stands is dropped, and so
  /// is what changes nothing, where rows have ==. Rows may be changes themselves: an upsert stream becomes a full one. `name` is
  /// the identity of its state.
  auto Latest(std::string name, Ttl ttl = {}) const {
    using Operator = core::LatestOperator<K, T, KeyOf>;
    return stream_.template Then<typename Operator::Out>(
        "latest", std::move(name),
        [key_of = key_of_, ttl] { return std::make_unique<Operator>(key_of, ttl); },
        core::Node::State::kKeyed);
  }

  /// Tumbling(size), Sliding(size, slide), Session(gap) or CountOf(rows).
  template <typename Windows>
  WindowedStream<K, T, KeyOf, Windows> Window(Windows windows) const {
    return {stream_, key_of_, windows};
  }

  /// This stream and another with the same type of key, for one operator (connected_streams.h); a broadcast one gives it rules.
  template <typename K2, typename B, typename KeyB>
  ConnectedKeyedStreams<K, T, KeyOf, B, KeyB> Connect(const KeyedStream<K2, B, KeyB>& other) const {
    static_assert(std::same_as<K, K2>, "the two streams have keys of different types");
    return {stream_, key_of_, other.stream(), other.key_of()};
  }
  template <typename B>
  KeyedBroadcastConnectedStream<K, T, KeyOf, B> Connect(const BroadcastStream<B>& rules) const {
    return {stream_, key_of_, rules};
  }

  /// Pairs of rows with one key, in windows or within an interval of event time (joined_streams.h).
  template <typename K2, typename B, typename KeyB>
  JoinedStreams<K, T, KeyOf, B, KeyB> Join(const KeyedStream<K2, B, KeyB>& other) const {
    static_assert(std::same_as<K, K2>, "the two streams have keys of different types");
    return JoinedStreams<K, T, KeyOf, B, KeyB>({stream_, key_of_, other.stream(), other.key_of()});
  }

  /// For what builds on streams: the rows, to be routed by key, and how a row's key is found.
  const DataStream<T>& stream() const { return stream_; }
  const KeyOf& key_of() const { return key_of_; }

 private:
  template <typename Kept, typename Out, typename Step>
  DataStream<Out> Running(std::string type, std::string name, Step step) const {
    return stream_.template Then<Out>(
        std::move(type), std::move(name),
        [key_of = key_of_, step] {
          return std::make_unique<core::RunningOperator<K, T, KeyOf, Kept, Out, Step>>(key_of,
                                                                                       step);
        },
        core::Node::State::kKeyed);
  }

  DataStream<T> stream_;
  KeyOf key_of_;
};

}  // namespace streampark
