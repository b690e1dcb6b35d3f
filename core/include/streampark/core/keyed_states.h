// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "streampark/base/check.h"
#include "streampark/core/codec.h"
#include "streampark/core/disk_map.h"
#include "streampark/core/flat_map.h"
#include "streampark/core/key_hash.h"
#include "streampark/core/keyed_table.h"
#include "streampark/core/operator.h"
#include "streampark/core/state.h"

/// Keyed state: in memory a hash map a state, values as the author's own objects; or in the store of the subtask (disk_states.h).
///
/// In a snapshot each state is described by the shapes of its key and value, and each key group's section holds
/// (key bytes, value bytes) sorted by the key's bytes, whatever the backend.
namespace streampark::core {

/// The key that is being handled.
template <typename K>
struct CurrentKey {
  K key{};
  std::uint64_t hash = 0;
};

class KeyedStateBase {
 public:
  virtual ~KeyedStateBase() = default;
  virtual void Snapshot(OperatorSnapshot& into, int key_groups) = 0;
};

/// Pairs to canonical sections and back.
template <typename K, typename V>
class KeyedSections {
 public:
  static std::string Description() {
    ByteWriter out;
    Codec<K>::Describe().Write(out);
    Codec<V>::Describe().Write(out);
    return out.Take();
  }

  void Add(const K& key, const V& value, std::uint64_t hash, int key_groups) {
    if (groups_.empty()) {
      groups_.resize(static_cast<std::size_t>(key_groups));
    }
    key_.Clear();
    Codec<K>::Write(key_, key);
    value_.Clear();
    Codec<V>::Write(value_, value);
    groups_[static_cast<std::size_t>(KeyGroupOf(hash, key_groups))].Add(key_.view(), value_.view());
  }
  /// What was added since the last call.
  void WriteTo(OperatorSnapshot& into, std::string_view state) {
    into.DescribeKeyed(state, Description());
    for (std::size_t group = 0; group < groups_.size(); ++group) {
      if (!groups_[group].empty()) {
        into.AddKeyed(state, static_cast<int>(group),
                      into.form == OperatorSnapshot::Form::kCanonical ? groups_[group].TakeSorted()
                                                                      : groups_[group].Take());
      }
    }
    groups_.clear();
  }

  /// Calls `add(K, V)` for each pair of the restored state; TaskFailure when it cannot be read as these types.
  template <typename Add>
  static void Read(const OperatorRestore& restored, std::string_view state, Add&& add) {
    restored.ReadKeyed(state, [&](const OperatorRestore::Section& section) {
      ByteReader description(section.description);
      const auto key_shape = OrFail(Shape::Read(description), state);
      const auto value_shape = OrFail(Shape::Read(description), state);
      const auto wanted = Codec<V>::Describe();
      OrFail(CheckEvolution(key_shape, Codec<K>::Describe()), state);
      OrFail(CheckEvolution(value_shape, wanted), state);
      const bool same = value_shape == wanted && key_shape == Codec<K>::Describe();
      ByteReader in(section.bytes);
      while (!in.at_end()) {
        ByteReader key_bytes(in.Text());
        ByteReader value_bytes(in.Text());
        K key{};
        V value{};
        if (same) {
          Codec<K>::Read(key_bytes, key);
          Codec<V>::Read(value_bytes, value);
        } else {
          Codec<K>::ReadAs(key_shape, key_bytes, key);
          Codec<V>::ReadAs(value_shape, value_bytes, value);
        }
        if (in.failed() || key_bytes.failed() || value_bytes.failed() || !value_bytes.at_end()) {
          throw TaskFailure(base::Error(
              base::ErrorCode::kSnapshotInvalid,
              "The state '" + std::string(state) + "' is cut short in the checkpoint."));
        }
        add(std::move(key), std::move(value));
      }
    });
  }

 private:
  template <typename T>
  static T OrFail(base::Result<T> result, std::string_view state) {
    if (!result.ok()) {
      throw TaskFailure(
          std::move(result).error().Annotate("restoring the state '" + std::string(state) + "'"));
    }
    if constexpr (!std::is_void_v<T>) {
      return std::move(result).value();
    }
  }

  std::vector<SectionBytes> groups_;
  ByteWriter key_;
  ByteWriter value_;
};

template <typename K, typename V>
class KeyedValueStore final : public ValueStore<V>, public KeyedStateBase {
 public:
  KeyedValueStore(std::string name, const CurrentKey<K>& current, OperatorContext& context)
      : name_(std::move(name)), current_(current) {
    values_.Open(context, name_);
    KeyedSections<K, V>::Read(context.restored(), name_, [&](K key, V value) {
      const auto hash = HashKey(key);
      values_.FindOrAdd(key, hash) = std::move(value);
    });
  }

  const V* Find() override { return values_.Find(current_.key, current_.hash); }
  void Put(V value) override { values_.FindOrAdd(current_.key, current_.hash) = std::move(value); }
  void Change(const std::function<void(V&)>& change) override {
    change(values_.FindOrAdd(current_.key, current_.hash));
  }
  void Erase() override { values_.Erase(current_.key, current_.hash); }

