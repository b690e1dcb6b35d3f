// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/core/disk_states.h"
#include "streampark/core/object_cache.h"

namespace streampark::core {

/// Values by slice and key in a subtask's store, those of late cached as objects; a state that is not cut into slices has the slice
/// 0. Pointers are good for the next ObjectCache::kGraceful calls. `C` writes the values.
template <typename K, typename V, typename C>
class DiskTable final : public WriteBehind {
 public:
  /// The context has a store.
  DiskTable(OperatorContext& context, std::string_view name, StateLayout layout)
      : states_(*context.disk_states()),
        layout_(layout),
        key_groups_(context.key_groups()),
        groups_(context.key_group_range()),
        state_(OpenDiskState<K, V, C>(states_, context.name(), name, layout)) {
    FindWritten();
    states_.Register(*this);
  }
  ~DiskTable() override { states_.Forget(*this); }
  DiskTable(const DiskTable&) = delete;
  DiskTable& operator=(const DiskTable&) = delete;

  const DiskState& state() const { return state_; }

  /// Null when there is none.
  const V* Find(EventTime slice, const K& key, std::uint64_t hash) {
    const Entry& entry = Load(slice, key, hash);
    return entry.object.there ? &entry.object.value : nullptr;
  }
  /// The same, to be changed.
  V* FindToChange(EventTime slice, const K& key, std::uint64_t hash) {
    Entry& entry = Load(slice, key, hash);
    if (!entry.object.there) {
      return nullptr;
    }
    cache_.MakeDirty(entry);
    return &entry.object.value;
  }
  V& FindOrAdd(EventTime slice, const K& key, std::uint64_t hash, bool* added = nullptr) {
    Entry& entry = Load(slice, key, hash);
    if (added != nullptr) {
      *added = !entry.object.there;
    }
    entry.object.there = true;
    cache_.MakeDirty(entry);
    return entry.object.value;
  }
  bool Erase(EventTime slice, const K& key, std::uint64_t hash) {
    Entry& entry = Load(slice, key, hash);
    if (!entry.object.there) {
      return false;
    }
    if (!written_.contains(slice)) {
      cache_.Remove(entry);
      return true;
    }
    entry.object = {};
    cache_.SetBytes(entry, 0);
    cache_.MakeDirty(entry);
    return true;
  }
  void EraseSlice(EventTime slice) {
    std::vector<Entry*> gone;
    cache_.ForEach([&](Entry& entry) {
      if (entry.slice == slice) {
        gone.push_back(&entry);
      }
    });
    for (Entry* entry : gone) {
      cache_.Remove(*entry);
    }
    if (written_.erase(slice) > 0) {
      const auto prefix = SlicePrefix(slice);
      states_.changes().DeleteRange(prefix, StateKey::After(prefix));
      states_.Apply();
    }
  }

  /// Calls `visit(key, value)` for each entry of a slice, in no order. Visitors that take `V&` may change it.
  template <typename Visit>
  void ForEach(EventTime slice, Visit&& visit) {
    constexpr bool kChanges = !std::is_invocable_v<Visit&, const K&, const V&>;
    if (!written_.contains(slice)) {
      cache_.ForEach([&](Entry& entry) {
        if (entry.slice == slice && entry.object.there) {
          if constexpr (kChanges) {
            cache_.MakeDirty(entry);
          }
          visit(std::as_const(entry.key), entry.object.value);
        }
      });
      return;
    }
    ForEachWritten<kChanges>(SlicePrefix(slice), visit);
  }
  /// A key group after the other, the entries of each from all slices in (after, last]: `visit(slice, key, value)`, then `done()`.
  template <typename Visit, typename Done>
  void ForEachByGroup(EventTime after, EventTime last, Visit&& visit, Done&& done) {
    WriteBack();
    const std::vector<EventTime> slices(written_.upper_bound(after), written_.upper_bound(last));
    for (int group = groups_.first; group < groups_.last; ++group) {
      for (const auto slice : slices) {
        StateKey prefix;
        prefix.Begin(state_);
        if (layout_ == StateLayout::kBySlice) {
          prefix.Slice(slice);
        }
        ForEachWritten<false>(prefix.Group(group).view(),
                              [&](const K& key, const V& value) { visit(slice, key, value); });
      }
      done();
    }
  }
  /// Those with entries in the store. Entries that are new are in the cache alone.
  const std::set<EventTime>& written_slices() const { return written_; }

