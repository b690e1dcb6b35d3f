// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <tuple>
#include <utility>
#include <vector>

#include "streampark/core/aggregates.h"
#include "streampark/core/flat_map.h"
#include "streampark/core/keyed_states.h"
#include "streampark/core/window_operator.h"

namespace streampark::core {

/// Windows of so many rows of a key, cut into parts that windows share as slices are. As on Flink a sliding one fires each `slide`
/// rows over the last `rows`, and the first ones have fewer. A result's start, end and event time are those of its earliest and
/// latest row; the epoch where rows have none.
template <typename K, typename T, typename KeyOf, typename A>
class CountWindowOperator final : public OneInputOperator {
 public:
  using Out = Windowed<K, ResultOf<A>>;
  using Accumulator = AccumulatorOf<A>;

  CountWindowOperator(CountWindows windows, KeyOf key_of, A aggregate)
      : size_(windows.rows),
        slide_(windows.slide),
        part_(std::max<std::int64_t>(1, std::gcd(size_, slide_))),
        key_of_(std::move(key_of)),
        aggregate_(std::move(aggregate)) {}

  void Open(OperatorContext& context) override {
    RequirePositive(size_, "The rows of a count window");
    RequirePositive(slide_, "The slide of a count window");
    RequireSameWindows(context.restored(), Text());
    OneInputOperator::Open(context);
    out_.Open(context.output());
    windows_.Open(context, kState);
    KeyedSections<K, Kept>::Read(context.restored(), kState, [&](K key, Kept kept) {
      windows_.FindOrAdd(key, HashKey(key)) = std::move(kept);
    });
  }
  void Process(int /*input*/, AnyRows& any) override {
    auto& rows = static_cast<Rows<T>&>(any);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      Add(std::as_const(rows.row(i)), rows.time(i));
    }
    out_.Flush();
  }
  void Snapshot(OperatorSnapshot& into) override {
    SaveWindows(into, Text());
    using Sections = KeyedSections<K, Kept>;
    const int groups = context().key_groups();
    windows_.template WriteSections<Sections>(
        into, kState, [&](Sections& sections, const K& key, const Kept& kept) {
          sections.Add(key, kept, HashKey(key), groups);
        });
  }

 private:
  static constexpr const char* kState = "windows";
  using Part = std::tuple<Accumulator, EventTime, EventTime>;  // of `part_` rows; earliest, latest
  using Kept = std::pair<std::int64_t, std::vector<Part>>;     // rows since the last firing; parts

  std::string Text() const {
    return "of " + std::to_string(size_) + " rows each " + std::to_string(slide_);
  }
  void Add(const T& row, EventTime time) {
    const K& key = key_of_(row);
    const auto hash = HashKey(key);
    auto& [rows, parts] = windows_.FindOrAdd(key, hash);
    if (rows % part_ == 0) {
      parts.emplace_back(aggregate_.Create(), time, time);
    }
    auto& [accumulator, earliest, latest] = parts.back();
    aggregate_.Add(accumulator, row);
    earliest = std::min(earliest, time);
    latest = std::max(latest, time);
    if (++rows < slide_) {
      return;
    }
    Fire(key, parts);
    rows = 0;
    const auto needed = static_cast<std::size_t>(std::max<std::int64_t>(0, size_ - slide_) / part_);
    if (needed == 0) {
      windows_.Erase(key, hash);
    } else if (parts.size() > needed) {
      parts.erase(parts.begin(), parts.end() - static_cast<std::ptrdiff_t>(needed));
    }
  }
  void Fire(const K& key, const std::vector<Part>& parts) {
    const auto most = static_cast<std::size_t>(size_ / part_);
    auto at = parts.size() > most ? parts.end() - static_cast<std::ptrdiff_t>(most) : parts.begin();
    auto [merged, earliest, latest] = *at;
    while (++at != parts.end()) {
      aggregate_.Merge(merged, std::get<0>(*at));
      earliest = std::min(earliest, std::get<1>(*at));
      latest = std::max(latest, std::get<2>(*at));
    }
    auto& row = out_.Add(latest);
    row.key = key;
    row.start = earliest == kBeginningOfTime ? Timestamp{} : ToTimestamp(earliest);
    row.end = latest == kBeginningOfTime ? Timestamp{} : ToTimestamp(latest);
    row.value = aggregate_.Get(merged);
  }

  const std::int64_t size_;
  const std::int64_t slide_;
  const std::int64_t part_;
  KeyOf key_of_;
  A aggregate_;
  KeyedTable<K, Kept> windows_;
  Collector<Out> out_;
};

}  // namespace streampark::core