  void Snapshot(OperatorSnapshot& into, int key_groups) override {
    using Sections = KeyedSections<K, V>;
    values_.template WriteSections<Sections>(into, name_,
                                             [&](Sections& sections, const K& key, const V& value) {
                                               sections.Add(key, value, HashKey(key), key_groups);
                                             });
  }

 private:
  const std::string name_;
  const CurrentKey<K>& current_;
  KeyedTable<K, V> values_;
};

/// Values with the moment at which they expire, in milliseconds since the epoch.
template <typename K, typename V>
class ExpiringValueStore final : public ValueStore<V>, public KeyedStateBase {
 public:
  using Kept = std::pair<std::int64_t, V>;

  ExpiringValueStore(std::string name, Ttl ttl, const CurrentKey<K>& current,
                     OperatorContext& context)
      : name_(std::move(name)), ttl_(ttl), clock_(context.clock()), current_(current) {
    values_.Open(context, name_);
    if (values_.disk() != nullptr) {
      context.disk_states()->store().Expire(StateKey().Begin(values_.disk()->state()).view());
    }
    KeyedSections<K, Kept>::Read(context.restored(), name_, [&](K key, Kept kept) {
      const auto hash = HashKey(key);
      values_.FindOrAdd(key, hash) = std::move(kept);
    });
  }

  const V* Find() override {
    const Kept* kept = FindKept();
    if (kept != nullptr && ttl_.refresh == Ttl::Refresh::kOnReadAndWrite) {
      auto* refreshed = values_.FindToChange(current_.key, current_.hash);
      refreshed->first = Expiry();
      return &refreshed->second;
    }
    return kept != nullptr ? &kept->second : nullptr;
  }
  void Put(V value) override {
    values_.FindOrAdd(current_.key, current_.hash) = {Expiry(), std::move(value)};
  }
  void Change(const std::function<void(V&)>& change) override {
    FindKept();  // what has expired begins anew
    auto& kept = values_.FindOrAdd(current_.key, current_.hash);
    kept.first = Expiry();
    change(kept.second);
  }
  void Erase() override { values_.Erase(current_.key, current_.hash); }

  void Snapshot(OperatorSnapshot& into, int key_groups) override {
    using Sections = KeyedSections<K, Kept>;
    const auto now = Now();
    std::vector<K> expired;
    values_.template WriteSections<Sections>(
        into, name_, [&](Sections& sections, const K& key, const Kept& kept) {
          if (kept.first > now) {
            sections.Add(key, kept, HashKey(key), key_groups);
          } else if (values_.disk() == nullptr) {  // whose backend forgets by itself
            expired.push_back(key);
          }
        });
    for (const auto& key : expired) {
      values_.Erase(key, HashKey(key));
    }
  }

 private:
  std::int64_t Now() const { return clock_.Now().time_since_epoch().count(); }
  std::int64_t Expiry() const { return Now() + ttl_.after.count(); }
  const Kept* FindKept() {
    const auto* kept = values_.Find(current_.key, current_.hash);
    if (kept != nullptr && kept->first <= Now()) {
      values_.Erase(current_.key, current_.hash);
      return nullptr;
    }
    return kept;
  }

  const std::string name_;
  const Ttl ttl_;
  const base::Clock& clock_;
  const CurrentKey<K>& current_;
  KeyedTable<K, Kept> values_;
};

template <typename K, typename MK, typename MV>
class HeapMapStore final : public MapStore<MK, MV>, public KeyedStateBase {
 public:
  using Entries = std::map<MK, MV>;

  HeapMapStore(std::string name, const CurrentKey<K>& current, const OperatorRestore& restored)
      : name_(std::move(name)), current_(current) {
    KeyedSections<std::pair<K, MK>, MV>::Read(restored, name_, [&](std::pair<K, MK> key, MV value) {
      const auto hash = HashKey(key.first);
      maps_.FindOrAdd(key.first, hash).insert_or_assign(std::move(key.second), std::move(value));
    });
  }

  const MV* Find(const MK& key) override {
    const auto* entries = maps_.Find(current_.key, current_.hash);
    if (entries == nullptr) {
      return nullptr;
    }
    const auto found = entries->find(key);
    return found == entries->end() ? nullptr : &found->second;
  }
  void Put(MK key, MV value) override {
    maps_.FindOrAdd(current_.key, current_.hash).insert_or_assign(std::move(key), std::move(value));
  }
  void Erase(const MK& key) override {
    auto* entries = maps_.Find(current_.key, current_.hash);
    if (entries != nullptr && entries->erase(key) > 0 && entries->empty()) {
      EraseAll();
    }
  }
  void EraseAll() override { maps_.Erase(current_.key, current_.hash); }
  void ForEach(const std::function<void(const MK&, const MV&)>& visit) override {
    if (const auto* entries = maps_.Find(current_.key, current_.hash)) {
      for (const auto& [key, value] : *entries) {
        visit(key, value);
      }
    }
  }

