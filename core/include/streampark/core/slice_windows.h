// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <utility>

#include "streampark/core/aggregates.h"
#include "streampark/core/flat_map.h"
#include "streampark/core/keyed_states.h"
#include "streampark/core/time_slices.h"
#include "streampark/core/window_operator.h"

namespace streampark::core {

/// Tumbling and sliding windows, cut into slices that windows share: a row is added once, and a window that fires merges its slices
/// (as in "No pane, no gain", Li et al., SIGMOD Record 2005).
template <typename K, typename T, typename KeyOf, typename A>
class SliceWindowOperator final : public EventWindowOperator<T, Windowed<K, ResultOf<A>>> {
  using Base = EventWindowOperator<T, Windowed<K, ResultOf<A>>>;

 public:
  using Accumulator = AccumulatorOf<A>;

  SliceWindowOperator(TimeWindows windows, Lateness lateness, KeyOf key_of, A aggregate)
      : Base(std::move(lateness)),
        times_(windows),
        key_of_(std::move(key_of)),
        aggregate_(std::move(aggregate)) {}

  void Open(OperatorContext& context) override {
    times_.Require(context.restored());
    Base::Open(context);
    slices_.Open(context, kState);
    Sections::Read(context.restored(), kState, [&](std::pair<K, EventTime> key, Accumulator value) {
      slices_.Of(key.second).FindOrAdd(key.first, HashKey(key.first)) = std::move(value);
    });
  }
  void Snapshot(OperatorSnapshot& into) override {
    Base::Snapshot(into);
    times_.Save(into);
    const int groups = this->context().key_groups();
    slices_.template WriteSections<Sections>(
        into, kState,
        [&](Sections& sections, EventTime end, const K& key, const Accumulator& value) {
          sections.Add({key, end}, value, HashKey(key), groups);
        });
  }

 protected:
  void Add(const T& row, EventTime time) override {
    const auto end = times_.SliceEnd(time);
    if (times_.InNone(end)) {
      return;
    }
    if (this->Expired(times_.LastWindowEnd(end))) {
      this->Late(row, time);
      return;
    }
    if (current_ == nullptr || current_end_ != end) {
      current_ = &slices_.Of(end);
      current_end_ = end;
    }
    const K& key = key_of_(row);
    const auto hash = HashKey(key);
    bool added = false;
    auto& accumulator = current_->FindOrAdd(key, hash, &added);
    if (added) {
      accumulator = aggregate_.Create();
    }
    aggregate_.Add(accumulator, row);
    for (auto window = times_.FirstWindowEnd(end);
         window <= times_.LastWindowEnd(end) && this->Ended(window); window += times_.slide) {
      if (!this->Expired(window)) {
        FireKey(window, key, hash);
      }
    }
  }
  void FireDue(EventTime before) override {
    for (const auto end : times_.EndsBetween(slices_.all(), before, this->watermark())) {
      Fire(end);
    }
    while (!slices_.empty() && this->Expired(times_.LastWindowEnd(slices_.begin()->first))) {
      slices_.EraseFirst();
    }
    current_ = nullptr;
  }

 private:
  static constexpr const char* kState = "windows";
  using Sections = KeyedSections<std::pair<K, EventTime>, Accumulator>;
  using Slice = KeyedTable<K, Accumulator>;

  void FireKey(EventTime end, const K& key, std::uint64_t hash) {
    auto merged = aggregate_.Create();
    for (auto slice = slices_.upper_bound(end - times_.size);
         slice != slices_.end() && slice->first <= end; ++slice) {
      if (const auto* part = slice->second.Find(key, hash)) {
        aggregate_.Merge(merged, *part);
      }
    }
    Emit(end, key, merged);
  }
  void Fire(EventTime end) {
    if (times_.size == times_.slice) {
      slices_.at(end).ForEach(
          [&](const K& key, const Accumulator& value) { Emit(end, key, value); });
      return;
    }
    FlatMap<K, Accumulator> merged;
    slices_.ForEachInParts(
        end - times_.size, end,
        [&](const K& key, const Accumulator& part) {
          bool added = false;
          auto& into = merged.FindOrAdd(key, HashKey(key), &added);
          if (added) {
            into = part;
          } else {
            aggregate_.Merge(into, part);
          }
        },
        [&] {
          merged.ForEach([&](const K& key, const Accumulator& value) { Emit(end, key, value); });
          merged.Clear();
        });
  }
  void Emit(EventTime end, const K& key, const Accumulator& value) {
    auto& row = this->out().Add(end - 1);
    row.key = key;
    row.start = ToTimestamp(end - times_.size);
    row.end = ToTimestamp(end);
    row.value = aggregate_.Get(value);
  }

  const TimeSlices times_;
  KeyOf key_of_;
  A aggregate_;
  SlicedTable<K, Accumulator> slices_;
  Slice* current_ = nullptr;  // rows come in runs of one slice
  EventTime current_end_ = 0;
};

}  // namespace streampark::core
