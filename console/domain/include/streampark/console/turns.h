// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "streampark/base/clock.h"

namespace streampark::console {

/// Work that is done by turns, in lines. A turn does what can be done now and says when the next one
/// of its line is due; between two turns a line costs no thread. Of one line there is never more
/// than one turn at a time; different lines are at work at once. Whoever waits in the console waits
/// here, so that a test can decide who comes next and what time it is. Thread-safe.
class Turns {
 public:
  /// How long until the line's next turn; absent: the line has ended.
  using Due = std::optional<base::Millis>;
  /// The next turn comes when the line is woken.
  static constexpr base::Millis kWhenWoken = base::Millis::max();
  /// `stop` is requested when the line is interrupted or everything stops.
  using Turn = std::function<Due(std::stop_token stop)>;

  virtual ~Turns() = default;

  /// Begins a line, whose first turn is due at once. Nothing happens when there is one of that name.
  virtual void Begin(const std::string& line, Turn turn) = 0;
  /// The line's next turn is due at once; after the one under way, if there is one. Nothing happens
  /// when there is no such line.
  virtual void Wake(std::string_view line) = 0;
  /// As Wake, and the turn under way is told to stop.
  virtual void Interrupt(std::string_view line) = 0;
  /// Waits until there is no line of that name; false after `patience` or at `stop` or Stop(). Not
  /// from a turn.
  virtual bool AwaitEnd(std::string_view line, base::Millis patience, std::stop_token stop) = 0;
  /// Tells the turns under way to stop and waits for them. No further turn begins.
  virtual void Stop() = 0;
};

/// Makes turns that at most `threads` of are under way at once.
using TurnsFactory = std::function<std::unique_ptr<Turns>(int threads)>;

/// Turns on threads of their own.
TurnsFactory TurnsOnThreads(const base::Clock& clock);

}  // namespace streampark::console
