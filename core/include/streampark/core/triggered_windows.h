// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "streampark/core/aggregates.h"
#include "streampark/core/flat_map.h"
#include "streampark/core/keyed_states.h"
#include "streampark/core/window_operator.h"

namespace streampark::core {

/// Tumbling and sliding windows that also fire before their end, or forget what they have fired. Each window has a state of its own:
/// what one has fired the others have not, so they cannot share slices.
template <typename K, typename T, typename KeyOf, typename A>
class TriggeredWindowOperator final : public EventWindowOperator<T, Windowed<K, ResultOf<A>>> {
  using Base = EventWindowOperator<T, Windowed<K, ResultOf<A>>>;

 public:
  using Accumulator = AccumulatorOf<A>;

  TriggeredWindowOperator(TimeWindows windows, Lateness lateness, Firing firing, KeyOf key_of,
                          A aggregate)
      : Base(std::move(lateness)),
        size_(windows.size.count()),
        slide_(windows.slide.count()),
        offset_(windows.offset.count()),
        firing_(firing),
        key_of_(std::move(key_of)),
        aggregate_(std::move(aggregate)) {}

  void Open(OperatorContext& context) override {
    RequirePositive(size_, "The size of a window");
    RequirePositive(slide_, "The slide of a window");
    RequireSameWindows(context.restored(), TextOfWindows(size_, slide_, offset_));
    Base::Open(context);
    windows_.Open(context, kState);
    if (firing_.early.interval.count() > 0) {
      for (auto& [end, window] : windows_) {
        window.ForEach([&, end = end](const K& key, const Pane& pane) {
          if (pane.rows > 0) {
            Changed(end, key);
          }
        });
      }
    }
    Sections::Read(
        context.restored(), kState,
        [&](std::pair<K, EventTime> key, std::pair<std::int64_t, Accumulator> kept) {
          const auto hash = HashKey(key.first);
          if (kept.first > 0) {
            Changed(key.second, key.first);
          }
          windows_.Of(key.second).FindOrAdd(key.first, hash) = {std::move(kept.second), kept.first};
        });
  }
  void Snapshot(OperatorSnapshot& into) override {
    Base::Snapshot(into);
    SaveWindows(into, TextOfWindows(size_, slide_, offset_));
    const int groups = this->context().key_groups();
    windows_.template WriteSections<Sections>(
        into, kState, [&](Sections& sections, EventTime end, const K& key, const Pane& pane) {
          sections.Add({key, end}, {pane.rows, pane.value}, HashKey(key), groups);
        });
  }

 protected:
  void Add(const T& row, EventTime time) override {
    const auto rest = (time - offset_) % slide_;
    const auto last_end = time - (rest < 0 ? rest + slide_ : rest) + size_;
    if (last_end <= time) {
      return;  // it falls between windows that are further apart than they last
    }
    if (this->Expired(last_end)) {
      this->Late(row, time);
      return;
    }
    const K& key = key_of_(row);
    const auto hash = HashKey(key);
    for (auto end = last_end; end > time && !this->Expired(end); end -= slide_) {
      bool added = false;
      auto& pane = WindowOf(end).FindOrAdd(key, hash, &added);
      if (added) {
        pane.value = aggregate_.Create();
      }
      aggregate_.Add(pane.value, row);
      if (++pane.rows == 1) {
        Changed(end, key);
      }
      if (this->Ended(end) || pane.rows == firing_.early.rows) {
        Fire(end, key, pane);
      }
    }
  }
  void FireDue(EventTime before) override {
    for (auto& [end, keys] : windows_) {
      if (!this->Ended(end)) {
        break;
      }
      if (end - 1 > before) {
        keys.ForEach([&, end = end](const K& key, Pane& pane) {
          if (pane.rows > 0 || firing_.after == Firing::After::kAccumulate) {
            Fire(end, key, pane);
          }
        });
      }
    }
    while (!windows_.empty() && this->Expired(windows_.begin()->first)) {
      windows_.EraseFirst();
    }
    current_ = nullptr;
  }

 private:
  static constexpr const char* kState = "windows";
  using Sections = KeyedSections<std::pair<K, EventTime>, std::pair<std::int64_t, Accumulator>>;

  struct Pane {
    Accumulator value{};
    std::int64_t rows = 0;  // since it fired
  };
  struct PaneCodec {
    static Shape Describe() { return Codec<std::pair<Accumulator, std::int64_t>>::Describe(); }
    static void Write(ByteWriter& out, const Pane& pane) {
      Codec<Accumulator>::Write(out, pane.value);
      out.Fixed(pane.rows);
    }
    static void Read(ByteReader& in, Pane& pane) {
      Codec<Accumulator>::Read(in, pane.value);
      pane.rows = in.Fixed<std::int64_t>();
    }
    static void ReadAs(const Shape& from, ByteReader& in, Pane& pane) {
      Codec<Accumulator>::ReadAs(from.children[0], in, pane.value);
      pane.rows = in.Fixed<std::int64_t>();
    }
  };
  using Window = KeyedTable<K, Pane, PaneCodec>;

  Window& WindowOf(EventTime end) {
    if (current_ == nullptr || current_end_ != end) {
      current_ = &windows_.Of(end);
      current_end_ = end;
    }
    return *current_;
  }
  void Fire(EventTime end, const K& key, Pane& pane) {
    auto& row = this->out().Add(end - 1);
    row.key = key;
    row.start = ToTimestamp(end - size_);
    row.end = ToTimestamp(end);
    row.value = aggregate_.Get(pane.value);
    pane.rows = 0;
    if (firing_.after == Firing::After::kDiscard) {
      pane.value = aggregate_.Create();
    }
  }

  void Changed(EventTime end, const K& key) {
    if (firing_.early.interval.count() > 0) {
      if (changed_.empty()) {
        ScheduleFiring();
      }
      changed_.emplace_back(end, key);
    }
  }
  // At whole multiples of the interval, so that all subtasks fire at the same moments.
  void ScheduleFiring() {
    auto& context = this->context();
    const auto interval = firing_.early.interval;
    const auto now = context.clock().Now().time_since_epoch();
    context.ScheduleAt(base::Timestamp(now - now % interval + interval), [this] {
      for (const auto& [end, key] : std::exchange(changed_, {})) {
        const auto window = windows_.find(end);
        auto* pane =
            window == windows_.end() ? nullptr : window->second.FindToChange(key, HashKey(key));
        if (pane != nullptr && pane->rows > 0) {
          Fire(end, key, *pane);
        }
      }
      this->out().Flush();
    });
  }

  const EventTime size_;
  const EventTime slide_;
  const EventTime offset_;
  const Firing firing_;
  KeyOf key_of_;
  A aggregate_;
  SlicedTable<K, Pane, PaneCodec> windows_;
  Window* current_ = nullptr;
  EventTime current_end_ = 0;
  std::vector<std::pair<EventTime, K>> changed_;  // may fire early
};

}  // namespace streampark::core
