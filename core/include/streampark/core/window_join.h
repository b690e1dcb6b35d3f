// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "streampark/core/flat_map.h"
#include "streampark/core/keyed_states.h"
#include "streampark/core/time_slices.h"
#include "streampark/core/window_operator.h"

namespace streampark::core {

/// Which rows a window's join gives beside those that met: those of the first, the second or both streams that met none.
enum class JoinKind : std::uint8_t { kInner, kLeft, kRight, kFull };

/// Joins the rows of one key in each tumbling or sliding window when it ends. Rows lie once in slices that windows share. Rows that
/// come after their last window are dropped and counted.
template <typename K, typename A, typename KeyA, typename B, typename KeyB, typename F,
          typename Result, JoinKind kKind>
class WindowJoinOperator final : public TwoInputOperator {
 public:
  WindowJoinOperator(TimeWindows windows, KeyA key_a, KeyB key_b, F join)
      : times_(windows),
        key_a_(std::move(key_a)),
        key_b_(std::move(key_b)),
        join_(std::move(join)) {}

  void Open(OperatorContext& context) override {
    times_.Require(context.restored());
    TwoInputOperator::Open(context);
    out_.Open(context.output());
    fired_ = RestoreWatermark(context.restored());
    slices_.Open(context, kState);
    KeyedSections<std::pair<K, EventTime>, Pane>::Read(
        context.restored(), kState, [&](std::pair<K, EventTime> key, Pane pane) {
          slices_.Of(key.second).FindOrAdd(key.first, HashKey(key.first)) = std::move(pane);
        });
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
    using Sections = KeyedSections<std::pair<K, EventTime>, Pane>;
    const int groups = context().key_groups();
    slices_.template WriteSections<Sections>(
        into, kState, [&](Sections& sections, EventTime end, const K& key, const Pane& pane) {
          sections.Add({key, end}, pane, HashKey(key), groups);
        });
    SaveWatermark(into, fired_);
    times_.Save(into);
  }

 protected:
  void AdvanceBoth(EventTime watermark) override {
    if (watermark > fired_) {
      for (const auto end : times_.EndsBetween(slices_.all(), fired_, watermark)) {
        Fire(end);
      }
      fired_ = watermark;
      while (!slices_.empty() && Expired(slices_.begin()->first)) {
        slices_.EraseFirst();
      }
      out_.Flush();
    }
    TwoInputOperator::AdvanceBoth(watermark);
  }

 private:
  static constexpr const char* kState = "rows";
  using Pane = std::pair<std::vector<A>, std::vector<B>>;
  using Met = std::pair<std::vector<const A*>, std::vector<const B*>>;

  bool Expired(EventTime slice_end) const { return times_.LastWindowEnd(slice_end) - 1 <= fired_; }

  Pane* PaneOf(const K& key, EventTime time) {
    RequireEventTime(time, "on both streams before the join");
    const auto end = times_.SliceEnd(time);
    if (times_.InNone(end)) {
      return nullptr;
    }
    if (Expired(end)) {
      context().CountDropped();
      return nullptr;
    }
    return &slices_.Of(end).FindOrAdd(key, HashKey(key));
  }
  void Fire(EventTime end) {
    std::deque<Pane> read;  // from disk: there a pane is lent for its visit alone
    FlatMap<K, Met> window;
    slices_.ForEachInParts(
        end - times_.size, end,
        [&](const K& key, const Pane& seen) {
          const Pane& pane = slices_.on_disk() ? read.emplace_back(seen) : seen;
          auto& [first, second] = window.FindOrAdd(key, HashKey(key));
          for (const auto& row : pane.first) {
            first.push_back(&row);
          }
          for (const auto& row : pane.second) {
            second.push_back(&row);
          }
        },
        [&] {
          window.ForEach([&](const K& /*key*/, const Met& met) { JoinAll(end, met); });
          window.Clear();
          read.clear();
        });
  }
  void JoinAll(EventTime end, const Met& met) {
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
  }
  void Join(EventTime end, const A* a, const B* b) {
    auto& result = out_.Add(end - 1);
    if constexpr (kKind == JoinKind::kInner) {
      result = join_(*a, *b);
    } else {
      result = join_(a, b);
    }
  }

  const TimeSlices times_;
  KeyA key_a_;
  KeyB key_b_;
  F join_;
  SlicedTable<K, Pane> slices_;
  EventTime fired_ = kBeginningOfTime;  // all windows up to it
  Collector<Result> out_;
};

}  // namespace streampark::core
