// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "streampark/core/aggregates.h"
#include "streampark/core/flat_map.h"
#include "streampark/core/keyed_states.h"
#include "streampark/core/operator.h"
#include "streampark/core/record.h"
#include "streampark/core/side_output.h"

namespace streampark {

/// Windows of event time that begin each `slide` and last `size`; tumbling ones when the two are equal. `offset` moves the beginnings
/// away from the epoch.
struct TimeWindows {
  std::chrono::milliseconds size;
  std::chrono::milliseconds slide;
  std::chrono::milliseconds offset{0};
};
/// Windows that last until nothing has come for a key during `gap`.
struct SessionWindows {
  std::chrono::milliseconds gap;
};
/// Windows of the last `rows` rows of a key, each `slide` rows. What does not fill a slide is never seen.
struct CountWindows {
  std::int64_t rows;
  std::int64_t slide;
};

inline TimeWindows Tumbling(std::chrono::milliseconds size, std::chrono::milliseconds offset = {}) {
  return {size, size, offset};
}
inline TimeWindows Sliding(std::chrono::milliseconds size, std::chrono::milliseconds slide,
                           std::chrono::milliseconds offset = {}) {
  return {size, slide, offset};
}
inline SessionWindows Session(std::chrono::milliseconds gap) { return {gap}; }
inline CountWindows CountOf(std::int64_t rows) { return {rows, rows}; }
inline CountWindows CountOf(std::int64_t rows, std::int64_t slide) { return {rows, slide}; }

/// When a window of time fires before its end: with each so many rows of a key, or, where rows have come, at the next whole multiple of
/// an interval of processing time.
struct EarlyFiring {
  std::int64_t rows = 0;                  // 0: not by rows
  std::chrono::milliseconds interval{0};  // 0: not by time
};
inline EarlyFiring EveryRows(std::int64_t rows) { return {.rows = rows}; }
inline EarlyFiring Every(std::chrono::milliseconds interval) { return {.interval = interval}; }

/// One result of a window: [start, end) of one key.
template <typename K, typename V>
struct Windowed {
  K key;
  Timestamp start;
  Timestamp end;
  V value;

  bool operator==(const Windowed&) const = default;
};

template <typename K, typename V>
constexpr auto StreamparkFields(const Windowed<K, V>*) {
  using W = Windowed<K, V>;
  return std::make_tuple(
      core::MakeRecordField("key", &W::key), core::MakeRecordField("start", &W::start),
      core::MakeRecordField("end", &W::end), core::MakeRecordField("value", &W::value));
}

namespace core {

/// What becomes of rows that come after their window has fired.
struct Lateness {
  /// So long after its end a window is kept, and fires again with each late row.
  std::chrono::milliseconds allowed{0};
  /// The side stream for what is later still; empty: it is dropped and counted.
  std::string side;
};

/// When and what windows of time fire, where it is more than their whole at their end.
struct Firing {
  EarlyFiring early;
  /// What a firing leaves to the next one of the same window.
  enum class After : std::uint8_t { kAccumulate, kDiscard } after = After::kAccumulate;
  bool only_at_end() const {
    return early.rows == 0 && early.interval.count() == 0 && after == After::kAccumulate;
  }
};

/// Where slices and windows of time begin and end. A slice is as long as the greatest common divisor of size and slide.
struct TimeSlices {
  explicit TimeSlices(TimeWindows windows)
      : size(windows.size.count()),
        slide(windows.slide.count()),
        offset(windows.offset.count()),
        slice(std::gcd(size, slide)) {}

  EventTime size;
  EventTime slide;
  EventTime offset;
  EventTime slice;

  EventTime SliceEnd(EventTime time) const {
    return FloorTo(time - offset, slice) + offset + slice;
  }
  // Windows begin at multiples of the slide. Those with a slice begin at most `size` before its end, and no later than it does.
  EventTime FirstWindowEnd(EventTime slice_end) const {
    return FloorTo(slice_end - size - offset + slide - 1, slide) + offset + size;
  }
  EventTime LastWindowEnd(EventTime slice_end) const {
    return FloorTo(slice_end - slice - offset, slide) + offset + size;
  }

 private:
  static EventTime FloorTo(EventTime time, EventTime step) {
    const auto rest = time % step;
    return time - (rest < 0 ? rest + step : rest);
  }
};

/// Tumbling and sliding windows, cut into slices that windows share: a row is added once, and a window that fires merges its slices
/// (as in "No pane, no gain", Li et al., SIGMOD Record 2005).
template <typename K, typename T, typename KeyOf, typename A>
class SliceWindowOperator final : public OneInputOperator {
 public:
  using Out = Windowed<K, ResultOf<A>>;
  using Accumulator = AccumulatorOf<A>;

  SliceWindowOperator(TimeWindows windows, Lateness lateness, KeyOf key_of, A aggregate)
      : times_(windows),
        lateness_(std::move(lateness)),
        key_of_(std::move(key_of)),
        aggregate_(std::move(aggregate)) {}

  void Open(OperatorContext& context) override {
    OneInputOperator::Open(context);
    sides_.emplace(context);
    KeyedSections<std::pair<K, EventTime>, Accumulator>::Read(
        context.restored(), kState, [&](std::pair<K, EventTime> key, Accumulator value) {
          slices_[key.second].FindOrAdd(key.first, HashKey(key.first)) = std::move(value);
        });
    for (const auto& bytes : context.restored().Elements(kWatermark)) {
      // The least of all subtasks: none may take a window for fired that another had not seen the end of.
      const auto restored = ByteReader(bytes).Fixed<EventTime>();
      watermark_ = have_watermark_ ? std::min(watermark_, restored) : restored;
      have_watermark_ = true;
    }
  }

