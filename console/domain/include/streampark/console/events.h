// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "streampark/console/caller.h"

namespace streampark::console {

/// Who may hear of something. With a user, that user alone; otherwise whoever holds the permission
/// in the team (an empty team: see Caller).
struct Audience {
  api::Permission permission = api::Permission::kNone;
  std::string team_id = {};
  std::string user_id = {};

  bool Admits(const Caller& caller) const;
};

/// One change, as it goes to the pages. `data` is JSON and is shared by all who read it.
struct Event {
  std::string id;    // <boot>-<number>
  std::string type;  // job, job-removed, operation, cluster, … (the list is in openapi.yaml)
  std::shared_ptr<const std::string> data;
};

class EventSubscription;

/// Live changes, for whoever listens. Holds the newest event of each key, up to a capacity; a
/// reader that has fallen behind what is held gets one `reset` event instead. Memory is bounded
/// however slow readers are. Thread-safe; Publish() never blocks on a reader.
class EventBus {
 public:
  /// `boot_id` tells this run's ids from another's; `capacity` counts events.
  explicit EventBus(std::string boot_id, std::size_t capacity = 8192);
  ~EventBus();
  EventBus(const EventBus&) = delete;
  EventBus& operator=(const EventBus&) = delete;

  /// `key` names the thing ("job/ID"): a newer event of the same key replaces an unread older one,
  /// of whatever type, so use one key for a thing's change and its removal. An empty key is never
  /// replaced.
  void Publish(std::string_view type, std::string_view key, Audience audience, std::string data);

  /// Starts after `last_event_id`; at the present when it is empty. An id of another run, or one
  /// that is too old, makes the first event a `reset`. `wake` is called from publishing threads
  /// when there is something to read or to check; it must return at once and may be called after
  /// too much or for nothing. The bus must outlive the subscription.
  std::unique_ptr<EventSubscription> Subscribe(std::string_view last_event_id,
                                               std::function<void()> wake);

  /// Has every reader look again at who it is: rights were taken away.
  void WakeAll();

  const std::string& boot_id() const { return boot_id_; }
  std::size_t subscriptions() const;

 private:
  friend class EventSubscription;
  struct Held {
    std::string type;
    std::string key;
    Audience audience;
    std::shared_ptr<const std::string> data;
  };

  std::string IdOf(std::uint64_t number) const;
  void Drop(EventSubscription* subscription);

  const std::string boot_id_;
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, Held> held_;                     // by number
  std::unordered_map<std::string, std::uint64_t> newest_;  // key → number
  std::uint64_t last_ = 0;
  std::uint64_t lost_ = 0;  // the highest number that was dropped for want of room
  std::set<EventSubscription*> subscriptions_;
};

/// One reader's place in the stream. Used by one thread at a time.
class EventSubscription {
 public:
  ~EventSubscription();
  EventSubscription(const EventSubscription&) = delete;
  EventSubscription& operator=(const EventSubscription&) = delete;

  /// What has come that `caller` may see (and that is of `only_team`, unless empty; things of no
  /// team come all the same), oldest first, at most `limit`. Empty: nothing for now.
  std::vector<Event> Take(const Caller& caller, std::string_view only_team, std::size_t limit);
  /// The id to resume from, also past what was not for this caller.
  std::string position() const;

 private:
  friend class EventBus;
  EventSubscription(EventBus& bus, std::uint64_t position, bool reset, std::function<void()> wake);

  EventBus& bus_;
  std::uint64_t position_;
  bool reset_;
  std::function<void()> wake_;
};

}  // namespace streampark::console
