// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "streampark/core/async.h"
#include "streampark/core/connector_operators.h"
#include "streampark/core/outside.h"
#include "streampark/core/plan.h"
#include "streampark/core/process_function.h"
#include "streampark/core/routers.h"
#include "streampark/core/row_operators.h"
#include "streampark/core/side_output.h"
#include "streampark/core/watermarks.h"

/// Streams as authors write them: each call adds an operator to the job's plan and gives the stream of its results. Streams are small
/// values, good while their StreamContext lives; nothing runs until the whole plan is made.
namespace streampark {

template <typename T>
class DataStream;
template <typename K, typename T, typename KeyOf>
class KeyedStream;  // keyed_stream.h
template <typename T>
class BroadcastStream;  // connected_streams.h
template <typename A, typename B>
class ConnectedStreams;
template <typename T, typename B>
class BroadcastConnectedStream;

namespace core {

/// The plan while it is being made.
class PlanBuilder {
 public:
  PlanBuilder(Plan& plan, const Outside* outside) : plan_(&plan), outside_(outside) {}
  Node& Add(NodeKind kind, std::string type, std::string name, Node::State state);
  Node& node(int id) { return plan_->nodes[static_cast<std::size_t>(id)]; }
  void Connect(Edge edge) { plan_->edges.push_back(std::move(edge)); }
  const Outside& outside() const { return *outside_; }

 private:
  Plan* plan_;
  const Outside* outside_;
};

/// Where a stream comes from: some nodes (a union has several), by one kind of edge.
template <typename T>
struct Upstream {
  struct From {
    int node = 0;
    std::string side;
  };
  std::vector<From> from;
  Partitioning partitioning = Partitioning::kForward;
  std::function<std::unique_ptr<Router>(RouterSetup)> make_router;  // empty: by the partitioning
  /// Of the rows right out of a connector: a strategy goes there, where splits are told apart. Null elsewhere.
  std::shared_ptr<SourceWatermarks<T>> source_watermarks;
};

template <typename T>
std::unique_ptr<Router> MakeRouter(Partitioning partitioning, RouterSetup setup) {
  switch (partitioning) {
    case Partitioning::kForward:
      if (setup.channels.size() == 1) {
        return std::make_unique<ForwardRouter<T>>(std::move(setup));
      }
      return std::make_unique<RebalanceRouter<T>>(std::move(setup));
    case Partitioning::kBroadcast:
      return std::make_unique<BroadcastRouter<T>>(std::move(setup));
    default:
      return std::make_unique<RebalanceRouter<T>>(std::move(setup));
  }
}

template <typename T>
void ConnectTo(PlanBuilder& plan, const Upstream<T>& upstream, int node, int input) {
  for (const auto& from : upstream.from) {
    Edge edge{.from = from.node,
              .to = node,
              .input = input,
              .side = from.side,
              .partitioning = upstream.partitioning,
              .make_router = upstream.make_router,
              .make_fan_out = [](std::vector<Output*> outputs) {
                return std::make_unique<FanOut<T>>(std::move(outputs));
              }};
    if (!edge.make_router) {
      edge.make_router = [partitioning = upstream.partitioning](RouterSetup setup) {
        return MakeRouter<T>(partitioning, std::move(setup));
      };
    }
    plan.Connect(std::move(edge));
  }
}

/// `&Row::field` or a function of the row as one callable.
template <typename F>
auto AsFunction(F function) {
  if constexpr (std::is_member_object_pointer_v<F>) {
    return [function](const auto& row) -> const auto& { return row.*function; };
  } else {
    return function;
  }
}

template <typename F, typename T>
concept RowFunction = std::invocable<F&, const T&>;
template <typename F, typename T>
concept RowPredicate =
    RowFunction<F, T> && std::convertible_to<std::invoke_result_t<F&, const T&>, bool>;

}  // namespace core

/// A stream of rows of one type.
template <typename T>
class DataStream {
 public:
  using Row = T;

  DataStream(core::PlanBuilder plan, core::Upstream<T> upstream)
      : plan_(plan), upstream_(std::move(upstream)) {}

