// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "streampark/core/disk_states.h"
#include "streampark/core/flat_map.h"

namespace streampark::core {

/// Timers in a subtask's store, in the order of their times, of which the next ones are in memory:
///
/// | time        | where                                                                       |
/// |-------------|-----------------------------------------------------------------------------|
/// | < horizon   | in memory, each with whether it is in the store too                         |
/// | >= horizon  | in the store alone                                                          |
///
/// So one that fires before the next checkpoint was never written. The horizon comes nearer when there are too many in memory, and
/// goes on when none is left; a moment with more timers than fit is read key by key.
template <typename K>
class DiskTimers final : public WriteBehind {
 public:
  DiskTimers(DiskStates& states, std::string_view owner, std::string_view name, int key_groups)
      : states_(states),
        key_groups_(key_groups),
        state_(OpenDiskState<K, bool>(states, owner, name, StateLayout::kBySlice)) {
    FindFar(kBeginningOfTime);
    horizon_ = far_;
    states_.Register(*this);
  }
  ~DiskTimers() override { states_.Forget(*this); }
  DiskTimers(const DiskTimers&) = delete;
  DiskTimers& operator=(const DiskTimers&) = delete;

  void Set(EventTime at, const K& key, std::uint64_t hash) {
    if (at >= horizon_) {
      states_.changes().Put(KeyOf(at, key, hash), kTrue);
      states_.ApplyIfMany();
      far_ = std::min(far_, at);
      return;
    }
    bool added = false;
    near_[at].FindOrAdd(key, hash, &added);
    count_ += added ? 1 : 0;
    if (count_ > most()) {
      Spill();
    }
  }
  void Delete(EventTime at, const K& key, std::uint64_t hash) {
    if (at >= horizon_) {
      states_.changes().Delete(KeyOf(at, key, hash));
      states_.ApplyIfMany();
      return;
    }
    const auto found = near_.find(at);
    if (found == near_.end()) {
      return;
    }
    const auto* saved = found->second.Find(key, hash);
    if (saved == nullptr) {
      return;
    }
    if (*saved) {
      states_.changes().Delete(KeyOf(at, key, hash));
      states_.ApplyIfMany();
    }
    found->second.Erase(key, hash);
    --count_;
    if (found->second.empty()) {
      near_.erase(found);
    }
  }
  bool empty() {
    Refill();
    return near_.empty() && far_ == kNone;
  }
  /// It is not empty.
  EventTime next() {
    Refill();
    return near_.empty() ? far_ : near_.begin()->first;
  }

  template <typename Fire>
  void FireUpTo(EventTime now, Fire&& fire) {
    while (!empty() && next() <= now) {
      const auto at = next();
      if (near_.empty()) {
        FireFar(at, fire);
        continue;
      }
      auto keys = near_.extract(near_.begin());
      count_ -= keys.mapped().size();
      keys.mapped().ForEach([&](const K& key, bool saved) {
        if (saved) {
          states_.changes().Delete(KeyOf(at, key, HashKey(key)));
          states_.ApplyIfMany();
        }
      });
      keys.mapped().ForEach([&](const K& key, bool) { fire(at, key, HashKey(key)); });
    }
  }

  /// Calls `visit(time, key)` for each.
  template <typename Visit>
  void ForEach(Visit&& visit) {
    WriteBack();
    const auto prefix = key_.Begin(state_).Copy();
    const auto scan = states_.ScanPrefix(prefix);
    while (scan->Next()) {
      visit(StateKey::SliceOf(scan->key()), KeyIn(scan->key()));
    }
  }

  void WriteBack() override {
    for (auto& [at, keys] : near_) {
      keys.ForEach([&, at = at](const K& key, bool& saved) {
        if (!std::exchange(saved, true)) {
          states_.changes().Put(KeyOf(at, key, HashKey(key)), kTrue);
          states_.ApplyIfMany();
        }
      });
    }
    states_.Apply();
  }

 private:
  static constexpr EventTime kNone = kEndOfTime;
  static constexpr std::string_view kTrue{"\1", 1};
  static constexpr std::size_t kTimerBytes = 2 * sizeof(K) + 64;
  using Near = std::map<EventTime, FlatMap<K, bool>>;

  std::size_t most() const {
    return std::max<std::size_t>(16, states_.cache_share() / kTimerBytes);
  }
  /// The latest half goes to the store, and that of one moment whole.
  void Spill() {
    while (count_ > most() / 2) {
      auto keys = near_.extract(std::prev(near_.end()));
      count_ -= keys.mapped().size();
      keys.mapped().ForEach([&](const K& key, bool saved) {
        if (!saved) {
          states_.changes().Put(KeyOf(keys.key(), key, HashKey(key)), kTrue);
          states_.ApplyIfMany();
        }
      });
      horizon_ = keys.key();
      far_ = std::min(far_, horizon_);
    }
    states_.Apply();
  }
  /// When none is near: takes those of the next moments that fit.
  void Refill() {
    if (!near_.empty() || far_ == kNone || refused_ == far_) {
      return;
    }
    states_.Apply();
    Near read;
    std::size_t count = 0;
    const auto scan = states_.Scan(key_.Begin(state_).Slice(far_).Copy(),
                                   StateKey::After(key_.Begin(state_).view()));
    far_ = kNone;
    while (scan->Next()) {
      const auto at = StateKey::SliceOf(scan->key());
      if (count >= most() / 2 && (read.empty() || read.rbegin()->first != at)) {
        far_ = at;
        break;
      }
      if (count >= most()) {
        // In the middle of a moment: it waits whole.
        count -= read.rbegin()->second.size();
        read.erase(std::prev(read.end()));
        far_ = at;
        break;
      }
      const K key = KeyIn(scan->key());
      read[at].FindOrAdd(key, HashKey(key)) = true;
      ++count;
    }
    near_ = std::move(read);
    count_ = count;
    horizon_ = far_;
    if (near_.empty()) {
      refused_ = far_;
    }
  }
  template <typename Fire>
  void FireFar(EventTime at, Fire&& fire) {
    states_.Apply();
    const auto prefix = key_.Begin(state_).Slice(at).Copy();
    {
      const auto scan = states_.ScanPrefix(prefix);
      states_.changes().DeleteRange(prefix, StateKey::After(prefix));
      states_.Apply();  // the scan sees them all the same
      while (scan->Next()) {
        const K key = KeyIn(scan->key());
        fire(at, key, HashKey(key));
      }
    }
    states_.Apply();
    refused_ = kNone;
    FindFar(std::min(far_, at));
  }
  void FindFar(EventTime from) {
    const auto scan = states_.Scan(key_.Begin(state_).Slice(from).Copy(),
                                   StateKey::After(key_.Begin(state_).view()));
    far_ = scan->Next() ? StateKey::SliceOf(scan->key()) : kNone;
  }
  std::string_view KeyOf(EventTime at, const K& key, std::uint64_t hash) {
    return key_.Begin(state_).Slice(at).Group(KeyGroupOf(hash, key_groups_)).Key(key).view();
  }
  static K KeyIn(std::string_view bytes) {
    ByteReader in(StateKey::KeyOf(bytes, StateLayout::kBySlice));
    K key{};
    Codec<K>::Read(in, key);
    return key;
  }

  DiskStates& states_;
  const int key_groups_;
  const DiskState& state_;
  Near near_;
  std::size_t count_ = 0;
  EventTime horizon_ = kNone;
  EventTime far_ = kNone;      // the first in the store that is not near
  EventTime refused_ = kNone;  // a moment that does not fit
  StateKey key_;
};

}  // namespace streampark::core
