// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "streampark/core/disk_timers.h"
#include "streampark/core/keyed_states.h"
#include "streampark/core/operator.h"
#include "streampark/core/window_operator.h"

namespace streampark::core {

/// The rows of one side of a join with their times; a type each even where both sides have the same rows.
template <typename T, int kSide>
struct JoinSide {
  static constexpr int kIndex = kSide;
  std::vector<std::pair<EventTime, T>> rows;
};

/// Joins rows of one key whose times are near: a at t with each b in [t + lower, t + upper]. A result's time is the later of the two.
/// Late rows are dropped and counted. A row is kept until the watermark says that nothing can meet it any more, as on Flink.
///
/// Rows lie sorted by time; they mostly come so. A key with rows has one wake-up, when its first row can go.
template <typename K, typename A, typename KeyA, typename B, typename KeyB, typename F,
          typename Result>
class IntervalJoinOperator final : public TwoInputOperator {
 public:
  IntervalJoinOperator(EventTime lower, EventTime upper, KeyA key_a, KeyB key_b, F join)
      : lower_(lower),
        upper_(upper),
        key_a_(std::move(key_a)),
        key_b_(std::move(key_b)),
        join_(std::move(join)) {}

  void Open(OperatorContext& context) override {
    TwoInputOperator::Open(context);
    out_.Open(context.output());
    kept_.Open(context, kRows);
    if (auto* states = context.disk_states()) {
      disk_wake_ups_ =
          std::make_unique<DiskTimers<K>>(*states, context.name(), kWakeUps, context.key_groups());
    }
    Restore<First>(context, kFirst);
    Restore<Second>(context, kSecond);
  }