  /// `f(row)` for each row.
  template <typename F>
  auto Map(F f) const {
    static_assert(core::RowFunction<F, T>,
                  "Map takes a function that can be called with a `const Row&`");
    using Out = std::remove_cvref_t<std::invoke_result_t<F&, const T&>>;
    static_assert(!std::is_void_v<Out>,
                  "the function of Map must return the new row; use ForEach to return nothing");
    return Then<Out>("map", "", [f] { return std::make_unique<core::MapOperator<T, Out, F>>(f); });
  }
  /// `f(row)` changes each row where it is.
  template <typename F>
  DataStream Modify(F f) const {
    static_assert(std::invocable<F&, T&>, "Modify takes a function of a `Row&` that changes it");
    return Then<T>("modify", "", [f] { return std::make_unique<core::ModifyOperator<T, F>>(f); });
  }
  /// The values of an optional field, of the rows that have one: `events.Only(&Event::bid)`.
  template <typename Out, typename R>
  DataStream<Out> Only(std::optional<Out> R::*field) const {
    static_assert(std::same_as<R, T>, "Only takes an optional field of the stream's rows");
    return Then<Out>("only", "",
                     [field] { return std::make_unique<core::OnlyOperator<T, Out>>(field); });
  }
  /// The rows for which `f(row)` is true.
  template <typename F>
  DataStream Filter(F f) const {
    static_assert(core::RowPredicate<F, T>,
                  "Filter takes a function of a `const Row&` that returns bool");
    return Then<T>("filter", "", [f] { return std::make_unique<core::FilterOperator<T, F>>(f); });
  }
  /// Any number of rows for each: `f(row, out)` calls out.Emit(…). `stream.FlatMap<Word>([](const Line& line, auto& out) {…})`.
  template <typename Out, typename F>
  DataStream<Out> FlatMap(F f) const {
    static_assert(std::invocable<F&, const T&, Collector<Out>&>,
                  "FlatMap takes a function of (const Row&, Collector<Out>&)");
    return Then<Out>("flat map", "",
                     [f] { return std::make_unique<core::FlatMapOperator<T, Out, F>>(f); });
  }

  /// An author's ProcessFunction, copied for each subtask.
  template <typename Function>
  auto Process(std::string name, Function function) const {
    static_assert(core::IsProcessFunction<Function>,
                  "Process of a stream without keys takes a class derived from "
                  "sp::ProcessFunction<In, Out>");
    static_assert(std::same_as<typename Function::In, T>,
                  "the ProcessFunction has another row type than the stream");
    return Then<typename Function::Out>("process", std::move(name), [function] {
      return std::make_unique<core::ProcessFunctionOperator<Function>>(function);
    });
  }

  /// Asks something outside for each row while others are in flight: `ask(row, result)` returns at once, and `result` is completed from any
  /// thread. What fails for good ends the attempt of the job, or is what `on_failure(row, error)` says: a std::optional<Out>. Rows in
  /// flight are in the checkpoint, by `name`, and are asked for anew.
  template <typename Out, typename F, typename OnFailure = core::FailTheJob>
  DataStream<Out> Async(std::string name, F ask, AsyncOptions options = {},
                        OnFailure on_failure = {}) const {
    static_assert(std::invocable<F&, const T&, AsyncResult<Out>>,
                  "Async takes a function of (const Row&, AsyncResult<Out>)");
    using Operator = core::AsyncOperator<T, Out, F, OnFailure>;
    return Then<Out>(
        "async", std::move(name),
        [ask, options, on_failure] { return std::make_unique<Operator>(ask, options, on_failure); },
        core::Node::State::kOperator);
  }

  /// Event time and watermarks: `time` is a field `sp::Timestamp` or a function of the row that gives one.
  template <typename F>
  DataStream Watermarks(F time, WatermarkStrategy strategy) const {
    auto time_of = core::AsFunction(time);
    static_assert(
        std::convertible_to<std::invoke_result_t<decltype(time_of)&, const T&>, Timestamp>,
        "the event time must be a sp::Timestamp: a field like &Row::at, or a function of the row "
        "that returns one");
    using TimeOf = decltype(time_of);
    if (upstream_.source_watermarks) {
      *upstream_.source_watermarks = {core::AssignTimesBy<T>(time_of), strategy};
      auto changed = *this;
      changed.upstream_.source_watermarks = nullptr;
      return changed;
    }
    return Then<T>("watermarks", "", [=] {
      return std::make_unique<core::WatermarkOperator<T, TimeOf>>(time_of, strategy);
    });
  }

  /// By a field or a function of the row. The key must have == and a hash (key_hash.h).
  template <typename F>
  auto KeyBy(F key) const {
    auto key_of = core::AsFunction(key);
    using KeyOf = decltype(key_of);
    using K = std::remove_cvref_t<std::invoke_result_t<KeyOf&, const T&>>;
    static_assert(std::equality_comparable<K>, "a key must have operator==");
    auto upstream = upstream_;
    upstream.partitioning = core::Partitioning::kHash;
    upstream.make_router = [key_of](core::RouterSetup setup) {
      return std::make_unique<core::HashRouter<T, KeyOf>>(std::move(setup), key_of);
    };
    return KeyedStream<K, T, KeyOf>(plan_, std::move(upstream), key_of);
  }