  void Snapshot(OperatorSnapshot& into, int key_groups) override {
    KeyedSections<std::pair<K, MK>, MV> sections;
    maps_.ForEach([&](const K& key, const Entries& entries) {
      for (const auto& [map_key, value] : entries) {
        sections.Add({key, map_key}, value, HashKey(key), key_groups);
      }
    });
    sections.WriteTo(into, name_);
  }

 private:
  const std::string name_;
  const CurrentKey<K>& current_;
  FlatMap<K, Entries> maps_;
};

template <typename K, typename MK, typename MV>
class DiskMapStore final : public MapStore<MK, MV>, public KeyedStateBase {
 public:
  DiskMapStore(std::string name, const CurrentKey<K>& current, OperatorContext& context)
      : name_(std::move(name)),
        current_(current),
        maps_(*context.disk_states(), context.name(), name_, context.key_groups()) {
    KeyedSections<std::pair<K, MK>, MV>::Read(
        context.restored(), name_, [&](std::pair<K, MK> key, MV value) {
          maps_.Put(key.first, HashKey(key.first), std::move(key.second), std::move(value));
        });
  }

  const MV* Find(const MK& key) override { return maps_.Find(current_.key, current_.hash, key); }
  void Put(MK key, MV value) override {
    maps_.Put(current_.key, current_.hash, std::move(key), std::move(value));
  }
  void Erase(const MK& key) override { maps_.Erase(current_.key, current_.hash, key); }
  void EraseAll() override { maps_.EraseAll(current_.key, current_.hash); }
  void ForEach(const std::function<void(const MK&, const MV&)>& visit) override {
    for (const auto& [key, slot] : maps_.All(current_.key, current_.hash)) {
      if (slot.there) {
        visit(key, slot.value);
      }
    }
  }

  void Snapshot(OperatorSnapshot& into, int key_groups) override {
    if (into.form == OperatorSnapshot::Form::kBackend) {
      return;
    }
    for (int group = 0; group < key_groups; ++group) {
      KeyedSections<std::pair<K, MK>, MV> sections;
      maps_.ForEachOfGroup(group, [&](const K& key, const MK& map_key, const MV& value) {
        sections.Add({key, map_key}, value, HashKey(key), key_groups);
      });
      sections.WriteTo(into, name_);
    }
  }

 private:
  const std::string name_;
  const CurrentKey<K>& current_;
  DiskMap<K, MK, MV> maps_;
};

}  // namespace streampark::core

namespace streampark {

/// Makes the states of a keyed operator, in Open. A name is a state's identity in checkpoints; twice the same is our author's
/// mistake and ends the job.
template <typename K>
class KeyedStates {
 public:
  KeyedStates(core::OperatorContext& context, const core::CurrentKey<K>& current)
      : context_(context), current_(current) {}

  template <typename V>
  ValueState<V> Value(std::string name, Ttl ttl = {}) {
    return ValueState<V>(Store<V>(std::move(name), ttl));
  }
  template <typename V>
  ListState<V> List(std::string name, Ttl ttl = {}) {
    return ListState<V>(Store<std::vector<V>>(std::move(name), ttl));
  }
  template <typename MK, typename MV>
  MapState<MK, MV> Map(std::string name) {
    if (context_.disk_states() != nullptr) {
      return MapState<MK, MV>(
          Keep(name, std::make_unique<core::DiskMapStore<K, MK, MV>>(name, current_, context_)));
    }
    return MapState<MK, MV>(Keep(name, std::make_unique<core::HeapMapStore<K, MK, MV>>(
                                           name, current_, context_.restored())));
  }
  template <typename V>
  ReducingState<V> Reducing(std::string name, typename ReducingState<V>::Fold fold, Ttl ttl = {}) {
    return ReducingState<V>(Store<std::optional<V>>(std::move(name), ttl), std::move(fold));
  }
  template <typename A>
  AggregatingState<A> Aggregating(std::string name, A aggregate, Ttl ttl = {}) {
    return AggregatingState<A>(Store<std::optional<core::AccumulatorOf<A>>>(std::move(name), ttl),
                               std::move(aggregate));
  }

  /// For operators.
  void Snapshot(core::OperatorSnapshot& into) {
    for (const auto& [name, state] : states_) {
      state->Snapshot(into, context_.key_groups());
    }
  }

 private:
  template <typename V>
  core::ValueStore<V>* Store(std::string name, Ttl ttl) {
    if (ttl.after.count() > 0) {
      return Keep(name,
                  std::make_unique<core::ExpiringValueStore<K, V>>(name, ttl, current_, context_));
    }
    return Keep(name, std::make_unique<core::KeyedValueStore<K, V>>(name, current_, context_));
  }
  template <typename S>
  S* Keep(const std::string& name, std::unique_ptr<S> state) {
    S* kept = state.get();
    if (!states_.emplace(name, std::move(state)).second) {
      throw core::TaskFailure(
          base::Error(base::ErrorCode::kValidationFailed, "Two states are named '" + name + "'.")
              .WithHint("a name stands for one state of an operator"));
    }
    return kept;
  }

  core::OperatorContext& context_;
  const core::CurrentKey<K>& current_;
  std::map<std::string, std::unique_ptr<core::KeyedStateBase>> states_;
};

}  // namespace streampark
