// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "streampark/core/disk_table.h"
#include "streampark/core/flat_map.h"
#include "streampark/core/operator.h"
#include "streampark/core/snapshot.h"

/// Containers of keyed state that lie in memory, or in the store of their subtask when it has one: the seam between operators and
/// backends.
namespace streampark::core {

/// Values by key. In memory it is a FlatMap; pointers are good until the next change there, and for a few calls on disk.
template <typename K, typename V, typename C = Codec<V>>
class KeyedTable {
 public:
  using Disk = DiskTable<K, V, C>;

  /// In memory until it is opened.
  void Open(OperatorContext& context, std::string_view state) {
    if (context.disk_states() != nullptr) {
      own_ = std::make_unique<Disk>(context, state, StateLayout::kByKey);
      disk_ = own_.get();
    }
  }
  /// The part of a table that is cut into slices.
  void OpenSlice(Disk* disk, EventTime slice) {
    disk_ = disk;
    slice_ = slice;
  }
  Disk* disk() const { return disk_; }

  const V* Find(const K& key, std::uint64_t hash) const {
    return disk_ == nullptr ? heap_.Find(key, hash) : disk_->Find(slice_, key, hash);
  }
  V* FindToChange(const K& key, std::uint64_t hash) {
    return disk_ == nullptr ? heap_.Find(key, hash) : disk_->FindToChange(slice_, key, hash);
  }
  V& FindOrAdd(const K& key, std::uint64_t hash, bool* added = nullptr) {
    return disk_ == nullptr ? heap_.FindOrAdd(key, hash, added)
                            : disk_->FindOrAdd(slice_, key, hash, added);
  }
  bool Erase(const K& key, std::uint64_t hash) {
    return disk_ == nullptr ? heap_.Erase(key, hash) : disk_->Erase(slice_, key, hash);
  }
  /// Calls `visit(key, value)` for each entry, in no order. A visitor that takes `V&` may change values.
  template <typename Visit>
  void ForEach(Visit&& visit) {
    if (disk_ == nullptr) {
      heap_.ForEach(visit);
    } else {
      disk_->ForEach(slice_, visit);
    }
  }

  /// The canonical sections of it: `add(sections, key, value)`. On disk a key group at a time; and nothing when the backend keeps it.
  template <typename Sections, typename Add>
  void WriteSections(OperatorSnapshot& into, std::string_view state, Add&& add) {
    if (disk_ == nullptr) {
      Sections sections;
      heap_.ForEach([&](const K& key, const V& value) { add(sections, key, value); });
      sections.WriteTo(into, state);
    } else if (into.form == OperatorSnapshot::Form::kCanonical) {
      Sections sections;
      sections.WriteTo(into, state);  // describes it, if it is empty
      disk_->ForEachByGroup(
          kBeginningOfTime, kEndOfTime,
          [&](EventTime, const K& key, const V& value) { add(sections, key, value); },
          [&] { sections.WriteTo(into, state); });
    }
  }

 private:
  FlatMap<K, V> heap_;
  Disk* disk_ = nullptr;
  EventTime slice_ = 0;
  std::unique_ptr<Disk> own_;
};

/// Values by slice and key; slices in the order of their ends.
template <typename K, typename V, typename C = Codec<V>>
class SlicedTable {
 public:
  using Slice = KeyedTable<K, V, C>;
  using Slices = std::map<EventTime, Slice>;

  void Open(OperatorContext& context, std::string_view state) {
    if (context.disk_states() != nullptr) {
      disk_ = std::make_unique<typename Slice::Disk>(context, state, StateLayout::kBySlice);
      const auto written = disk_->written_slices();
      for (const auto slice : written) {
        Of(slice);
      }
    }
  }

  /// Made when it is not there.
  Slice& Of(EventTime end) {
    const auto [at, made] = slices_.try_emplace(end);
    if (made && disk_) {
      at->second.OpenSlice(disk_.get(), end);
    }
    return at->second;
  }
  const Slices& all() const { return slices_; }
  bool on_disk() const { return disk_ != nullptr; }
  bool empty() const { return slices_.empty(); }
  auto begin() { return slices_.begin(); }
  auto end() { return slices_.end(); }
  auto find(EventTime end) { return slices_.find(end); }
  auto upper_bound(EventTime end) { return slices_.upper_bound(end); }
  Slice& at(EventTime end) { return slices_.at(end); }
  void EraseFirst() {
    if (disk_) {
      disk_->EraseSlice(slices_.begin()->first);
    }
    slices_.erase(slices_.begin());
  }

  /// The entries of the slices with ends in (after, last], in parts that fit into memory with no key in two of them: `visit(key, value)`
  /// for each, `done()` after each part.
  template <typename Visit, typename Done>
  void ForEachInParts(EventTime after, EventTime last, Visit&& visit, Done&& done) {
    if (disk_) {
      disk_->ForEachByGroup(
          after, last, [&](EventTime, const K& key, const V& value) { visit(key, value); }, done);
      return;
    }
    for (auto slice = slices_.upper_bound(after); slice != slices_.end() && slice->first <= last;
         ++slice) {
      slice->second.ForEach(visit);
    }
    done();
  }

  /// See KeyedTable: `add(sections, slice's end, key, value)`.
  template <typename Sections, typename Add>
  void WriteSections(OperatorSnapshot& into, std::string_view state, Add&& add) {
    if (!disk_) {
      Sections sections;
      for (auto& [end, slice] : slices_) {
        slice.ForEach(
            [&, end = end](const K& key, const V& value) { add(sections, end, key, value); });
      }
      sections.WriteTo(into, state);
    } else if (into.form == OperatorSnapshot::Form::kCanonical) {
      Sections sections;
      sections.WriteTo(into, state);
      disk_->ForEachByGroup(
          kBeginningOfTime, kEndOfTime,
          [&](EventTime end, const K& key, const V& value) { add(sections, end, key, value); },
          [&] { sections.WriteTo(into, state); });
    }
  }

 private:
  std::unique_ptr<typename Slice::Disk> disk_;
  Slices slices_;
};

}  // namespace streampark::core