  /// The rows of both, in no order.
  DataStream Union(const DataStream& other) const {
    auto both = *this;
    both.upstream_.source_watermarks = nullptr;
    both.upstream_.from.insert(both.upstream_.from.end(), other.upstream_.from.begin(),
                               other.upstream_.from.end());
    return both;
  }
  /// What follows gets rows in turn: evens out what is unevenly loaded, or changes the parallelism.
  DataStream Rebalance() const { return By(core::Partitioning::kRebalance); }
  /// Each subtask of what follows gets all rows.
  BroadcastStream<T> Broadcast() const {
    return BroadcastStream<T>(By(core::Partitioning::kBroadcast));
  }
  /// This stream and another, for one operator (connected_streams.h); a broadcast one gives it rules.
  template <typename B>
  ConnectedStreams<T, B> Connect(const DataStream<B>& other) const {
    return {*this, other};
  }
  template <typename B>
  BroadcastConnectedStream<T, B> Connect(const BroadcastStream<B>& rules) const {
    return {*this, rules};
  }

  /// A side stream of the operator that makes this stream.
  template <typename S>
  DataStream<S> Side(const SideOutput<S>& side) const {
    core::Upstream<S> upstream;
    for (const auto& from : upstream_.from) {
      upstream.from.push_back({from.node, side.tag});
    }
    return DataStream<S>(plan_, std::move(upstream));
  }

  /// How many subtasks the operator before this point has; the job's number where nothing is said.
  DataStream Parallelism(int subtasks) const {
    plan().node(upstream_.from.back().node).parallelism = subtasks;
    return *this;
  }
  /// What people see of the operator before this point.
  DataStream Name(std::string name) const {
    plan().node(upstream_.from.back().node).name = std::move(name);
    return *this;
  }

  /// Ends the stream in a connector, as configured under `CONNECTOR.sink.ALIAS`. InvalidJob.
  void SinkTo(std::string alias) const {
    static_assert(core::Record<typename core::ChangedRow<T>::Row>,
                  "SinkTo writes records: give the struct SP_RECORD(Type, fields…)");
    auto builder = plan();
    std::string type;
    auto sink = builder.outside().FindSink(alias, core::SchemaOf<T>(), type);
    auto& node = builder.Add(core::NodeKind::kSink, std::move(type), std::move(alias),
                             core::Node::State::kOperator);
    node.make = [sink, dirty = builder.outside().dirty] {
      return std::make_unique<core::ConnectorSink<T>>(sink->Get(), dirty);
    };
    node.make_committer = [sink] { return sink->Get()->MakeCommitter(); };
    core::ConnectTo(builder, upstream_, node.id, 0);
  }
  /// Ends the stream in a function: `f(row)`, from the threads of the subtasks. For tests and side effects that may repeat.
  template <typename F>
  void ForEach(std::string name, F f) const {
    static_assert(core::RowFunction<F, T>,
                  "ForEach takes a function that can be called with a `const Row&`");
    auto builder = plan();
    auto& node =
        builder.Add(core::NodeKind::kSink, "for each", std::move(name), core::Node::State::kNone);
    node.make = [f] { return std::make_unique<core::ForEachOperator<T, F>>(f); };
    core::ConnectTo(builder, upstream_, node.id, 0);
  }

  /// For what builds on streams: adds an operator behind this one.
  template <typename Out, typename Make>
  DataStream<Out> Then(std::string type, std::string name, Make make,
                       core::Node::State state = core::Node::State::kNone) const {
    auto builder = plan();
    auto& node = builder.Add(core::NodeKind::kOperator, std::move(type), std::move(name), state);
    node.make = make;
    const int id = node.id;
    core::ConnectTo(builder, upstream_, id, 0);
    return DataStream<Out>(plan_, core::Upstream<Out>{.from = {{id, ""}},
                                                      .partitioning = core::Partitioning::kForward,
                                                      .make_router = {}});
  }
  const core::Upstream<T>& upstream() const { return upstream_; }
  core::PlanBuilder plan() const { return plan_; }

 private:
  DataStream By(core::Partitioning partitioning) const {
    auto changed = *this;
    changed.upstream_.partitioning = partitioning;
    changed.upstream_.make_router = nullptr;
    return changed;
  }

  core::PlanBuilder plan_;
  core::Upstream<T> upstream_;
};

}  // namespace streampark
