// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <utility>
#include <vector>

#include "streampark/core/aggregates.h"
#include "streampark/core/disk_sessions.h"
#include "streampark/core/flat_map.h"
#include "streampark/core/keyed_states.h"
#include "streampark/core/window_operator.h"

namespace streampark::core {

/// Windows that rows of one key lengthen and join: [first row, last row + gap). As on Flink, windows that touch are one.
///
/// Sessions lie in a pool and are chained by key; a freed one is used again, so that a row allocates nothing. A session has one
/// wake-up, at the end it had when that was set: a session that has grown since is put back when it comes, so rows move none.
template <typename K, typename T, typename KeyOf, typename A>
class SessionWindowOperator final : public EventWindowOperator<T, Windowed<K, ResultOf<A>>> {
  using Base = EventWindowOperator<T, Windowed<K, ResultOf<A>>>;

 public:
  using Accumulator = AccumulatorOf<A>;

  SessionWindowOperator(SessionWindows windows, Lateness lateness, KeyOf key_of, A aggregate)
      : Base(std::move(lateness)),
        gap_(windows.gap.count()),
        key_of_(std::move(key_of)),
        aggregate_(std::move(aggregate)) {}

  void Open(OperatorContext& context) override {
    RequirePositive(gap_, "The gap of a session window");
    Base::Open(context);
    if (context.disk_states() != nullptr) {
      disk_ = std::make_unique<DiskSessions<K, Accumulator>>(context, kState);
    }
    Sections::Read(context.restored(), kState,
                   [&](std::pair<K, EventTime> key, std::pair<EventTime, Accumulator> value) {
                     const auto hash = HashKey(key.first);
                     if (disk_) {
                       disk_->Put(key.first, hash, {key.second, value.first, value.second});
                       disk_->WakeUpAt(NextMoment(value.first), key.first, hash);
                       return;
                     }
                     const int at = Begin(key.first, hash, key.second, value.first);
                     pool_[At(at)].value = std::move(value.second);
                     WakeUp(at);
                   });
  }
  void Snapshot(OperatorSnapshot& into) override {
    Base::Snapshot(into);
    if (disk_) {
      disk_->WriteSections(into, kState);
      return;
    }
    Sections sections;
    heads_.ForEach([&](const K& key, int head) {
      for (int at = head; at != kNone; at = pool_[At(at)].next) {
        const auto& session = pool_[At(at)];
        sections.Add({key, session.start}, {session.end, session.value}, session.hash,
                     this->context().key_groups());
      }
    });
    sections.WriteTo(into, kState);
  }

 protected:
  void Add(const T& row, EventTime time) override {
    const K& key = key_of_(row);
    const auto hash = HashKey(key);
    auto start = time;
    auto end = time + gap_;
    if (disk_) {
      AddOnDisk(row, time, key, hash);
      return;
    }
    int kept = kNone;
    if (int* link = heads_.Find(key, hash)) {
      while (*link != kNone) {
        auto& session = pool_[At(*link)];
        if (session.start > end || start > session.end) {
          link = &session.next;
          continue;
        }
        start = std::min(start, session.start);
        end = std::max(end, session.end);
        if (kept == kNone) {
          kept = *link;
          link = &session.next;
        } else {
          aggregate_.Merge(pool_[At(kept)].value, std::as_const(session.value));
          const int joined = *link;
          *link = session.next;
          Free(joined);
        }
      }
    }
    if (kept == kNone) {
      if (this->Expired(end)) {
        this->Late(row, time);
        return;
      }
      kept = Begin(key, hash, start, end);
      pool_[At(kept)].value = aggregate_.Create();
      WakeUp(kept);
    } else {
      auto& session = pool_[At(kept)];
      session.start = start;
      session.end = end;
      if (session.fired && !this->Ended(end)) {  // a late row has made it go on
        session.fired = false;
        WakeUp(kept);
      }
    }
    auto& session = pool_[At(kept)];
    aggregate_.Add(session.value, row);
    if (session.fired) {
      Emit(session);
    }
  }

  void FireDue(EventTime before) override {
    if (disk_) {
      disk_->FireUpTo(
          before, this->watermark(),
          [&](EventTime end, bool fired) { return fired ? this->LastMoment(end) : end - 1; },
          [&](const K& key, EventTime start, EventTime end, const Accumulator& value) {
            Emit(key, start, end, value);
          });
      return;
    }
    while (!wake_ups_.empty() && wake_ups_.top().at <= this->watermark()) {
      const auto due = wake_ups_.top();
      wake_ups_.pop();
      auto& session = pool_[At(due.session)];
      if (session.wake_up != due.number) {
        continue;  // joined with another, or woken at another time
      }
      if (Moment(session) > due.at) {
        wake_ups_.push({Moment(session), due.number, due.session});
      } else if (session.fired) {
        Forget(due.session);
      } else {
        Emit(session);
        session.fired = true;
        if (this->Expired(session.end)) {
          Forget(due.session);
        } else {
          WakeUp(due.session);
        }
      }
    }
  }