  void Process(int input, AnyRows& any) override {
    Active(input);
    if (input == 0) {
      auto& rows = static_cast<Rows<A>&>(any);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        Add<First>(key_a_(std::as_const(rows.row(i))), rows.row(i), rows.time(i));
      }
    } else {
      auto& rows = static_cast<Rows<B>&>(any);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        Add<Second>(key_b_(std::as_const(rows.row(i))), rows.row(i), rows.time(i));
      }
    }
    out_.Flush();
  }

  void Snapshot(OperatorSnapshot& into) override {
    WriteSide<First>(into, kFirst);
    WriteSide<Second>(into, kSecond);
  }

 protected:
  void AdvanceBoth(EventTime watermark) override {
    while (!wake_ups_.empty() && wake_ups_.top().at <= watermark) {
      const auto due = wake_ups_.top();
      wake_ups_.pop();
      Wake(due.at, due.key, due.hash, watermark);
    }
    if (disk_wake_ups_) {
      disk_wake_ups_->FireUpTo(watermark, [&](EventTime at, const K& key, std::uint64_t hash) {
        Wake(at, key, hash, watermark);
      });
    }
    TwoInputOperator::AdvanceBoth(watermark);
  }

 private:
  static constexpr const char* kFirst = "first";
  static constexpr const char* kSecond = "second";
  // On disk both sides are one state; the wake-ups can be made from it, and are in no savepoint.
  static constexpr const char* kRows = "_rows";
  static constexpr const char* kWakeUps = "_wake-ups";

  using First = JoinSide<A, 0>;
  using Second = JoinSide<B, 1>;

  struct Kept {
    std::tuple<First, Second> sides;
    EventTime wake_up = kEndOfTime;
  };
  struct KeptCodec {
    using FirstRows = Codec<decltype(First::rows)>;
    using SecondRows = Codec<decltype(Second::rows)>;
    static Shape Describe() {
      return Codec<
          std::tuple<decltype(First::rows), decltype(Second::rows), EventTime>>::Describe();
    }
    static void Write(ByteWriter& out, const Kept& kept) {
      FirstRows::Write(out, std::get<0>(kept.sides).rows);
      SecondRows::Write(out, std::get<1>(kept.sides).rows);
      out.Fixed(kept.wake_up);
    }
    static void Read(ByteReader& in, Kept& kept) {
      FirstRows::Read(in, std::get<0>(kept.sides).rows);
      SecondRows::Read(in, std::get<1>(kept.sides).rows);
      kept.wake_up = in.Fixed<EventTime>();
    }
    static void ReadAs(const Shape& from, ByteReader& in, Kept& kept) {
      FirstRows::ReadAs(from.children[0], in, std::get<0>(kept.sides).rows);
      SecondRows::ReadAs(from.children[1], in, std::get<1>(kept.sides).rows);
      kept.wake_up = in.Fixed<EventTime>();
    }
  };
  struct WakeUpEntry {
    EventTime at = 0;
    std::uint64_t hash = 0;
    K key{};
    bool operator>(const WakeUpEntry& other) const { return at > other.at; }
  };

  template <typename S>
  void Restore(OperatorContext& context, const char* state) {
    using Kind = decltype(S::rows);
    KeyedSections<K, Kind>::Read(context.restored(), state, [&](K key, Kind rows) {
      const auto hash = HashKey(key);
      auto& kept = kept_.FindOrAdd(key, hash);
      std::get<S>(kept.sides).rows = std::move(rows);
      WakeUp(key, hash, kept);
    });
  }

  template <typename S>
  void WriteSide(OperatorSnapshot& into, const char* state) {
    using Sections = KeyedSections<K, decltype(S::rows)>;
    kept_.template WriteSections<Sections>(
        into, state, [&](Sections& sections, const K& key, const Kept& kept) {
          if (const auto& rows = std::get<S>(kept.sides).rows; !rows.empty()) {
            sections.Add(key, rows, HashKey(key), context().key_groups());
          }
        });
  }

  /// How long after its time a row of that side may still be met.
  template <typename S>
  EventTime KeptFor() const {
    return std::max<EventTime>(0, S::kIndex == 0 ? upper_ : -lower_);
  }
  template <typename S>
  void Prune(S& side, EventTime watermark) {
    const auto end = std::ranges::find_if(
        side.rows, [&](const auto& row) { return row.first + KeptFor<S>() > watermark; });
    side.rows.erase(side.rows.begin(), end);
  }
  void Wake(EventTime at, const K& key, std::uint64_t hash, EventTime watermark) {
    auto* kept = kept_.FindToChange(key, hash);
    if (kept == nullptr || kept->wake_up != at) {
      return;
    }
    std::apply([&](auto&... side) { (Prune(side, watermark), ...); }, kept->sides);
    if (std::get<0>(kept->sides).rows.empty() && std::get<1>(kept->sides).rows.empty()) {
      kept_.Erase(key, hash);
    } else {
      kept->wake_up = kEndOfTime;
      WakeUp(key, hash, *kept);
    }
  }
  void WakeUp(const K& key, std::uint64_t hash, Kept& kept) {
    auto at = kEndOfTime;
    std::apply(
        [&](auto&... side) {
          ((at = side.rows.empty()
                     ? at
                     : std::min(at, side.rows.front().first +
                                        KeptFor<std::remove_cvref_t<decltype(side)>>())),
           ...);
        },
        kept.sides);
    WakeUpAt(at, key, hash, kept);
  }
  void WakeUpAt(EventTime at, const K& key, std::uint64_t hash, Kept& kept) {
    if (at < kept.wake_up) {
      kept.wake_up = at;
      if (disk_wake_ups_) {
        disk_wake_ups_->Set(at, key, hash);
      } else {
        wake_ups_.push({at, hash, key});
      }
    }
  }

  template <typename S, typename T>
  void Add(const K& key, T& row, EventTime time) {
    RequireEventTime(time, "on both streams before the join");
    if (time < watermark()) {
      context().CountDropped();
      return;
    }
    const auto hash = HashKey(key);
    auto& kept = kept_.FindOrAdd(key, hash);
    auto& others = std::get<1 - S::kIndex>(kept.sides).rows;
    const auto from = S::kIndex == 0 ? time + lower_ : time - upper_;
    const auto to = S::kIndex == 0 ? time + upper_ : time - lower_;
    for (auto other = std::ranges::lower_bound(others, from, {}, ByTime());
         other != others.end() && other->first <= to; ++other) {
      auto& result = out_.Add(std::max(time, other->first));
      if constexpr (S::kIndex == 0) {
        result = join_(std::as_const(row), std::as_const(other->second));
      } else {
        result = join_(std::as_const(other->second), std::as_const(row));
      }
    }
    WakeUpAt(time + KeptFor<S>(), key, hash, kept);  // the key may be a part of the row
    auto& mine = std::get<S>(kept.sides).rows;
    mine.emplace(std::ranges::upper_bound(mine, time, {}, ByTime()), time, std::move(row));
  }
  static auto ByTime() {
    return [](const auto& row) { return row.first; };
  }

  const EventTime lower_;
  const EventTime upper_;
  KeyA key_a_;
  KeyB key_b_;
  F join_;
  KeyedTable<K, Kept, KeptCodec> kept_;
  std::priority_queue<WakeUpEntry, std::vector<WakeUpEntry>, std::greater<>> wake_ups_;
  std::unique_ptr<DiskTimers<K>> disk_wake_ups_;
  Collector<Result> out_;
};

}  // namespace streampark::core
