// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "streampark/core/aggregates.h"
#include "streampark/core/changes.h"
#include "streampark/core/flat_map.h"
#include "streampark/core/keyed_states.h"
#include "streampark/core/keyed_table.h"
#include "streampark/core/operator.h"
#include "streampark/core/running.h"

namespace streampark::core {

/// The aggregate of all rows of a key, as changes: what has changed with a batch of rows is told once, at its end. Rows that are changes
/// themselves are added and taken back; a key with no row left is deleted.
template <typename K, typename T, typename KeyOf, typename A>
class AggregateChangesOperator final : public OneInputOperator {
 public:
  using Row = typename ChangedRow<T>::Row;
  using Result = ResultOf<A>;
  using Out = Change<Keyed<K, Result>>;

  AggregateChangesOperator(KeyOf key_of, A aggregate)
      : key_of_(std::move(key_of)), aggregate_(std::move(aggregate)) {}

  void Open(OperatorContext& context) override {
    OneInputOperator::Open(context);
    kept_.Open(context, kState);
    Sections::Read(context.restored(), kState,
                   [&](K key, Kept kept) { kept_.FindOrAdd(key, HashKey(key)) = std::move(kept); });
  }
  void Process(int /*input*/, AnyRows& any) override {
    auto& rows = static_cast<Rows<T>&>(any);
    touched_.ClearKeepingRoom();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      Take(rows.row(i), rows.time(i));
    }
    touched_.ForEach([this](const K& key, const Before& before) { Tell(key, before); });
    context().output().Emit(out_);
    out_.Clear();
  }
  void Snapshot(OperatorSnapshot& into) override {
    const int groups = context().key_groups();
    kept_.template WriteSections<Sections>(into, kState,
                                           [&](Sections& sections, const K& key, const Kept& kept) {
                                             sections.Add(key, kept, HashKey(key), groups);
                                           });
  }

 private:
  static constexpr const char* kState = "aggregate";
  /// How many rows stand, and what they sum to.
  using Kept = std::pair<std::int64_t, AccumulatorOf<A>>;
  using Sections = KeyedSections<K, Kept>;
  /// What was true before the batch, and the latest time of its rows.
  struct Before {
    std::optional<Result> result;
    EventTime time = kBeginningOfTime;
  };

  void Take(T& row, EventTime time) {
    const K& key = key_of_(std::as_const(row));
    const auto hash = HashKey(key);
    bool added = false;
    auto& kept = kept_.FindOrAdd(key, hash, &added);
    auto& [count, accumulator] = kept;
    if (added) {
      kept = {0, aggregate_.Create()};
    }
    bool first = false;
    auto& before = touched_.FindOrAdd(key, hash, &first);
    if (first) {
      before = {.result = ResultNow(kept), .time = time};
    }
    before.time = std::max(before.time, time);
    const auto kind = ChangedRow<T>::KindOf(row);
    if (kind == RowKind::kInsert || kind == RowKind::kUpdateAfter) {
      ++count;
      aggregate_.Add(accumulator, ChangedRow<T>::RowOf(row));
    } else if constexpr (RetractsFrom<A, Row>) {
      --count;
      aggregate_.Remove(accumulator, ChangedRow<T>::RowOf(row));
    }
  }
  std::optional<Result> ResultNow(const Kept& kept) const {
    return kept.first > 0 ? std::optional<Result>(aggregate_.Get(kept.second)) : std::nullopt;
  }
  void Tell(const K& key, const Before& before) {
    const auto hash = HashKey(key);
    const auto* kept = kept_.Find(key, hash);
    const auto result = ResultNow(*kept);
    if (kept->first == 0) {
      kept_.Erase(key, hash);
    }
    if (before.result && result && *before.result == *result) {
      return;
    }
    if (before.result) {
      Emit(result ? RowKind::kUpdateBefore : RowKind::kDelete, key, *before.result, before.time);
    }
    if (result) {
      Emit(before.result ? RowKind::kUpdateAfter : RowKind::kInsert, key, *result, before.time);
    }
  }
  void Emit(RowKind kind, const K& key, const Result& result, EventTime time) {
    auto& change = out_.Add(time);
    change.kind = kind;
    change.row.key = key;
    change.row.value = result;
  }

  KeyOf key_of_;
  A aggregate_;
  KeyedTable<K, Kept> kept_;
  FlatMap<K, Before> touched_;  // by the batch of rows at hand
  Rows<Out> out_;
};

}  // namespace streampark::core
