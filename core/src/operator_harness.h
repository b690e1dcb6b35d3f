// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "streampark/core/operator.h"
#include "streampark/core/rows.h"

#include "state/test_states.h"

namespace streampark::core {

/// One operator by itself, for tests: rows and watermarks in, rows out, restored from what it wrote. The clock stands still until it
/// is moved. Keyed state is where this run of the tests keeps it.
template <typename In, typename Out>
class OperatorHarness final : public OperatorContext {
 public:
  explicit OperatorHarness(std::unique_ptr<Operator> tested, OperatorRestore restored = {})
      : restored_(std::move(restored)),
        states_(TestsKeepStateOnDisk() ? std::make_unique<StatesForTests>() : nullptr),
        tested_(std::move(tested)) {
    tested_->Open(*this);
  }

  void Send(In row, EventTime time = kBeginningOfTime, int input = 0) {
    SendAs<In>(std::move(row), time, input);
  }
  template <typename T>
  void SendAs(T row, EventTime time, int input) {
    Rows<T> rows;
    rows.Append(std::move(row), time);
    tested_->Process(input, rows);
  }
  void Watermark(EventTime watermark, int input = 0) { tested_->Advance(input, watermark); }
  void MoveClock(base::Millis by) {
    clock_.Advance(by);
    while (!timers_.empty() && timers_.begin()->first <= clock_.Now()) {
      timers_.extract(timers_.begin()).mapped()();
    }
    tested_->Flush();
  }
  /// Does what was posted, by any thread.
  void RunPosted() {
    std::vector<std::function<void()>> posted;
    {
      const std::lock_guard lock(mutex_);
      posted.swap(posted_);
    }
    for (const auto& then : posted) {
      then();
    }
  }
  /// What has come out since the last call.
  std::vector<Out> Take() { return std::exchange(main_.rows, {}); }
  std::vector<EventTime> TakeTimes() { return std::exchange(main_.times, {}); }
  template <typename S>
  std::vector<S> TakeSide(const std::string& tag) {
    return std::exchange(static_cast<Kept<S>&>(side_output(tag)).rows, {});
  }
  template <typename S>
  void KeepSide(const std::string& tag) {
    sides_[tag] = std::make_unique<Kept<S>>();
  }
  EventTime watermark() const { return main_.watermark; }
  int dropped() const { return dropped_; }
  OperatorSnapshot Snapshot() {
    OperatorSnapshot written;
    tested_->Snapshot(written);
    return written;
  }
  /// What another subtask would be given of it.
  static OperatorRestore Restored(const OperatorSnapshot& written, int subtask = 0,
                                  int parallelism = 1) {
    return OperatorRestore::Gather({written}, subtask, parallelism, 128);
  }

  const std::string& name() const override { return name_; }
  int subtask() const override { return 0; }
  int parallelism() const override { return 1; }
  int key_groups() const override { return 128; }
  KeyGroupRange key_group_range() const override { return {0, 128}; }
  const base::Clock& clock() const override { return clock_; }
  Output& output() override { return main_; }
  Output& side_output(std::string_view tag) override {
    const auto found = sides_.find(tag);
    return found == sides_.end() ? static_cast<Output&>(nowhere_) : *found->second;
  }
  const OperatorRestore& restored() const override { return restored_; }
  DiskStates* disk_states() override { return states_ ? &states_->states() : nullptr; }
  void ScheduleAt(base::Timestamp time, std::function<void()> then) override {
    timers_.emplace(time, std::move(then));
  }
  void Post(std::function<void()> then) override {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(then));
  }
  void CountDropped() override { ++dropped_; }
  void WantSplit() override {}
  const std::string& lineage() const override { return name_; }

 private:
  template <typename T>
  struct Kept final : Output {
    void Emit(AnyRows& any) override {
      auto& emitted = static_cast<Rows<T>&>(any);
      for (std::size_t i = 0; i < emitted.size(); ++i) {
        rows.push_back(std::move(emitted.row(i)));
        times.push_back(emitted.time(i));
      }
      emitted.Clear();
    }
    void Advance(EventTime to) override { watermark = to; }
    void Idle() override {}
    std::vector<T> rows;
    std::vector<EventTime> times;
    EventTime watermark = kBeginningOfTime;
  };
  struct Nowhere final : Output {
    void Emit(AnyRows&) override {}
    void Advance(EventTime) override {}
    void Idle() override {}
  };

  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;
  OperatorRestore restored_;
  std::unique_ptr<StatesForTests> states_;
  base::ManualClock clock_;
  std::multimap<base::Timestamp, std::function<void()>> timers_;
  Kept<Out> main_;
  std::map<std::string, std::unique_ptr<Output>, std::less<>> sides_;
  Nowhere nowhere_;
  int dropped_ = 0;
  std::string name_ = "tested";
  std::unique_ptr<Operator> tested_;  // ends before what it uses
};

}  // namespace streampark::core
