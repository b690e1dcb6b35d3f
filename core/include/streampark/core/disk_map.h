// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include "streampark/core/disk_states.h"
#include "streampark/core/object_cache.h"

namespace streampark::core {

/// A map by key in a subtask's store, an entry for each of its entries, so that one is read and written without the others. The maps
/// of late keys are cached, as far as they were looked at; whole ones are in the order of their keys. References to an entry or a
/// map are good until the next call.
template <typename K, typename MK, typename MV>
class DiskMap final : public WriteBehind {
 public:
  struct Slot {
    MV value{};
    bool there = false;
    bool dirty = false;
  };
  using Slots = std::map<MK, Slot>;

  DiskMap(DiskStates& states, std::string_view owner, std::string_view name, int key_groups)
      : states_(states),
        key_groups_(key_groups),
        state_(OpenDiskState<std::pair<K, MK>, MV>(states, owner, name, StateLayout::kByKey)) {
    const auto prefix = key_.Begin(state_).Copy();
    written_ = states_.ScanPrefix(prefix)->Next();
    states_.Register(*this);
  }
  ~DiskMap() override { states_.Forget(*this); }
  DiskMap(const DiskMap&) = delete;
  DiskMap& operator=(const DiskMap&) = delete;

  const MV* Find(const K& key, std::uint64_t hash, const MK& map_key) {
    const Slot& slot = SlotOf(Load(key, hash), map_key);
    return slot.there ? &slot.value : nullptr;
  }
  void Put(const K& key, std::uint64_t hash, MK map_key, MV value) {
    Entry& entry = Load(key, hash);
    Slot& slot = entry.object.slots[std::move(map_key)];
    slot = {std::move(value), true, true};
    cache_.MakeDirty(entry);
    Grown(entry);
  }
  void Erase(const K& key, std::uint64_t hash, const MK& map_key) {
    Entry& entry = Load(key, hash);
    entry.object.slots[map_key] = {MV{}, false, true};
    cache_.MakeDirty(entry);
  }
  void EraseAll(const K& key, std::uint64_t hash) {
    Entry& entry = Load(key, hash);
    LoadWhole(entry);
    for (auto& [map_key, slot] : entry.object.slots) {
      slot = {MV{}, false, true};
    }
    cache_.MakeDirty(entry);
  }
  /// All slots of the key; those that are not there are to be passed over. What is changed must be told by Put and Erase.
  const Slots& All(const K& key, std::uint64_t hash) {
    Entry& entry = Load(key, hash);
    LoadWhole(entry);
    return entry.object.slots;
  }
  /// The entries of one key group: `visit(key, map key, value)`.
  template <typename Visit>
  void ForEachOfGroup(int group, Visit&& visit) {
    WriteBack();
    const auto prefix = key_.Begin(state_).Group(group).Copy();
    const auto scan = states_.ScanPrefix(prefix);
    std::pair<K, MK> key{};
    MV value{};
    while (scan->Next()) {
      ByteReader key_bytes(StateKey::KeyOf(scan->key(), StateLayout::kByKey));
      ByteReader bytes(scan->value());
      Codec<std::pair<K, MK>>::Read(key_bytes, key);
      Codec<MV>::Read(bytes, value);
      Require(!key_bytes.failed() && !bytes.failed());
      visit(std::as_const(key.first), std::as_const(key.second), std::as_const(value));
    }
  }

  void WriteBack() override {
    cache_.Clean([&](Entry& entry) { Write(entry); });
    states_.Apply();
  }

 private:
  struct Part {
    Slots slots;
    bool whole = false;  // what is not in it does not exist
  };
  using Cache = ObjectCache<K, Part>;
  using Entry = typename Cache::Entry;
  static constexpr std::size_t kSlotBytes = sizeof(std::pair<const MK, Slot>) + 48;

  Entry& Load(const K& key, std::uint64_t hash) {
    Entry* found = cache_.Find(0, key, hash);
    if (const auto limit = states_.cache_share(); cache_.bytes() > limit) {
      if (found != nullptr && found->bytes > limit / 2) {
        // One key has most of it: it is begun anew.
        Write(*found);
        found->dirty = false;
        cache_.Remove(*found);
        found = nullptr;
      }
      cache_.Shrink(limit - limit / 64, [&](Entry& entry) { Write(entry); });
      states_.Apply();
    }
    if (found != nullptr) {
      return *found;
    }
    Entry& entry = cache_.Add(0, key, hash);
    entry.object.whole = !written_;
    return entry;
  }
  Slot& SlotOf(Entry& entry, const MK& map_key) {
    auto& slots = entry.object.slots;
    const auto found = slots.find(map_key);
    if (found != slots.end() || entry.object.whole) {
      return found != slots.end() ? found->second : nothing_;
    }
    Slot& slot = slots[map_key];
    if (const auto bytes = states_.Get(KeyOf(entry).Key(map_key).view())) {
      ByteReader in(*bytes);
      Codec<MV>::Read(in, slot.value);
      Require(!in.failed());
      slot.there = true;
    }
    Grown(entry);
    return slot;
  }
  void LoadWhole(Entry& entry) {
    if (std::exchange(entry.object.whole, true)) {
      return;
    }
    const auto prefix = KeyOf(entry).Copy();
    const auto scan = states_.ScanPrefix(prefix);
    while (scan->Next()) {
      ByteReader key_bytes(scan->key().substr(prefix.size()));
      MK map_key{};
      Codec<MK>::Read(key_bytes, map_key);
      const auto [at, added] = entry.object.slots.try_emplace(std::move(map_key));
      if (added) {
        ByteReader bytes(scan->value());
        Codec<MV>::Read(bytes, at->second.value);
        Require(!key_bytes.failed() && !bytes.failed());
        at->second.there = true;
      }
    }
    Grown(entry);
  }
  void Write(Entry& entry) {
    auto& slots = entry.object.slots;
    for (auto at = slots.begin(); at != slots.end();) {
      auto& [map_key, slot] = *at;
      if (slot.dirty) {
        slot.dirty = false;
        if (slot.there) {
          value_bytes_.Clear();
          Codec<MV>::Write(value_bytes_, slot.value);
          states_.changes().Put(KeyOf(entry).Key(map_key).view(), value_bytes_.view());
          written_ = true;
        } else if (written_) {
          states_.changes().Delete(KeyOf(entry).Key(map_key).view());
        }
        states_.ApplyIfMany();
      }
      // A whole map needs not remember what is gone.
      at = slot.there || !entry.object.whole ? std::next(at) : slots.erase(at);
    }
  }
  void Grown(Entry& entry) { cache_.SetBytes(entry, entry.object.slots.size() * kSlotBytes); }
  StateKey& KeyOf(const Entry& entry) {
    return key_.Begin(state_).Group(KeyGroupOf(entry.hash, key_groups_)).Key(entry.key);
  }
  void Require(bool whole) const {
    if (!whole) {
      throw TaskFailure(base::Error(base::ErrorCode::kSnapshotInvalid,
                                    "The state '" + state_.name + "' on disk is damaged."));
    }
  }

  DiskStates& states_;
  const int key_groups_;
  const DiskState& state_;
  Cache cache_;
  bool written_ = false;  // anything is in the store
  Slot nothing_;
  StateKey key_;
  ByteWriter value_bytes_;
};

}  // namespace streampark::core
