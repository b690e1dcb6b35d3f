// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>

#include "streampark/core/change.h"
#include "streampark/core/codec.h"
#include "streampark/core/collector.h"
#include "streampark/core/keyed_states.h"
#include "streampark/core/operator.h"

namespace streampark::core {

/// The first row of each key.
template <typename K, typename T, typename KeyOf>
class FirstOperator final : public OneInputOperator {
 public:
  FirstOperator(KeyOf key_of, Ttl ttl) : key_of_(std::move(key_of)), ttl_(ttl) {}

  void Open(OperatorContext& context) override {
    OneInputOperator::Open(context);
    states_.emplace(context, current_);
    seen_ = states_->template Value<bool>("seen", ttl_);
  }
  void Process(int /*input*/, AnyRows& any) override {
    auto& rows = static_cast<Rows<T>&>(any);
    rows.KeepIf([&](const T& row) {
      current_.key = key_of_(row);
      current_.hash = HashKey(current_.key);
      if (seen_.Find() != nullptr) {
        return false;
      }
      seen_.Set(true);
      return true;
    });
    if (!rows.empty()) {
      context().output().Emit(rows);
    }
  }
  void Snapshot(OperatorSnapshot& into) override { states_->Snapshot(into); }

 private:
  KeyOf key_of_;
  const Ttl ttl_;
  CurrentKey<K> current_;
  std::optional<KeyedStates<K>> states_;
  ValueState<bool> seen_;
};

/// The latest row of each key by event time, as changes. A row of the same time takes the place of the one before, as on Flink.
template <typename K, typename T, typename KeyOf>
class LatestOperator final : public OneInputOperator {
 public:
  using Row = typename ChangedRow<T>::Row;
  using Out = Change<Row>;

  LatestOperator(KeyOf key_of, Ttl ttl) : key_of_(std::move(key_of)), ttl_(ttl) {}

  void Open(OperatorContext& context) override {
    OneInputOperator::Open(context);
    out_.Open(context.output());
    states_.emplace(context, current_);
    latest_ = states_->template Value<Kept>("latest", ttl_);
  }
  void Process(int /*input*/, AnyRows& any) override {
    auto& rows = static_cast<Rows<T>&>(any);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      current_.key = key_of_(std::as_const(rows.row(i)));
      current_.hash = HashKey(current_.key);
      Apply(ChangedRow<T>::KindOf(rows.row(i)), ChangedRow<T>::RowOf(rows.row(i)), rows.time(i));
    }
    out_.Flush();
  }
  void Snapshot(OperatorSnapshot& into) override { states_->Snapshot(into); }

 private:
  /// The latest row and its time; nothing of a key that is new.
  using Kept = std::optional<std::pair<EventTime, Row>>;

  void Apply(RowKind kind, Row& row, EventTime time) {
    if (kind == RowKind::kUpdateBefore) {
      return;
    }
    if (kind == RowKind::kDelete) {
      const Kept* before = latest_.Find();
      if (before != nullptr && *before && time >= (*before)->first) {
        Emit(kind, time) = (*before)->second;
        latest_.Clear();
      }
      return;
    }
    latest_.Update([&](Kept& kept) { Replace(kept, row, time); });
  }
  /// Rows are copied, not moved: texts that change hands would carry memory which is in no cache into the batches, and memory of the
  /// sender's thread into state.
  void Replace(Kept& kept, Row& row, EventTime time) {
    if (!kept) {
      kept.emplace(time, std::as_const(row));
      Emit(RowKind::kInsert, time) = std::as_const(row);
      return;
    }
    if (time < kept->first) {
      return;
    }
    kept->first = time;
    if constexpr (std::equality_comparable<Row>) {
      if (kept->second == row) {
        return;
      }
    }
    Emit(RowKind::kUpdateBefore, time) = std::as_const(kept->second);
    kept->second = std::as_const(row);
    Emit(RowKind::kUpdateAfter, time) = std::as_const(row);
  }
  /// The row of a new change, to be assigned whole.
  Row& Emit(RowKind kind, EventTime time) {
    auto& change = out_.Add(time);
    change.kind = kind;
    return change.row;
  }

  KeyOf key_of_;
  const Ttl ttl_;
  CurrentKey<K> current_;
  std::optional<KeyedStates<K>> states_;
  ValueState<Kept> latest_;
  Collector<Out> out_;
};

}  // namespace streampark::core
