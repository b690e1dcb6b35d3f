// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "streampark/core/key_hash.h"
#include "streampark/core/time.h"

namespace streampark::core {

/// Objects of a state that are kept decoded, by slice and key; what makes room is found by second chance. Entries stay where they
/// are, and what was given out is not evicted for the next kGraceful calls of Find. Not thread-safe.
template <typename K, typename Object>
class ObjectCache {
 public:
  static constexpr std::uint32_t kGraceful = 64;

  struct Entry {
    K key{};
    EventTime slice = 0;
    std::uint64_t hash = 0;
    Object object{};
    std::uint32_t bytes = 0;
    std::uint32_t given = 0;  // the number of the call
    bool used = false;
    bool recent = false;
    bool dirty = false;
  };

  Entry* Find(EventTime slice, const K& key, std::uint64_t hash) {
    const auto at = Locate(slice, key, Mark(slice, hash));
    if (at == kNowhere) {
      return nullptr;
    }
    Entry& entry = EntryAt(places_[at]);
    entry.recent = true;
    entry.given = ++calls_;
    return &entry;
  }
  /// It is not there.
  Entry& Add(EventTime slice, const K& key, std::uint64_t hash) {
    if ((size_ + 1) * 8 > marks_.size() * 7) {
      Grow();
    }
    const auto place = TakePlace();
    Entry& entry = EntryAt(place);
    entry.key = key;
    entry.slice = slice;
    entry.hash = hash;
    entry.used = true;
    entry.recent = true;
    entry.given = ++calls_;
    const auto at = FreeFrom(Mark(slice, hash));
    marks_[at] = Mark(slice, hash);
    places_[at] = place;
    ++size_;
    bytes_ += kOverhead;
    return entry;
  }
  /// How large it is when written; for the sum.
  void SetBytes(Entry& entry, std::size_t bytes) {
    bytes_ += bytes - entry.bytes;
    entry.bytes = static_cast<std::uint32_t>(bytes);
  }
  void MakeDirty(Entry& entry) {
    if (!entry.dirty) {
      entry.dirty = true;
      dirty_.push_back(&entry);
    }
  }
  /// Calls `write(entry)` for each dirty one, which is clean then.
  template <typename Write>
  void Clean(Write&& write) {
    for (Entry* entry : dirty_) {
      if (entry->dirty) {
        write(*entry);
        entry->dirty = false;
      }
    }
    dirty_.clear();
  }
  void Remove(Entry& entry) {
    const auto at = Locate(entry.slice, entry.key, Mark(entry.slice, entry.hash));
    const auto place = places_[at];
    Close(at);
    bytes_ -= kOverhead + entry.bytes;
    entry = Entry{};
    free_.push_back(place);
    --size_;
  }
  template <typename Visit>
  void ForEach(Visit&& visit) {
    for (std::uint32_t place = 0; place < places_made_; ++place) {
      if (Entry& entry = EntryAt(place); entry.used) {
        visit(entry);
      }
    }
  }
  /// Evicts until `limit` is kept: `write(entry)` is called with those that are dirty.
  template <typename Write>
  void Shrink(std::size_t limit, Write&& write) {
    for (std::uint64_t turns = std::uint64_t{2} * places_made_; bytes_ > limit && turns > 0;
         --turns) {
      hand_ = hand_ + 1 < places_made_ ? hand_ + 1 : 0;
      Entry& entry = EntryAt(hand_);
      if (!entry.used || calls_ - entry.given < kGraceful || std::exchange(entry.recent, false)) {
        continue;
      }
      if (entry.dirty) {
        write(entry);
        entry.dirty = false;
      }
      Remove(entry);
    }
    if (dirty_.size() > 4 * size_ + kChunk) {  // mostly of entries that are gone
      std::erase_if(dirty_, [](const Entry* entry) { return !entry->dirty; });
    }
  }

  std::size_t bytes() const { return bytes_; }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
  static constexpr std::uint64_t kFree = 0;
  static constexpr std::uint32_t kChunk = 256;
  static constexpr std::size_t kOverhead = sizeof(Entry) + 16;

  static std::uint64_t Mark(EventTime slice, std::uint64_t hash) {
    return (slice == 0 ? hash : FoldHash(hash, static_cast<std::uint64_t>(slice))) | (1ULL << 63);
  }
  Entry& EntryAt(std::uint32_t place) { return chunks_[place / kChunk][place % kChunk]; }

  std::size_t Locate(EventTime slice, const K& key, std::uint64_t mark) {
    if (marks_.empty()) {
      return kNowhere;
    }
    const auto last = marks_.size() - 1;
    for (auto at = mark & last; marks_[at] != kFree; at = (at + 1) & last) {
      if (marks_[at] == mark) {
        const Entry& entry = EntryAt(places_[at]);
        if (entry.slice == slice && entry.key == key) {
          return at;
        }
      }
    }
    return kNowhere;
  }
  std::size_t FreeFrom(std::uint64_t mark) const {
    const auto last = marks_.size() - 1;
    auto at = mark & last;
    while (marks_[at] != kFree) {
      at = (at + 1) & last;
    }
    return at;
  }
  // Those that were pushed past the hole move back, so that no probe ends too early.
  void Close(std::size_t hole) {
    const auto last = marks_.size() - 1;
    for (auto next = (hole + 1) & last; marks_[next] != kFree; next = (next + 1) & last) {
      const auto home = marks_[next] & last;
      if (((next - home) & last) >= ((next - hole) & last)) {
        marks_[hole] = marks_[next];
        places_[hole] = places_[next];
        hole = next;
      }
    }
    marks_[hole] = kFree;
  }
  void Grow() {
    const auto slots = marks_.empty() ? 64 : marks_.size() * 2;
    std::vector<std::uint64_t> marks(slots, kFree);
    std::vector<std::uint32_t> places(slots);
    marks.swap(marks_);
    places.swap(places_);
    for (std::size_t i = 0; i < marks.size(); ++i) {
      if (marks[i] != kFree) {
        const auto at = FreeFrom(marks[i]);
        marks_[at] = marks[i];
        places_[at] = places[i];
      }
    }
  }
  std::uint32_t TakePlace() {
    if (!free_.empty()) {
      const auto place = free_.back();
      free_.pop_back();
      return place;
    }
    if (places_made_ % kChunk == 0) {
      chunks_.push_back(std::make_unique<Entry[]>(kChunk));
    }
    return places_made_++;
  }

  std::vector<std::uint64_t> marks_;
  std::vector<std::uint32_t> places_;
  std::vector<std::unique_ptr<Entry[]>> chunks_;
  std::vector<std::uint32_t> free_;
  std::vector<Entry*> dirty_;
  std::uint32_t places_made_ = 0;
  std::uint32_t hand_ = 0;
  std::uint32_t calls_ = 0;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace streampark::core
