// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "streampark/core/key_hash.h"

namespace streampark::core {

/// A hash map for keyed state: open addressing with linear probing, hashes kept beside the entries, deletion by shifting back.
/// Callers give the key's hash, which they have from routing. Pointers to values are good until the next change.
/// Not thread-safe.
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
    const auto at = Locate(key, Mark(hash));
    return at == kNowhere ? nullptr : &entries_[at].value;
  }
  const V* Find(const K& key, std::uint64_t hash) const {
    return const_cast<FlatMap*>(this)->Find(key, hash);
  }

  /// The value of the key; a new one is V{}, and `added` says so.
  V& FindOrAdd(const K& key, std::uint64_t hash, bool* added = nullptr) {
    const auto mark = Mark(hash);
    auto at = Locate(key, mark);
    if (added != nullptr) {
      *added = at == kNowhere;
    }
    if (at == kNowhere) {
      if ((size_ + 1) * 8 > marks_.size() * 7) {
        Grow();
      }
      at = FreeFrom(mark);
      marks_[at] = mark;
      entries_[at].key = key;
      entries_[at].value = V{};
      ++size_;
    }
    return entries_[at].value;
  }

  bool Erase(const K& key, std::uint64_t hash) {
    auto hole = Locate(key, Mark(hash));
    if (hole == kNowhere) {
      return false;
    }
    // Entries that were pushed past the hole move back, so that no probe ends too early.
    const auto last = marks_.size() - 1;
    for (auto next = (hole + 1) & last; marks_[next] != kFree; next = (next + 1) & last) {
      const auto home = marks_[next] & last;
      if (((next - home) & last) >= ((next - hole) & last)) {
        marks_[hole] = marks_[next];
        entries_[hole] = std::move(entries_[next]);
        hole = next;
      }
    }
    marks_[hole] = kFree;
    entries_[hole] = Entry{};
    --size_;
    return true;
  }

  void Clear() { *this = FlatMap(); }

  /// Calls `visit(key, value)` for each entry, in no order.
  template <typename Visitor>
  void ForEach(Visitor&& visit) {
    for (std::size_t i = 0; i < marks_.size(); ++i) {
      if (marks_[i] != kFree) {
        visit(std::as_const(entries_[i].key), entries_[i].value);
      }
    }
  }
  template <typename Visitor>
  void ForEach(Visitor&& visit) const {
    for (std::size_t i = 0; i < marks_.size(); ++i) {
      if (marks_[i] != kFree) {
        visit(entries_[i].key, entries_[i].value);
      }
    }
  }

 private:
  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
  static constexpr std::uint64_t kFree = 0;

  static std::uint64_t Mark(std::uint64_t hash) { return hash | (1ULL << 63); }

  std::size_t Locate(const K& key, std::uint64_t mark) const {
    if (marks_.empty()) {
      return kNowhere;
    }
    const auto last = marks_.size() - 1;
    for (auto at = mark & last; marks_[at] != kFree; at = (at + 1) & last) {
      if (marks_[at] == mark && entries_[at].key == key) {
        return at;
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
  void Grow() {
    const auto slots = marks_.empty() ? 16 : marks_.size() * 2;
    std::vector<std::uint64_t> marks(slots, kFree);
    std::vector<Entry> entries(slots);
    marks.swap(marks_);
    entries.swap(entries_);
    for (std::size_t i = 0; i < marks.size(); ++i) {
      if (marks[i] != kFree) {
        const auto at = FreeFrom(marks[i]);
        marks_[at] = marks[i];
        entries_[at] = std::move(entries[i]);
      }
    }
  }

  std::vector<std::uint64_t> marks_;
  std::vector<Entry> entries_;
  std::size_t size_ = 0;
};

}  // namespace streampark::core
