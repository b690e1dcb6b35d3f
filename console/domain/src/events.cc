// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/events.h"

#include <algorithm>
#include <charconv>

namespace streampark::console {
namespace {

/// The number of an id of this run; absent for another run's and for what is not an id.
std::optional<std::uint64_t> NumberOf(std::string_view id, std::string_view boot_id) {
  if (!id.starts_with(boot_id) || id.size() <= boot_id.size() + 1 || id[boot_id.size()] != '-') {
    return std::nullopt;
  }
  id.remove_prefix(boot_id.size() + 1);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (error != std::errc() || end != id.data() + id.size()) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

bool Audience::Admits(const Caller& caller) const {
  if (!user_id.empty()) {
    return caller.user_id() == user_id;
  }
  return caller.Can(permission, team_id);
}

EventBus::EventBus(std::string boot_id, std::size_t capacity)
    : boot_id_(std::move(boot_id)), capacity_(capacity) {}

EventBus::~EventBus() { SP_CHECK(subscriptions_.empty()); }

std::string EventBus::IdOf(std::uint64_t number) const {
  return boot_id_ + "-" + std::to_string(number);
}

void EventBus::Publish(std::string_view type, std::string_view key, Audience audience,
                       std::string data) {
  auto shared = std::make_shared<const std::string>(std::move(data));
  const std::lock_guard lock(mutex_);
  const std::uint64_t number = ++last_;
  if (!key.empty()) {
    const auto [it, is_new] = newest_.try_emplace(std::string(key), number);
    if (!is_new) {
      held_.erase(it->second);
      it->second = number;
    }
  }
  held_.emplace(number,
                Held{std::string(type), std::string(key), std::move(audience), std::move(shared)});
  if (held_.size() > capacity_) {
    const auto oldest = held_.begin();
    lost_ = oldest->first;
    newest_.erase(oldest->second.key);
    held_.erase(oldest);
  }
  for (const EventSubscription* subscription : subscriptions_) {
    subscription->wake_();
  }
}

std::unique_ptr<EventSubscription> EventBus::Subscribe(std::string_view last_event_id,
                                                       std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  std::uint64_t position = last_;
  bool reset = false;
  if (!last_event_id.empty()) {
    const auto number = NumberOf(last_event_id, boot_id_);
    reset = !number || *number > last_ || *number < lost_;
    position = reset ? last_ : *number;
  }
  auto subscription = std::unique_ptr<EventSubscription>(
      new EventSubscription(*this, position, reset, std::move(wake)));
  subscriptions_.insert(subscription.get());
  return subscription;
}

void EventBus::WakeAll() {
  const std::lock_guard lock(mutex_);
  for (const EventSubscription* subscription : subscriptions_) {
    subscription->wake_();
  }
}

std::size_t EventBus::subscriptions() const {
  const std::lock_guard lock(mutex_);
  return subscriptions_.size();
}

void EventBus::Drop(EventSubscription* subscription) {
  const std::lock_guard lock(mutex_);
  subscriptions_.erase(subscription);
}

EventSubscription::EventSubscription(EventBus& bus, std::uint64_t position, bool reset,
                                     std::function<void()> wake)
    : bus_(bus), position_(position), reset_(reset), wake_(std::move(wake)) {}

EventSubscription::~EventSubscription() { bus_.Drop(this); }

std::vector<Event> EventSubscription::Take(const Caller& caller, std::string_view only_team,
                                           std::size_t limit) {
  std::vector<Event> taken;
  const std::lock_guard lock(bus_.mutex_);
  if (position_ < bus_.lost_) {
    reset_ = true;
  }
  if (reset_) {
    // What is held is older than what the reader will now read for itself.
    reset_ = false;
    position_ = bus_.last_;
    taken.push_back({bus_.IdOf(position_), "reset", std::make_shared<const std::string>("{}")});
    return taken;
  }
  auto it = bus_.held_.upper_bound(position_);
  for (; it != bus_.held_.end() && taken.size() < limit; ++it) {
    position_ = it->first;
    const EventBus::Held& held = it->second;
    const bool of_team =
        only_team.empty() || held.audience.team_id.empty() || held.audience.team_id == only_team;
    if (of_team && held.audience.Admits(caller)) {
      taken.push_back({bus_.IdOf(it->first), held.type, held.data});
    }
  }
  if (it == bus_.held_.end()) {
    position_ = bus_.last_;
  }
  return taken;
}

std::string EventSubscription::position() const { return bus_.IdOf(position_); }

}  // namespace streampark::console
