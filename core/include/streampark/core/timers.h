// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/core/flat_map.h"
#include "streampark/core/keyed_states.h"

namespace streampark::core {

/// The timers of a keyed operator in one time domain: at most one a key and moment. Part of its snapshot.
template <typename K>
class Timers {
 public:
  Timers(std::string state, const OperatorRestore& restored) : state_(std::move(state)) {
    KeyedSections<std::pair<K, EventTime>, bool>::Read(
        restored, state_, [&](std::pair<K, EventTime> timer, bool) {
          Set(timer.second, timer.first, HashKey(timer.first));
        });
  }

  void Set(EventTime at, const K& key, std::uint64_t hash) { due_[at].FindOrAdd(key, hash) = true; }
  void Delete(EventTime at, const K& key, std::uint64_t hash) {
    if (const auto found = due_.find(at); found != due_.end()) {
      found->second.Erase(key, hash);
      if (found->second.empty()) {
        due_.erase(found);
      }
    }
  }
  bool empty() const { return due_.empty(); }
  EventTime next() const { return due_.begin()->first; }

  /// Calls `fire(time, key, hash)` for each timer at or before `now`, earliest first; those that are set meanwhile fire too.
  template <typename Fire>
  void FireUpTo(EventTime now, Fire&& fire) {
    while (!due_.empty() && due_.begin()->first <= now) {
      auto keys = due_.extract(due_.begin());
      keys.mapped().ForEach([&](const K& key, bool) { fire(keys.key(), key, HashKey(key)); });
    }
  }

  void Snapshot(OperatorSnapshot& into, int key_groups) const {
    KeyedSections<std::pair<K, EventTime>, bool> sections;
    for (const auto& [at, keys] : due_) {
      keys.ForEach([&](const K& key, bool) {
        sections.Add({key, at}, true, HashKey(key), key_groups);
      });
    }
    sections.WriteTo(into, state_);
  }

 private:
  const std::string state_;
  std::map<EventTime, FlatMap<K, bool>> due_;
};

}  // namespace streampark::core
