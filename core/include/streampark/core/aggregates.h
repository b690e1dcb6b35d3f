// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

/// Aggregates over the rows of a window or key. An author's own is any type with these four:
///
///   Accumulator Create() const;                                // the empty one; kept in state (codec.h)
///   void Add(Accumulator&, const Row&) const;
///   void Merge(Accumulator&, const Accumulator&) const;        // of two parts of the same rows
///   Result Get(const Accumulator&) const;
namespace streampark {

namespace core {

template <typename A>
using AccumulatorOf = std::remove_cvref_t<decltype(std::declval<const A&>().Create())>;
template <typename A>
using ResultOf = std::remove_cvref_t<decltype(std::declval<const A&>().Get(
    std::declval<const AccumulatorOf<A>&>()))>;

template <typename A, typename Row>
concept AggregateOf = requires(const A& aggregate, AccumulatorOf<A>& into, const Row& row) {
  aggregate.Add(into, row);
  aggregate.Merge(into, std::as_const(into));
  aggregate.Get(std::as_const(into));
};

/// An aggregate from which a row can be taken back: `void Remove(Accumulator&, const Row&) const`.
template <typename A, typename Row>
concept RetractsFrom =
    AggregateOf<A, Row> && requires(const A& aggregate, AccumulatorOf<A>& from, const Row& row) {
      aggregate.Remove(from, row);
    };

/// The type of `row.*member` or `function(row)`.
template <typename F, typename Row>
using FieldOf = std::remove_cvref_t<std::invoke_result_t<const F&, const Row&>>;

struct CountAggregate {
  std::int64_t Create() const { return 0; }
  template <typename Row>
  void Add(std::int64_t& count, const Row&) const {
    ++count;
  }
  template <typename Row>
  void Remove(std::int64_t& count, const Row&) const {
    --count;
  }
  void Merge(std::int64_t& count, std::int64_t other) const { count += other; }
  std::int64_t Get(std::int64_t count) const { return count; }
};

template <typename Row, typename V>
struct SumAggregate {
  using Sum = std::conditional_t<std::floating_point<V>, double, std::int64_t>;
  V Row::*field;
  Sum Create() const { return 0; }
  void Add(Sum& sum, const Row& row) const { sum += static_cast<Sum>(row.*field); }
  void Remove(Sum& sum, const Row& row) const { sum -= static_cast<Sum>(row.*field); }
  void Merge(Sum& sum, Sum other) const { sum += other; }
  Sum Get(Sum sum) const { return sum; }
};

template <typename Row, typename V>
struct MeanAggregate {
  using Parts = std::pair<typename SumAggregate<Row, V>::Sum, std::int64_t>;
  V Row::*field;
  Parts Create() const { return {0, 0}; }
  void Add(Parts& parts, const Row& row) const {
    parts.first += static_cast<typename SumAggregate<Row, V>::Sum>(row.*field);
    ++parts.second;
  }
  void Remove(Parts& parts, const Row& row) const {
    parts.first -= static_cast<typename SumAggregate<Row, V>::Sum>(row.*field);
    --parts.second;
  }
  void Merge(Parts& parts, const Parts& other) const {
    parts.first += other.first;
    parts.second += other.second;
  }
  double Get(const Parts& parts) const {
    return static_cast<double>(parts.first) / static_cast<double>(parts.second);
  }
};

/// The least or greatest by `Less`; absent of no rows.
template <typename Row, typename V, bool kLeast>
struct ExtremeAggregate {
  V Row::*field;
  std::optional<V> Create() const { return std::nullopt; }
  void Add(std::optional<V>& best, const Row& row) const { Take(best, row.*field); }
  void Merge(std::optional<V>& best, const std::optional<V>& other) const {
    if (other) {
      Take(best, *other);
    }
  }
  V Get(const std::optional<V>& best) const { return best.value_or(V{}); }

 private:
  static void Take(std::optional<V>& best, const V& value) {
    if (!best || (kLeast ? value < *best : *best < value)) {
      best = value;
    }
  }
};

template <typename Row>
struct CollectAggregate {
  std::vector<Row> Create() const { return {}; }
  void Add(std::vector<Row>& rows, const Row& row) const { rows.push_back(row); }
  void Merge(std::vector<Row>& rows, const std::vector<Row>& other) const {
    rows.insert(rows.end(), other.begin(), other.end());
  }
  std::vector<Row> Get(const std::vector<Row>& rows) const { return rows; }
};

template <typename... A>
struct TupleAggregate {
  std::tuple<A...> parts;
  std::tuple<AccumulatorOf<A>...> Create() const {
    return std::apply([](const auto&... part) { return std::tuple(part.Create()...); }, parts);
  }
  template <typename Row>
  void Add(std::tuple<AccumulatorOf<A>...>& into, const Row& row) const {
    Each([&](const auto& part, auto& accumulator) { part.Add(accumulator, row); }, into, Places());
  }
  template <typename Row>
    requires(RetractsFrom<A, Row> && ...)
  void Remove(std::tuple<AccumulatorOf<A>...>& from, const Row& row) const {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (std::get<I>(parts).Remove(std::get<I>(from), row), ...);
    }(Places());
  }
  void Merge(std::tuple<AccumulatorOf<A>...>& into,
             const std::tuple<AccumulatorOf<A>...>& other) const {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (std::get<I>(parts).Merge(std::get<I>(into), std::get<I>(other)), ...);
    }(Places());
  }
  std::tuple<ResultOf<A>...> Get(const std::tuple<AccumulatorOf<A>...>& from) const {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return std::tuple(std::get<I>(parts).Get(std::get<I>(from))...);
    }(Places());
  }

 private:
  using Places = std::index_sequence_for<A...>;
  template <typename F, typename Into, std::size_t... I>
  void Each(F&& call, Into& into, std::index_sequence<I...>) const {
    (call(std::get<I>(parts), std::get<I>(into)), ...);
  }
};

}  // namespace core

/// How many rows.
inline core::CountAggregate Count() { return {}; }
/// The sum of a field: in 64 bits, or as a double.
template <typename Row, typename V>
core::SumAggregate<Row, V> Sum(V Row::*field) {
  return {field};
}
/// The arithmetic mean of a field, as a double.
template <typename Row, typename V>
core::MeanAggregate<Row, V> Mean(V Row::*field) {
  return {field};
}
template <typename Row, typename V>
core::ExtremeAggregate<Row, V, true> Min(V Row::*field) {
  return {field};
}
template <typename Row, typename V>
core::ExtremeAggregate<Row, V, false> Max(V Row::*field) {
  return {field};
}
/// All rows, in the order in which they came. Keeps each in state until the window closes.
template <typename Row>
core::CollectAggregate<Row> Collect() {
  return {};
}
/// Several at once; the result is a std::tuple.
template <typename... A>
core::TupleAggregate<A...> Together(A... aggregates) {
  return {std::tuple(std::move(aggregates)...)};
}

}  // namespace streampark
