// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "streampark/core/disk_map.h"
#include "streampark/core/disk_timers.h"
#include "streampark/core/keyed_states.h"

namespace streampark::core {

/// The sessions of keys in a subtask's store: a map a key, from a session's start to its end and value. A session has a timer no later
/// than its next moment (its end, then the last moment at which it is kept); one that comes too early is set again, so
/// that rows that lengthen a session move none. Sessions that have ended by the watermark have fired.
template <typename K, typename Accumulator>
class DiskSessions {
 public:
  struct Session {
    EventTime start = 0;
    EventTime end = 0;
    Accumulator value{};
  };
  using Sections = KeyedSections<std::pair<K, EventTime>, std::pair<EventTime, Accumulator>>;

  DiskSessions(OperatorContext& context, std::string_view state)
      : key_groups_(context.key_groups()),
        sessions_(*context.disk_states(), context.name(), state, key_groups_),
        timers_(*context.disk_states(), context.name(), "_wake-ups", key_groups_) {}

  /// Takes out the sessions of a key that touch [start, end].
  std::vector<Session> TakeTouching(const K& key, std::uint64_t hash, EventTime start,
                                    EventTime end) {
    std::vector<Session> touching;
    for (const auto& [begun, slot] : sessions_.All(key, hash)) {
      if (begun > end) {
        break;
      }
      if (slot.there && slot.value.first >= start) {
        touching.push_back({begun, slot.value.first, slot.value.second});
        // One that is made longer may come to touch the next.
        end = std::max(end, slot.value.first);
      }
    }
    for (const auto& session : touching) {
      sessions_.Erase(key, hash, session.start);
    }
    return touching;
  }
  void Put(const K& key, std::uint64_t hash, Session session) {
    sessions_.Put(key, hash, session.start, {session.end, std::move(session.value)});
  }
  void WakeUpAt(EventTime at, const K& key, std::uint64_t hash) { timers_.Set(at, key, hash); }

  /// `moment(end, fired)` is when something happens to a session next, `emit(key, session)` fires it. `before` is the watermark up to
  /// which sessions have fired.
  template <typename Moment, typename Emit>
  void FireUpTo(EventTime before, EventTime watermark, Moment&& moment, Emit&& emit) {
    timers_.FireUpTo(watermark, [&](EventTime at, const K& key, std::uint64_t hash) {
      std::vector<EventTime> over;
      std::vector<EventTime> again;
      for (const auto& [start, slot] : sessions_.All(key, hash)) {
        if (!slot.there) {
          continue;
        }
        const auto& [end, value] = slot.value;
        bool fired = end - 1 <= before || end - 1 < at;
        if (!fired && moment(end, false) == at) {
          emit(key, start, end, value);
          fired = true;
        }
        if (const auto next = moment(end, fired); next > at) {
          again.push_back(next);
        } else if (fired) {
          over.push_back(start);
        }
      }
      for (const auto start : over) {
        sessions_.Erase(key, hash, start);
      }
      for (const auto next : again) {
        timers_.Set(next, key, hash);
      }
    });
  }

  void WriteSections(OperatorSnapshot& into, std::string_view state) {
    if (into.form == OperatorSnapshot::Form::kBackend) {
      return;
    }
    for (int group = 0; group < key_groups_; ++group) {
      Sections sections;
      sessions_.ForEachOfGroup(group, [&](const K& key, EventTime start,
                                          const std::pair<EventTime, Accumulator>& session) {
        sections.Add({key, start}, session, HashKey(key), key_groups_);
      });
      sections.WriteTo(into, state);
    }
  }

 private:
  const int key_groups_;
  DiskMap<K, EventTime, std::pair<EventTime, Accumulator>> sessions_;
  DiskTimers<K> timers_;
};

}  // namespace streampark::core
