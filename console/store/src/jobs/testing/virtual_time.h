// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <string_view>

#include "streampark/base/random.h"
#include "streampark/console/turns.h"

namespace streampark::store::testing {

/// One thread that takes all turns, and the clock they go by: of those that are due, which is next is
/// drawn from the seed; when none is, the clock moves to the first that will be. What happens
/// follows from the seed alone. Not thread-safe: there is one thread.
class VirtualTime final : public base::Clock {
 public:
  explicit VirtualTime(std::uint64_t seed = 1) : draws_(seed) {}

  base::Timestamp Now() const override { return start_ + elapsed_; }
  base::SteadyTime SteadyNow() const override { return base::SteadyTime(elapsed_); }
  /// Turns of all that it makes stand in one row. They outlive no VirtualTime.
  console::TurnsFactory turns();

  /// Takes turns until `over`; false when `patience` has passed before.
  bool RunUntil(const std::function<bool()>& over, base::Millis patience);
  /// Takes every turn that is due within `time` from now.
  void Run(base::Millis time);
  /// The clock moves, and nobody takes a turn meanwhile.
  void Pass(base::Millis time) { elapsed_ += time; }
  /// From within a turn, which may not hold a lock: one that is due comes in between.
  void Interleave();
  /// A number below `limit`.
  std::uint64_t Draw(std::uint64_t limit) { return draws_() % limit; }
  bool OneIn(std::uint64_t limit) { return Draw(limit) == 0; }

  /// The line that took turn after turn, each due at once, until RunUntil gave up; mostly empty.
  const std::string& spins() const { return spins_; }

  /// Sees each turn before and after it.
  std::function<void(const std::string& line)> before_turn, after_turn;

 private:
  class Row;
  struct Line {
    console::Turns::Turn turn;
    std::stop_source stop;
    base::SteadyTime due{};
    bool busy = false, woken = false;
    int turns_now = 0;  // since the clock moved
  };
  using Key = std::pair<int, std::string>;  // row and name

  /// Absent when nothing will ever be due.
  std::optional<base::SteadyTime> NextDue() const;
  bool TakeDue();
  void Take(const Key& key);

  const base::Timestamp start_{base::Millis(1'700'000'000'000)};
  base::Millis elapsed_{1};
  std::mt19937_64 draws_;
  int rows_ = 0;
  std::map<Key, Line> lines_;
  std::string spins_;
};

/// Bytes that follow from a seed.
class SeededRandom final : public base::Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : draws_(seed) {}
  void Fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes) {
      byte = static_cast<std::uint8_t>(draws_());
    }
  }

 private:
  std::mt19937_64 draws_;
};

}  // namespace streampark::store::testing
