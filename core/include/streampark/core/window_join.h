// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "streampark/core/bytes.h"
#include "streampark/core/flat_map.h"
#include "streampark/core/keyed_states.h"
#include "streampark/core/window_operator.h"

namespace streampark::core {

/// Which rows a window's join gives beside those that met: those of the first, the second or both streams that met none.
enum class JoinKind : std::uint8_t { kInner, kLeft, kRight, kFull };

/// Joins the rows of one key in each tumbling or sliding window when it ends. Rows lie once in slices that windows share. Rows that
/// come after their last window are dropped.
template <typename K, typename A, typename KeyA, typename B, typename KeyB, typename F,
          typename Result, JoinKind kKind>
class WindowJoinOperator final : public TwoInputOperator {
 public:
  WindowJoinOperator(TimeWindows windows, KeyA key_a, KeyB key_b, F join)
      : size_(windows.size.count()),
        slide_(windows.slide.count()),
        times_(windows),
        key_a_(std::move(key_a)),
        key_b_(std::move(key_b)),
        join_(std::move(join)) {}

  void Open(OperatorContext& context) override {
    RequirePositive(size_, "The size of a window");
    RequirePositive(slide_, "The slide of a window");
    TwoInputOperator::Open(context);
    KeyedSections<std::pair<K, EventTime>, Pane>::Read(
        context.restored(), kState, [&](std::pair<K, EventTime> key, Pane pane) {
          slices_[key.second].FindOrAdd(key.first, HashKey(key.first)) = std::move(pane);
        });
    bool first = true;
    for (const auto bytes : context.restored().Elements(kWatermark)) {
      const auto restored = ByteReader(bytes).Fixed<EventTime>();
      fired_ = first ? restored : std::min(fired_, restored);
      first = false;
    }
  }
  void Process(int input, AnyRows& any) override {
    Active(input);
    if (input == 0) {
      auto& rows = static_cast<Rows<A>&>(any);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        if (auto* pane = PaneOf(key_a_(std::as_const(rows.row(i))), rows.time(i))) {
          pane->first.push_back(std::move(rows.row(i)));
        }
      }
    } else {
      auto& rows = static_cast<Rows<B>&>(any);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        if (auto* pane = PaneOf(key_b_(std::as_const(rows.row(i))), rows.time(i))) {
          pane->second.push_back(std::move(rows.row(i)));
        }
      }
    }
  }
  void Snapshot(OperatorSnapshot& into) override {
    KeyedSections<std::pair<K, EventTime>, Pane> sections;
    for (const auto& [end, keys] : slices_) {
      keys.ForEach([&, end = end](const K& key, const Pane& pane) {
        sections.Add({key, end}, pane, HashKey(key), context().key_groups());
      });
    }
    sections.WriteTo(into, kState);
    ByteWriter watermark;
    watermark.Fixed(fired_);
    into.AddElement(kWatermark, Redistribution::kUnion, watermark.Take());
  }

 protected:
  void AdvanceBoth(EventTime watermark) override {
    if (watermark > fired_) {
      for (const auto end : EndsUpTo(watermark)) {
        Fire(end);
      }
      fired_ = watermark;
      while (!slices_.empty() && Expired(slices_.begin()->first)) {
        slices_.erase(slices_.begin());
      }
      EmitAll();
    }
    TwoInputOperator::AdvanceBoth(watermark);
  }

 private:
  static constexpr const char* kState = "rows";
  static constexpr const char* kWatermark = "watermark";
  using Pane = std::pair<std::vector<A>, std::vector<B>>;
  using Met = std::pair<std::vector<const A*>, std::vector<const B*>>;

  bool Expired(EventTime slice_end) const { return times_.LastWindowEnd(slice_end) - 1 <= fired_; }

  Pane* PaneOf(const K& key, EventTime time) {
    if (time == kBeginningOfTime) {
      throw TaskFailure(
          base::Error(base::ErrorCode::kValidationFailed, "A row has no event time.")
              .WithHint("call Watermarks(field, strategy) on both streams before the join"));
    }
    const auto end = times_.SliceEnd(time);
    return Expired(end) ? nullptr : &slices_[end].FindOrAdd(key, HashKey(key));
  }
  std::set<EventTime> EndsUpTo(EventTime watermark) const {
    std::set<EventTime> ends;
    for (const auto& [slice_end, keys] : slices_) {
      if (slice_end - 1 > watermark) {
        break;
      }
      for (auto end = times_.FirstWindowEnd(slice_end);
           end <= times_.LastWindowEnd(slice_end) && end - 1 <= watermark; end += slide_) {
        if (end - 1 > fired_) {
          ends.insert(end);
        }
      }
    }
    return ends;
  }
  void Fire(EventTime end) {
    FlatMap<K, Met> window;
    for (auto slice = slices_.upper_bound(end - size_);
         slice != slices_.end() && slice->first <= end; ++slice) {
      slice->second.ForEach([&](const K& key, const Pane& pane) {
        auto& [first, second] = window.FindOrAdd(key, HashKey(key));
        for (const auto& row : pane.first) {
          first.push_back(&row);
        }
        for (const auto& row : pane.second) {
          second.push_back(&row);
        }
      });
    }
    window.ForEach([&](const K& /*key*/, const Met& met) {
      if (met.second.empty() && (kKind == JoinKind::kLeft || kKind == JoinKind::kFull)) {
        for (const auto* a : met.first) {
          Join(end, a, nullptr);
        }
      }
      if (met.first.empty() && (kKind == JoinKind::kRight || kKind == JoinKind::kFull)) {
        for (const auto* b : met.second) {
          Join(end, nullptr, b);
        }
      }
      for (const auto* a : met.first) {
        for (const auto* b : met.second) {
          Join(end, a, b);
        }
      }
    });
  }
  void Join(EventTime end, const A* a, const B* b) {
    if (out_.full()) {
      EmitAll();
    }
    auto& result = out_.Add(end - 1);
    if constexpr (kKind == JoinKind::kInner) {
      result = join_(*a, *b);
    } else {
      result = join_(a, b);
    }
  }
  void EmitAll() {
    if (!out_.empty()) {
      context().output().Emit(out_);
      out_.Clear();
    }
  }

  const EventTime size_;
  const EventTime slide_;
  const TimeSlices times_;
  KeyA key_a_;
  KeyB key_b_;
  F join_;
  std::map<EventTime, FlatMap<K, Pane>> slices_;  // by their ends
  EventTime fired_ = kBeginningOfTime;            // all windows up to it
  Rows<Result> out_;
};

}  // namespace streampark::core
