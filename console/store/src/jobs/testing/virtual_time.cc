// SPDX-License-Identifier: Apache-2.0
#include "jobs/testing/virtual_time.h"

#include <algorithm>
#include <vector>

namespace streampark::store::testing {
namespace {

constexpr base::SteadyTime kNever = base::SteadyTime::max();
/// Nobody has reason to take more of them at one moment.
constexpr int kMostTurnsAtOnce = 1000;

}  // namespace

class VirtualTime::Row final : public console::Turns {
 public:
  Row(VirtualTime& time, int number) : time_(time), number_(number) {}
  ~Row() override { Stop(); }

  void Begin(const std::string& line, Turn turn) override {
    time_.lines_.try_emplace({number_, line},
                             Line{.turn = std::move(turn), .due = time_.SteadyNow()});
  }
  void Wake(std::string_view line) override {
    if (Line* found = Find(line)) {
      found->woken = found->busy;
      found->due = time_.SteadyNow();
    }
  }
  void Interrupt(std::string_view line) override {
    if (Line* found = Find(line)) {
      found->stop.request_stop();
    }
    Wake(line);
  }
  bool AwaitEnd(std::string_view line, base::Millis patience, std::stop_token) override {
    return time_.RunUntil([&] { return Find(line) == nullptr; }, patience);
  }
  void Stop() override {
    std::erase_if(time_.lines_, [&](const auto& one) { return one.first.first == number_; });
  }

 private:
  Line* Find(std::string_view line) {
    const auto found = time_.lines_.find({number_, std::string(line)});
    return found == time_.lines_.end() ? nullptr : &found->second;
  }

  VirtualTime& time_;
  const int number_;
};

console::TurnsFactory VirtualTime::turns() {
  return [this](int) { return std::make_unique<Row>(*this, rows_++); };
}

std::optional<base::SteadyTime> VirtualTime::NextDue() const {
  base::SteadyTime next = kNever;
  for (const auto& [key, line] : lines_) {
    if (!line.busy) {
      next = std::min(next, line.due);
    }
  }
  return next == kNever ? std::nullopt : std::optional(next);
}

bool VirtualTime::TakeDue() {
  std::vector<const Key*> due;
  for (const auto& [key, line] : lines_) {
    if (!line.busy && line.due <= SteadyNow()) {
      due.push_back(&key);
    }
  }
  if (due.empty()) {
    return false;
  }
  Take(*due[Draw(due.size())]);
  return true;
}

void VirtualTime::Take(const Key& key_in_map) {
  const Key key = key_in_map;
  Line& line = lines_.at(key);
  line.busy = true;
  line.woken = false;
  if (++line.turns_now > kMostTurnsAtOnce) {
    spins_ = key.second;
  }
  if (line.stop.stop_requested()) {
    line.stop = {};  // that was the turn before
  }
  if (before_turn) {
    before_turn(key.second);
  }
  console::Turns::Due next;
  try {
    next = line.turn(line.stop.get_token());
  } catch (...) {
    line.busy = false;
    throw;
  }
  if (!next) {
    lines_.erase(key);
  } else {
    line.busy = false;
    line.due = line.woken                            ? SteadyNow()
               : *next == console::Turns::kWhenWoken ? kNever
                                                     : SteadyNow() + *next;
  }
  if (after_turn) {
    after_turn(key.second);
  }
}

bool VirtualTime::RunUntil(const std::function<bool()>& over, base::Millis patience) {
  const base::SteadyTime limit = SteadyNow() + patience;
  while (!over()) {
    if (!spins_.empty()) {
      return false;
    }
    if (TakeDue()) {
      continue;
    }
    const std::optional<base::SteadyTime> next = NextDue();
    if (!next || *next > limit) {
      elapsed_ = std::chrono::floor<base::Millis>(limit.time_since_epoch());
      return false;
    }
    elapsed_ = std::chrono::ceil<base::Millis>(next->time_since_epoch());
    for (auto& [key, line] : lines_) {
      line.turns_now = 0;
    }
  }
  return true;
}

void VirtualTime::Run(base::Millis time) {
  static_cast<void>(RunUntil([] { return false; }, time));
}

void VirtualTime::Interleave() { static_cast<void>(TakeDue()); }

}  // namespace streampark::store::testing
