// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "streampark/base/check.h"
#include "streampark/core/key_hash.h"

namespace streampark::core {

/// A hash map for keyed state: small slots with linear probing, which point to entries that stand one after another in the order in
/// which they came. So a map that grows moves its slots alone, and a walk over it goes straight through memory; an entry that is
/// erased is replaced by the last one. Callers give the key's hash, HashKey(key), which they have from routing. Pointers to values
/// are good until the next Erase or Clear. At most 2^32 - 2 entries (SP_CHECK). Not thread-safe.
template <typename K, typename V>
class FlatMap {
 public:
  struct Entry {
    K key;
    V value;
  };

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  V* Find(const K& key, std::uint64_t hash) {
    const auto at = Locate(key, hash);
    return at == kNowhere ? nullptr : &EntryAt(slots_[at].place - 1).value;
  }
  const V* Find(const K& key, std::uint64_t hash) const {
    return const_cast<FlatMap*>(this)->Find(key, hash);
  }

  /// The value of the key; a new one is V{}, and `added` says so.
  V& FindOrAdd(const K& key, std::uint64_t hash, bool* added = nullptr) {
    const auto at = Locate(key, hash);
    if (added != nullptr) {
      *added = at == kNowhere;
    }
    return at == kNowhere ? Add(key, hash) : EntryAt(slots_[at].place - 1).value;
  }

  bool Erase(const K& key, std::uint64_t hash) {
    const auto at = Locate(key, hash);
    if (at == kNowhere) {
      return false;
    }
    const auto hole = slots_[at].place - 1;
    FreeSlot(at);
    const auto last = static_cast<std::uint32_t>(size_ - 1);
    if (hole != last) {
      auto& moved = EntryAt(last);
      slots_[SlotOf(last, HashKey(moved.key))].place = hole + 1;
      EntryAt(hole) = std::move(moved);
    }
    PopLast();
    return true;
  }

  void Clear() { *this = FlatMap(); }
  /// Forgets the entries and keeps their room, for a map that is filled again and again.
  void ClearKeepingRoom() {
    std::ranges::fill(slots_, Slot{});
    for (auto& block : blocks_) {
      block.clear();
    }
    size_ = 0;
  }

  /// Calls `visit(key, value)` for each entry, in the order in which they came unless some were erased. The map must not be changed meanwhile, but for the values.
  template <typename Visitor>
  void ForEach(Visitor&& visit) {
    for (auto& block : blocks_) {
      for (auto& entry : block) {
        visit(std::as_const(entry.key), entry.value);
      }
    }
  }
  template <typename Visitor>
  void ForEach(Visitor&& visit) const {
    for (const auto& block : blocks_) {
      for (const auto& entry : block) {
        visit(entry.key, entry.value);
      }
    }
  }

 private:
  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
  static constexpr std::size_t kFirstBlock = 16;

  struct Slot {
    std::uint32_t mark = 0;   // the low half of the hash, which also says where the slot belongs
    std::uint32_t place = 0;  // of the entry, from 1; 0: free
  };

  std::size_t mask() const { return slots_.size() - 1; }

  std::size_t Locate(const K& key, std::uint64_t hash) const {
    if (slots_.empty()) {
      return kNowhere;
    }
    const auto mark = static_cast<std::uint32_t>(hash);
    for (auto at = mark & mask(); slots_[at].place != 0; at = (at + 1) & mask()) {
      if (slots_[at].mark == mark && EntryAt(slots_[at].place - 1).key == key) {
        return at;
      }
    }
    return kNowhere;
  }
  std::size_t SlotOf(std::uint32_t place, std::uint64_t hash) const {
    auto at = static_cast<std::uint32_t>(hash) & mask();
    while (slots_[at].place != place + 1) {
      at = (at + 1) & mask();
    }
    return at;
  }

  // Block b holds kFirstBlock × 2^b entries.
  static std::size_t BlockOf(std::size_t place) {
    return static_cast<std::size_t>(std::bit_width(place / kFirstBlock + 1)) - 1;
  }
  static std::size_t BeginOf(std::size_t block) {
    return ((std::size_t{1} << block) - 1) * kFirstBlock;
  }
  Entry& EntryAt(std::size_t place) {
    const auto block = BlockOf(place);
    return blocks_[block][place - BeginOf(block)];
  }
  const Entry& EntryAt(std::size_t place) const {
    return const_cast<FlatMap*>(this)->EntryAt(place);
  }

  V& Add(const K& key, std::uint64_t hash) {
    if ((size_ + 1) * 4 > slots_.size() * 3) {
      Grow();
    }
    SP_CHECK(size_ < std::numeric_limits<std::uint32_t>::max() - 1);
    const auto block = BlockOf(size_);
    if (block == blocks_.size()) {
      blocks_.emplace_back().reserve(kFirstBlock << block);
    }
    auto& entry = blocks_[block].emplace_back(Entry{key, V{}});
    ++size_;
    Put({static_cast<std::uint32_t>(hash), static_cast<std::uint32_t>(size_)});
    return entry.value;
  }
  void Put(Slot slot) {
    auto at = slot.mark & mask();
    while (slots_[at].place != 0) {
      at = (at + 1) & mask();
    }
    slots_[at] = slot;
  }
  void Grow() {
    std::vector<Slot> slots(slots_.empty() ? kFirstBlock : slots_.size() * 2);
    slots.swap(slots_);
    for (const auto& slot : slots) {
      if (slot.place != 0) {
        Put(slot);
      }
    }
  }
  /// Slots that were pushed past the free one move back, so that no probe ends too early.
  void FreeSlot(std::size_t hole) {
    for (auto next = (hole + 1) & mask(); slots_[next].place != 0; next = (next + 1) & mask()) {
      const auto home = slots_[next].mark & mask();
      if (((next - home) & mask()) >= ((next - hole) & mask())) {
        slots_[hole] = slots_[next];
        hole = next;
      }
    }
    slots_[hole] = {};
  }
  void PopLast() {
    --size_;
    const auto block = BlockOf(size_);
    blocks_[block].pop_back();
    // An empty block is kept until the one before is half empty: a map that shrinks and grows by one must not get and free it each time.
    if (block + 2 == blocks_.size() && blocks_[block].size() * 2 < (kFirstBlock << block)) {
      blocks_.pop_back();
    }
  }

  std::vector<Slot> slots_;
  std::vector<std::vector<Entry>> blocks_;
  std::size_t size_ = 0;
};

}  // namespace streampark::core
