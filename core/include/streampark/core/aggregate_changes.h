// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "streampark/core/aggregates.h"
#include "streampark/core/changes.h"
#include "streampark/core/flat_map.h"
#include "streampark/core/keyed_states.h"
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
    Sections::Read(context.restored(), kState, [&](K key, Summary summary) {
      kept_.FindOrAdd(key, HashKey(key)).summary = std::move(summary);
    });
  }
  void Process(int /*input*/, AnyRows& any) override {
    auto& rows = static_cast<Rows<T>&>(any);
    ++batch_;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      Take(rows.row(i), rows.time(i));
    }
    for (std::size_t i = 0; i < touched_count_; ++i) {
      Tell(touched_[i]);
    }
    touched_count_ = 0;
    context().output().Emit(out_);
    out_.Clear();
  }
  void Snapshot(OperatorSnapshot& into) override {
    Sections sections;
    kept_.ForEach([&](const K& key, const Kept& kept) {
      sections.Add(key, kept.summary, HashKey(key), context().key_groups());
    });
    sections.WriteTo(into, kState);
  }

 private:
  static constexpr const char* kState = "aggregate";
  /// How many rows stand, and what they sum to.
  using Summary = std::pair<std::int64_t, AccumulatorOf<A>>;
  using Sections = KeyedSections<K, Summary>;
  struct Kept {
    Summary summary;
    std::uint64_t batch = 0;  // that touched it last
  };
  struct Touched {
    K key{};
    std::uint64_t hash = 0;
    EventTime time = kBeginningOfTime;
    std::optional<Result> before;
  };

  void Take(T& row, EventTime time) {
    const K& key = key_of_(std::as_const(row));
    const auto hash = HashKey(key);
    bool added = false;
    auto& kept = kept_.FindOrAdd(key, hash, &added);
    auto& [count, accumulator] = kept.summary;
    if (added) {
      kept.summary = {0, aggregate_.Create()};
      kept.batch = 0;
    }
    if (kept.batch != batch_) {
      kept.batch = batch_;
      if (touched_count_ == touched_.size()) {
        touched_.emplace_back();
      }
      auto& touched = touched_[touched_count_++];
      touched.key = key;
      touched.hash = hash;
      touched.before =
          count > 0 ? std::optional<Result>(aggregate_.Get(accumulator)) : std::nullopt;
    }
    touched_[touched_count_ - 1].time = std::max(touched_[touched_count_ - 1].time, time);
    const auto kind = ChangedRow<T>::KindOf(row);
    if (kind == RowKind::kInsert || kind == RowKind::kUpdateAfter) {
      ++count;
      aggregate_.Add(accumulator, ChangedRow<T>::RowOf(row));
    } else if constexpr (RetractsFrom<A, Row>) {
      --count;
      aggregate_.Remove(accumulator, ChangedRow<T>::RowOf(row));
    }
  }
  void Tell(const Touched& touched) {
    const auto* kept = kept_.Find(touched.key, touched.hash);
    const bool stands = kept->summary.first > 0;
    std::optional<Result> after;
    if (stands) {
      after = aggregate_.Get(kept->summary.second);
    }
    if (touched.before && after && *touched.before == *after) {
      return;
    }
    if (touched.before) {
      Emit(stands ? RowKind::kUpdateBefore : RowKind::kDelete, touched, *touched.before);
    }
    if (after) {
      Emit(touched.before ? RowKind::kUpdateAfter : RowKind::kInsert, touched, *after);
    }
    if (!stands) {
      kept_.Erase(touched.key, touched.hash);
    }
  }
  void Emit(RowKind kind, const Touched& touched, const Result& result) {
    auto& change = out_.Add(touched.time);
    change.kind = kind;
    change.row.key = touched.key;
    change.row.value = result;
  }

  KeyOf key_of_;
  A aggregate_;
  FlatMap<K, Kept> kept_;
  std::uint64_t batch_ = 0;
  std::vector<Touched> touched_;  // the first `touched_count_`, in the order of the rows
  std::size_t touched_count_ = 0;
  Rows<Out> out_;
};

}  // namespace streampark::core
