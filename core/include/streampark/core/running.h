// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <tuple>
#include <utility>

#include "streampark/core/aggregates.h"
#include "streampark/core/flat_map.h"
#include "streampark/core/keyed_states.h"
#include "streampark/core/operator.h"
#include "streampark/core/record.h"

namespace streampark {

/// A key and what is true of it now.
template <typename K, typename V>
struct Keyed {
  K key;
  V value;

  bool operator==(const Keyed&) const = default;
};

template <typename K, typename V>
constexpr auto StreamparkFields(const Keyed<K, V>*) {
  using Pair = Keyed<K, V>;
  return std::make_tuple(core::MakeRecordField("key", &Pair::key),
                         core::MakeRecordField("value", &Pair::value));
}

namespace core {

/// Whether a key had a value before.
enum class Seen : std::uint8_t { kFirst, kBefore };

/// One value a key, changed by each row, and a result for each row: by `Step`, which is told whether the value is new.
template <typename K, typename T, typename KeyOf, typename Kept, typename Out, typename Step>
class RunningOperator final : public OneInputOperator {
 public:
  RunningOperator(KeyOf key_of, Step step) : key_of_(std::move(key_of)), step_(std::move(step)) {}

  void Open(OperatorContext& context) override {
    OneInputOperator::Open(context);
    kept_.Open(context, kState);
    KeyedSections<K, Kept>::Read(context.restored(), kState, [&](K key, Kept kept) {
      kept_.FindOrAdd(key, HashKey(key)) = std::move(kept);
    });
  }
  void Process(int /*input*/, AnyRows& any) override {
    auto& rows = static_cast<Rows<T>&>(any);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const T& row = rows.row(i);
      const K& key = key_of_(row);
      bool added = false;
      auto& kept = kept_.FindOrAdd(key, HashKey(key), &added);
      step_(key, kept, added ? Seen::kFirst : Seen::kBefore, row, out_.Add(rows.time(i)));
    }
    context().output().Emit(out_);
    out_.Clear();
  }
  void Snapshot(OperatorSnapshot& into) override {
    using Sections = KeyedSections<K, Kept>;
    const int groups = context().key_groups();
    kept_.template WriteSections<Sections>(into, kState,
                                           [&](Sections& sections, const K& key, const Kept& kept) {
                                             sections.Add(key, kept, HashKey(key), groups);
                                           });
  }

 private:
  static constexpr const char* kState = "running";

  KeyOf key_of_;
  Step step_;
  KeyedTable<K, Kept> kept_;
  Rows<Out> out_;
};

/// `fold(sum, row)` into a row of the same type.
template <typename T, typename F>
struct ReduceStep {
  F fold;
  template <typename K>
  void operator()(const K& /*key*/, T& sum, Seen seen, const T& row, T& out) {
    if (seen == Seen::kFirst) {
      sum = row;
    } else {
      fold(sum, row);
    }
    out = sum;
  }
};

template <typename A>
struct AggregateStep {
  A aggregate;
  template <typename K, typename T>
  void operator()(const K& key, AccumulatorOf<A>& into, Seen seen, const T& row,
                  Keyed<K, ResultOf<A>>& out) {
    if (seen == Seen::kFirst) {
      into = aggregate.Create();
    }
    aggregate.Add(into, row);
    out.key = key;
    out.value = aggregate.Get(into);
  }
};

}  // namespace core
}  // namespace streampark
