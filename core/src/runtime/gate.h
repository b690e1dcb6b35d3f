// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "streampark/core/plan.h"

namespace streampark::core {

/// What comes through a channel.
struct Item {
  enum class Kind : std::uint8_t { kRows, kWatermark, kIdle, kBarrier, kEnd };
  Kind kind = Kind::kEnd;
  int channel = 0;
  std::unique_ptr<AnyRows> rows;
  EventTime watermark = kBeginningOfTime;
  std::uint64_t checkpoint = 0;
};

/// Thrown out of a Push when the attempt of the job is ended from outside.
struct Cancelled {};

/// All that a subtask waits for, under one lock: its channels, and what others ask it to do. A channel takes `capacity` batches, then its
/// sender waits: that is the back-pressure. Push and Post come from any thread, the rest from the subtask's own.
class Gate {
 public:
  /// A capacity of 0 has no limit: for subtasks that share a thread.
  Gate(int channels, std::size_t capacity);

  /// Waits while the channel is full; Cancelled. Gives back an emptied batch when there is one.
  std::unique_ptr<AnyRows> Push(Item item);
  void Post(std::function<void()> then);
  /// Ends all waiting, here and in Push, for good.
  void Cancel();

  /// The next item of a channel that is not blocked, in turn; absent when there is none now.
  std::optional<Item> Take();
  /// What was posted since; runs nothing.
  std::vector<std::function<void()>> TakePosted();
  /// Until there is something to take or posted, or `until`; Cancelled.
  void Wait(std::optional<std::chrono::steady_clock::time_point> until);
  /// No item of the channel is taken until Unblock.
  void Block(int channel);
  void Unblock();
  void GiveBack(int channel, std::unique_ptr<AnyRows> rows);

  int channels() const { return static_cast<int>(channels_.size()); }
  bool cancelled() const;
  /// Batches that wait, for metrics.
  std::size_t waiting() const;

 private:
  struct Lane {
    std::deque<Item> items;
    std::vector<std::unique_ptr<AnyRows>> free;
    bool blocked = false;
  };
  bool AnythingToTake() const;

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::condition_variable room_;
  std::vector<Lane> channels_;
  std::vector<std::function<void()>> posted_;
  std::size_t next_ = 0;
  bool cancelled_ = false;
};

/// One channel of a gate, as its sender sees it.
class GateChannel final : public Channel {
 public:
  GateChannel(Gate& gate, int channel) : gate_(gate), channel_(channel) {}
  std::unique_ptr<AnyRows> Push(std::unique_ptr<AnyRows> rows) override;
  void PushWatermark(EventTime watermark) override;
  void PushIdle() override;
  void PushBarrier(std::uint64_t checkpoint);
  void PushEnd();

 private:
  Gate& gate_;
  const int channel_;
};

}  // namespace streampark::core