 private:
  static constexpr const char* kState = "sessions";
  static constexpr int kNone = -1;
  using Sections = KeyedSections<std::pair<K, EventTime>, std::pair<EventTime, Accumulator>>;

  struct Session {
    K key{};
    std::uint64_t hash = 0;
    EventTime start = 0;
    EventTime end = 0;
    Accumulator value{};
    std::uint64_t wake_up = 0;  // the number of the one that counts
    int next = kNone;           // of the same key, or free
    bool fired = false;
  };
  struct WakeUpEntry {
    EventTime at = 0;
    std::uint64_t number = 0;
    int session = kNone;
    bool operator>(const WakeUpEntry& other) const {
      return std::pair(at, number) > std::pair(other.at, other.number);
    }
  };

  /// Of a session with that end, when no row has come meanwhile.
  EventTime NextMoment(EventTime end) const {
    return this->Ended(end) ? this->LastMoment(end) : end - 1;
  }
  void AddOnDisk(const T& row, EventTime time, const K& key, std::uint64_t hash) {
    typename DiskSessions<K, Accumulator>::Session joined{time, time + gap_, {}};
    bool begun = true;
    bool had_ended = false;
    for (auto& touching : disk_->TakeTouching(key, hash, joined.start, joined.end)) {
      joined.start = std::min(joined.start, touching.start);
      joined.end = std::max(joined.end, touching.end);
      had_ended |= this->Ended(touching.end);
      if (std::exchange(begun, false)) {
        joined.value = std::move(touching.value);
      } else {
        aggregate_.Merge(joined.value, std::as_const(touching.value));
      }
    }
    if (begun) {
      if (this->Expired(joined.end)) {
        this->Late(row, time);
        return;
      }
      joined.value = aggregate_.Create();
    }
    aggregate_.Add(joined.value, row);
    if (this->Ended(joined.end)) {
      Emit(key, joined.start, joined.end, joined.value);
    }
    if (begun || had_ended) {
      disk_->WakeUpAt(NextMoment(joined.end), key, hash);
    }
    disk_->Put(key, hash, std::move(joined));
  }

  static std::size_t At(int place) { return static_cast<std::size_t>(place); }

  int Begin(const K& key, std::uint64_t hash, EventTime start, EventTime end) {
    int at = free_;
    if (at != kNone) {
      free_ = pool_[At(at)].next;
    } else {
      at = static_cast<int>(pool_.size());
      pool_.emplace_back();
    }
    bool added = false;
    int& head = heads_.FindOrAdd(key, hash, &added);
    auto& session = pool_[At(at)];
    session.key = key;
    session.hash = hash;
    session.start = start;
    session.end = end;
    session.next = added ? kNone : head;
    session.fired = this->Ended(end);
    head = at;
    return at;
  }
  void Free(int at) {
    auto& session = pool_[At(at)];
    session.value = Accumulator{};
    session.wake_up = 0;
    session.next = free_;
    free_ = at;
  }
  void Forget(int at) {
    const auto& session = pool_[At(at)];
    int* head = heads_.Find(session.key, session.hash);
    int* link = head;
    while (*link != at) {
      link = &pool_[At(*link)].next;
    }
    *link = session.next;
    if (*head == kNone) {
      heads_.Erase(session.key, session.hash);
    }
    Free(at);
  }
  EventTime Moment(const Session& session) const {
    return session.fired ? this->LastMoment(session.end) : session.end - 1;
  }
  void WakeUp(int at) {
    auto& session = pool_[At(at)];
    session.wake_up = ++numbers_;
    wake_ups_.push({Moment(session), session.wake_up, at});
  }
  void Emit(const Session& session) {
    Emit(session.key, session.start, session.end, session.value);
  }
  void Emit(const K& key, EventTime start, EventTime end, const Accumulator& value) {
    auto& row = this->out().Add(end - 1);
    row.key = key;
    row.start = ToTimestamp(start);
    row.end = ToTimestamp(end);
    row.value = aggregate_.Get(value);
  }

  const EventTime gap_;
  KeyOf key_of_;
  A aggregate_;
  std::vector<Session> pool_;
  int free_ = kNone;
  FlatMap<K, int> heads_;
  std::priority_queue<WakeUpEntry, std::vector<WakeUpEntry>, std::greater<>> wake_ups_;
  std::uint64_t numbers_ = 0;
  std::unique_ptr<DiskSessions<K, Accumulator>> disk_;  // instead of these
};

}  // namespace streampark::core