  void WriteBack() override {
    cache_.Clean([&](Entry& entry) { Write(entry); });
    states_.Apply();
  }

 private:
  struct Object {
    V value{};
    bool there = false;
  };
  using Cache = ObjectCache<K, Object>;
  using Entry = typename Cache::Entry;

  Entry& Load(EventTime slice, const K& key, std::uint64_t hash) {
    if (Entry* entry = cache_.Find(slice, key, hash)) {
      return *entry;
    }
    if (const auto limit = states_.cache_share(); cache_.bytes() > limit) {
      // Some at once: what is written back is written as one batch.
      cache_.Shrink(limit - limit / 64, [&](Entry& entry) { Write(entry); });
      states_.Apply();
    }
    Entry& entry = cache_.Add(slice, key, hash);
    if (written_.contains(slice)) {
      if (const auto bytes = states_.Get(KeyOf(slice, key, hash))) {
        ByteReader in(*bytes);
        C::Read(in, entry.object.value);
        Require(!in.failed());
        entry.object.there = true;
        cache_.SetBytes(entry, bytes->size());
      }
    }
    return entry;
  }
  void Write(Entry& entry) {
    if (!entry.object.there) {
      states_.changes().Delete(KeyOf(entry.slice, entry.key, entry.hash));
    } else {
      value_bytes_.Clear();
      C::Write(value_bytes_, entry.object.value);
      states_.changes().Put(KeyOf(entry.slice, entry.key, entry.hash), value_bytes_.view());
      cache_.SetBytes(entry, value_bytes_.size());
      if (last_written_ != entry.slice || written_.empty()) {
        written_.insert(entry.slice);
        last_written_ = entry.slice;
      }
    }
    states_.ApplyIfMany();
  }
  template <bool kChanges, typename Visit>
  void ForEachWritten(std::string_view prefix, Visit&& visit) {
    WriteBack();
    const auto scan = states_.ScanPrefix(prefix);
    K key{};
    V value{};
    while (scan->Next()) {
      ByteReader key_bytes(StateKey::KeyOf(scan->key(), layout_));
      ByteReader bytes(scan->value());
      Codec<K>::Read(key_bytes, key);
      C::Read(bytes, value);
      Require(!key_bytes.failed() && !bytes.failed());
      visit(std::as_const(key), value);
      if constexpr (kChanges) {
        value_bytes_.Clear();
        C::Write(value_bytes_, value);
        if (value_bytes_.view() != scan->value()) {
          states_.changes().Put(scan->key(), value_bytes_.view());
          states_.ApplyIfMany();
          const auto slice = layout_ == StateLayout::kByKey ? 0 : StateKey::SliceOf(scan->key());
          if (Entry* entry = cache_.Find(slice, key, HashKey(key))) {
            entry->object.value = value;
          }
        }
      }
    }
    states_.Apply();
  }

  std::string_view KeyOf(EventTime slice, const K& key, std::uint64_t hash) {
    key_.Begin(state_);
    if (layout_ == StateLayout::kBySlice) {
      key_.Slice(slice);
    }
    return key_.Group(KeyGroupOf(hash, key_groups_)).Key(key).view();
  }
  std::string SlicePrefix(EventTime slice) {
    key_.Begin(state_);
    return layout_ == StateLayout::kBySlice ? key_.Slice(slice).Copy() : key_.Copy();
  }
  /// Jumps from slice to slice.
  void FindWritten() {
    const auto prefix = key_.Begin(state_).Copy();
    const auto after = StateKey::After(prefix);
    auto from = prefix;
    while (true) {
      const auto scan = states_.Scan(from, after);
      if (!scan->Next()) {
        return;
      }
      const auto slice = layout_ == StateLayout::kByKey ? 0 : StateKey::SliceOf(scan->key());
      written_.insert(slice);
      if (layout_ == StateLayout::kByKey) {
        return;
      }
      from = StateKey::After(SlicePrefix(slice));
    }
  }
  void Require(bool whole) const {
    if (!whole) {
      throw TaskFailure(base::Error(base::ErrorCode::kSnapshotInvalid,
                                    "The state '" + state_.name + "' on disk is damaged."));
    }
  }

  DiskStates& states_;
  const StateLayout layout_;
  const int key_groups_;
  const KeyGroupRange groups_;
  const DiskState& state_;
  Cache cache_;
  std::set<EventTime> written_;  // slices with entries in the store
  EventTime last_written_ = 0;
  StateKey key_;
  ByteWriter value_bytes_;
};

}  // namespace streampark::core