  void Process(int /*input*/, AnyRows& any) override {
    auto& rows = static_cast<Rows<T>&>(any);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      Add(rows.row(i), rows.time(i));
    }
    EmitAll();
    sides_->Flush();
  }

  void Advance(int /*input*/, EventTime watermark) override {
    if (watermark > watermark_) {
      FireUpTo(watermark);
      watermark_ = watermark;
      DropExpired();
      EmitAll();
    }
    context().output().Advance(watermark);
  }

  void Snapshot(OperatorSnapshot& into) override {
    KeyedSections<std::pair<K, EventTime>, Accumulator> sections;
    for (const auto& [end, keys] : slices_) {
      keys.ForEach([&, end = end](const K& key, const Accumulator& value) {
        sections.Add({key, end}, value, HashKey(key), context().key_groups());
      });
    }
    sections.WriteTo(into, kState);
    ByteWriter watermark;
    watermark.Fixed(watermark_);
    into.AddElement(kWatermark, Redistribution::kUnion, watermark.Take());
  }

 private:
  static constexpr const char* kState = "windows";
  static constexpr const char* kWatermark = "watermark";
  using Slice = FlatMap<K, Accumulator>;

  bool Expired(EventTime slice_end) const {
    return times_.LastWindowEnd(slice_end) - 1 + lateness_.allowed.count() <= watermark_;
  }

  void Add(const T& row, EventTime time) {
    if (time == kBeginningOfTime) {
      throw TaskFailure(
          base::Error(base::ErrorCode::kValidationFailed, "A row has no event time.")
              .WithHint("call Watermarks(field, strategy) on the stream before the window"));
    }
    const auto end = times_.SliceEnd(time);
    if (watermark_ != kBeginningOfTime && Expired(end)) {
      if (!lateness_.side.empty()) {
        auto& late = sides_->Of(SideOutput<T>{lateness_.side});
        late.SetTime(time);
        late.Emit(row);
      }
      return;
    }
    if (current_ == nullptr || current_end_ != end) {
      current_ = &slices_[end];
      current_end_ = end;
    }
    const K key = key_of_(row);
    const auto hash = HashKey(key);
    bool added = false;
    auto& accumulator = current_->FindOrAdd(key, hash, &added);
    if (added) {
      accumulator = aggregate_.Create();
    }
    aggregate_.Add(accumulator, row);
    if (watermark_ != kBeginningOfTime) {
      for (auto window = times_.FirstWindowEnd(end);
           window <= times_.LastWindowEnd(end) && window - 1 <= watermark_;
           window += times_.slide) {
        if (window - 1 + lateness_.allowed.count() > watermark_) {
          FireKey(window, key, hash);
        }
      }
    }
  }

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

  void FireUpTo(EventTime watermark) {
    std::set<EventTime> ends;
    for (const auto& [slice_end, keys] : slices_) {
      if (slice_end - 1 > watermark) {
        break;
      }
      for (auto end = times_.FirstWindowEnd(slice_end);
           end <= times_.LastWindowEnd(slice_end) && end - 1 <= watermark; end += times_.slide) {
        if (end - 1 > watermark_ || watermark_ == kBeginningOfTime) {
          ends.insert(end);
        }
      }
    }
    for (const auto end : ends) {
      Fire(end);
    }
  }

  void Fire(EventTime end) {
    if (times_.size == times_.slice) {
      slices_.at(end).ForEach(
          [&](const K& key, const Accumulator& value) { Emit(end, key, value); });
      return;
    }
    Slice merged;
    for (auto slice = slices_.upper_bound(end - times_.size);
         slice != slices_.end() && slice->first <= end; ++slice) {
      slice->second.ForEach([&](const K& key, const Accumulator& part) {
        bool added = false;
        auto& into = merged.FindOrAdd(key, HashKey(key), &added);
        if (added) {
          into = part;
        } else {
          aggregate_.Merge(into, part);
        }
      });
    }
    merged.ForEach([&](const K& key, const Accumulator& value) { Emit(end, key, value); });
  }

  void Emit(EventTime end, const K& key, const Accumulator& value) {
    auto& row = out_.Add(end - 1);
    row.key = key;
    row.start = ToTimestamp(end - times_.size);
    row.end = ToTimestamp(end);
    row.value = aggregate_.Get(value);
    if (out_.full()) {
      EmitAll();
    }
  }
  void EmitAll() {
    if (!out_.empty()) {
      context().output().Emit(out_);
      out_.Clear();
    }
  }
  void DropExpired() {
    while (!slices_.empty() && Expired(slices_.begin()->first)) {
      slices_.erase(slices_.begin());
    }
    current_ = nullptr;
  }

  const TimeSlices times_;
  const Lateness lateness_;
  KeyOf key_of_;
  A aggregate_;
  std::map<EventTime, Slice> slices_;  // by their ends
  Slice* current_ = nullptr;           // rows come in runs of one slice
  EventTime current_end_ = 0;
  EventTime watermark_ = kBeginningOfTime;
  bool have_watermark_ = false;
  Rows<Out> out_;
  std::optional<SideCollectors> sides_;
};

}  // namespace core
}  // namespace streampark
