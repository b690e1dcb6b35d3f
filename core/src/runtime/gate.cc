// SPDX-License-Identifier: Apache-2.0
#include "runtime/gate.h"

#include <algorithm>
#include <utility>

namespace streampark::core {

Gate::Gate(int channels, std::size_t capacity)
    : capacity_(capacity), channels_(static_cast<std::size_t>(channels)) {}

std::unique_ptr<AnyRows> Gate::Push(Item item) {
  std::unique_lock lock(mutex_);
  auto& lane = channels_[static_cast<std::size_t>(item.channel)];
  room_.wait(lock, [&] { return cancelled_ || capacity_ == 0 || lane.items.size() < capacity_; });
  if (cancelled_) {
    throw Cancelled();
  }
  std::unique_ptr<AnyRows> empty;
  if (item.kind == Item::Kind::kRows && !lane.free.empty()) {
    empty = std::move(lane.free.back());
    lane.free.pop_back();
  }
  lane.items.push_back(std::move(item));
  lock.unlock();
  arrived_.notify_one();
  return empty;
}

void Gate::Post(std::function<void()> then) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(then));
  }
  arrived_.notify_one();
}

void Gate::Cancel() {
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
  }
  arrived_.notify_all();
  room_.notify_all();
}

std::optional<Item> Gate::Take() {
  std::unique_lock lock(mutex_);
  for (std::size_t tried = 0; tried < channels_.size(); ++tried) {
    auto& lane = channels_[next_];
    next_ = next_ + 1 == channels_.size() ? 0 : next_ + 1;
    if (!lane.blocked && !lane.items.empty()) {
      Item item = std::move(lane.items.front());
      lane.items.pop_front();
      lock.unlock();
      room_.notify_all();
      return item;
    }
  }
  return std::nullopt;
}

std::vector<std::function<void()>> Gate::TakePosted() {
  const std::lock_guard lock(mutex_);
  return std::exchange(posted_, {});
}

bool Gate::AnythingToTake() const {
  return std::ranges::any_of(channels_,
                             [](const Lane& lane) { return !lane.blocked && !lane.items.empty(); });
}

void Gate::Wait(std::optional<std::chrono::steady_clock::time_point> until) {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return cancelled_ || !posted_.empty() || AnythingToTake(); };
  if (until) {
    arrived_.wait_until(lock, *until, ready);
  } else {
    arrived_.wait(lock, ready);
  }
  if (cancelled_) {
    throw Cancelled();
  }
}

void Gate::Block(int channel) {
  const std::lock_guard lock(mutex_);
  channels_[static_cast<std::size_t>(channel)].blocked = true;
}

void Gate::Unblock() {
  const std::lock_guard lock(mutex_);
  for (auto& lane : channels_) {
    lane.blocked = false;
  }
}

void Gate::GiveBack(int channel, std::unique_ptr<AnyRows> rows) {
  rows->Clear();
  const std::lock_guard lock(mutex_);
  auto& free = channels_[static_cast<std::size_t>(channel)].free;
  if (free.size() < 4) {
    free.push_back(std::move(rows));
  }
}

bool Gate::cancelled() const {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

std::size_t Gate::waiting() const {
  const std::lock_guard lock(mutex_);
  std::size_t sum = 0;
  for (const auto& lane : channels_) {
    sum += lane.items.size();
  }
  return sum;
}

std::unique_ptr<AnyRows> GateChannel::Push(std::unique_ptr<AnyRows> rows) {
  return gate_.Push({.kind = Item::Kind::kRows, .channel = channel_, .rows = std::move(rows)});
}

void GateChannel::PushWatermark(EventTime watermark) {
  gate_.Push({.kind = Item::Kind::kWatermark, .channel = channel_, .watermark = watermark});
}
void GateChannel::PushIdle() { gate_.Push({.kind = Item::Kind::kIdle, .channel = channel_}); }
void GateChannel::PushBarrier(std::uint64_t checkpoint) {
  gate_.Push({.kind = Item::Kind::kBarrier, .channel = channel_, .checkpoint = checkpoint});
}
void GateChannel::PushEnd() { gate_.Push({.kind = Item::Kind::kEnd, .channel = channel_}); }

}  // namespace streampark::core
