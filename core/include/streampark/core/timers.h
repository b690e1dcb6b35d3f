// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/core/disk_timers.h"
#include "streampark/core/flat_map.h"
#include "streampark/core/keyed_states.h"

namespace streampark::core {

/// The timers of a keyed operator in one time domain: at most one a key and moment. Part of its snapshot.
template <typename K>
class Timers {
 public:
  Timers(std::string state, OperatorContext& context) : state_(std::move(state)) {
    if (auto* states = context.disk_states()) {
      disk_ =
          std::make_unique<DiskTimers<K>>(*states, context.name(), state_, context.key_groups());
    }
    KeyedSections<std::pair<K, EventTime>, bool>::Read(
        context.restored(), state_, [&](std::pair<K, EventTime> timer, bool) {
          Set(timer.second, timer.first, HashKey(timer.first));
        });
  }

  void Set(EventTime at, const K& key, std::uint64_t hash) {
    if (disk_) {
      disk_->Set(at, key, hash);
    } else {
      due_[at].FindOrAdd(key, hash) = true;
    }
  }
  void Delete(EventTime at, const K& key, std::uint64_t hash) {
    if (disk_) {
      disk_->Delete(at, key, hash);
    } else if (const auto found = due_.find(at); found != due_.end()) {
      found->second.Erase(key, hash);
      if (found->second.empty()) {
        due_.erase(found);
      }
    }
  }
  bool empty() { return disk_ ? disk_->empty() : due_.empty(); }
  EventTime next() { return disk_ ? disk_->next() : due_.begin()->first; }

  /// Calls `fire(time, key, hash)` for each timer at or before `now`, earliest first; those that are set meanwhile fire too.
  template <typename Fire>
  void FireUpTo(EventTime now, Fire&& fire) {
    if (disk_) {
      disk_->FireUpTo(now, fire);
      return;
    }
    while (!due_.empty() && due_.begin()->first <= now) {
      auto keys = due_.extract(due_.begin());
      keys.mapped().ForEach([&](const K& key, bool) { fire(keys.key(), key, HashKey(key)); });
    }
  }

  void Snapshot(OperatorSnapshot& into, int key_groups) {
    if (disk_ && into.form == OperatorSnapshot::Form::kBackend) {
      return;
    }
    KeyedSections<std::pair<K, EventTime>, bool> sections;
    const auto add = [&](EventTime at, const K& key) {
      sections.Add({key, at}, true, HashKey(key), key_groups);
    };
    if (disk_) {
      disk_->ForEach(add);
    }
    for (const auto& [at, keys] : due_) {
      keys.ForEach([&, at = at](const K& key, bool) { add(at, key); });
    }
    sections.WriteTo(into, state_);
  }

 private:
  const std::string state_;
  std::map<EventTime, FlatMap<K, bool>> due_;
  std::unique_ptr<DiskTimers<K>> disk_;
};

}  // namespace streampark::core
