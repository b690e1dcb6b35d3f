// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "streampark/core/aggregates.h"
#include "streampark/core/time.h"

/// Keyed state as authors see it: each handle shows the value of the key that is being handled. Handles are made in Open by
/// KeyedStates and are for the operator's thread alone.
namespace streampark {

/// When values go by themselves, in processing time. What has expired is never seen again, and is in no checkpoint.
struct Ttl {
  std::chrono::milliseconds after{0};  // 0: never
  enum class Refresh : std::uint8_t { kOnWrite, kOnReadAndWrite } refresh = Refresh::kOnWrite;
};

namespace core {

/// How a backend keeps one value a key. Pointers are good until the next call.
template <typename V>
class ValueStore {
 public:
  virtual ~ValueStore() = default;
  virtual const V* Find() = 0;
  virtual void Put(V value) = 0;
  /// The value of the key, V{} when there was none, to be changed in place.
  virtual void Change(const std::function<void(V&)>& change) = 0;
  virtual void Erase() = 0;
};

/// How a backend keeps a map a key.
template <typename MK, typename MV>
class MapStore {
 public:
  virtual ~MapStore() = default;
  virtual const MV* Find(const MK& key) = 0;
  virtual void Put(MK key, MV value) = 0;
  virtual void Erase(const MK& key) = 0;
  virtual void EraseAll() = 0;
  /// In the order of the keys. The map must not be changed meanwhile.
  virtual void ForEach(const std::function<void(const MK&, const MV&)>& visit) = 0;
};

}  // namespace core

template <typename V>
class ValueState {
 public:
  ValueState() = default;
  explicit ValueState(core::ValueStore<V>* store) : store_(store) {}

  /// Null when the key has none.
  const V* Find() const { return store_->Find(); }
  V Get(V otherwise = V{}) const {
    const V* found = Find();
    return found != nullptr ? *found : std::move(otherwise);
  }
  void Set(V value) { store_->Put(std::move(value)); }
  /// Changes it in place; begins with V{}.
  template <typename F>
  void Update(F&& change) {
    store_->Change(std::forward<F>(change));
  }
  void Clear() { store_->Erase(); }

 private:
  core::ValueStore<V>* store_ = nullptr;
};

template <typename V>
class ListState {
 public:
  ListState() = default;
  explicit ListState(core::ValueStore<std::vector<V>>* store) : store_(store) {}

  void Add(V value) {
    store_->Change([&](std::vector<V>& values) { values.push_back(std::move(value)); });
  }
  /// Empty when the key has none; good until the next call.
  const std::vector<V>& Get() const {
    static const std::vector<V> kNone;
    const auto* found = store_->Find();
    return found != nullptr ? *found : kNone;
  }
  void Set(std::vector<V> values) { store_->Put(std::move(values)); }
  void Clear() { store_->Erase(); }

 private:
  core::ValueStore<std::vector<V>>* store_ = nullptr;
};

template <typename K, typename V>
class MapState {
 public:
  MapState() = default;
  explicit MapState(core::MapStore<K, V>* store) : store_(store) {}

  const V* Find(const K& key) const { return store_->Find(key); }
  void Set(K key, V value) { store_->Put(std::move(key), std::move(value)); }
  void Erase(const K& key) { store_->Erase(key); }
  void Clear() { store_->EraseAll(); }
  template <typename F>
  void ForEach(F&& visit) const {
    store_->ForEach(std::forward<F>(visit));
  }

 private:
  core::MapStore<K, V>* store_ = nullptr;
};

/// Folds each value into one of the same type: `fold(sum, value)`.
template <typename V>
class ReducingState {
 public:
  using Fold = std::function<void(V&, const V&)>;
  ReducingState() = default;
  ReducingState(core::ValueStore<std::optional<V>>* store, Fold fold)
      : store_(store), fold_(std::move(fold)) {}

  void Add(const V& value) {
    store_->Change([&](std::optional<V>& sum) {
      if (sum) {
        fold_(*sum, value);
      } else {
        sum = value;
      }
    });
  }
  const V* Find() const {
    const auto* found = store_->Find();
    return found != nullptr && *found ? &**found : nullptr;
  }
  void Clear() { store_->Erase(); }

 private:
  core::ValueStore<std::optional<V>>* store_ = nullptr;
  Fold fold_;
};

/// Folds values into an accumulator, and shows its result: by an aggregate as windows take it (aggregates.h).
template <typename A>
class AggregatingState {
 public:
  using Accumulator = core::AccumulatorOf<A>;
  using Store = core::ValueStore<std::optional<Accumulator>>;
  AggregatingState() = default;
  AggregatingState(Store* store, A aggregate)
      : store_(store), aggregate_(std::make_shared<const A>(std::move(aggregate))) {}

  template <typename Row>
  void Add(const Row& row) {
    static_assert(core::AggregateOf<A, Row>, "the aggregate does not fit this row");
    store_->Change([&](std::optional<Accumulator>& into) {
      if (!into) {
        into = aggregate_->Create();
      }
      aggregate_->Add(*into, row);
    });
  }
  /// Absent when nothing was added for the key.
  std::optional<core::ResultOf<A>> Get() const {
    const auto* found = store_->Find();
    return found != nullptr && *found ? std::optional(aggregate_->Get(**found)) : std::nullopt;
  }
  void Clear() { store_->Erase(); }

 private:
  Store* store_ = nullptr;
  std::shared_ptr<const A> aggregate_;
};

}  // namespace streampark
