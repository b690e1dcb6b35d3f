// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/console/operations/journal.h"
#include "streampark/console/operations/operation.h"

namespace streampark::console {

/// What a step says after a turn.
struct Next {
  enum class Kind { kDone, kWait, kSkipPast, kBackTo, kEnd };
  Kind kind = Kind::kDone;
  base::Millis after{0};       // kWait: look again then, or when woken
  std::string_view step = {};  // kSkipPast: the steps after this one, up to and with it, are
                               // SKIPPED; kBackTo: those from it to this one are done anew
  StepState own = StepState::kSucceeded;  // how this step ends
  std::string message = {};               // its last words; empty: those it has said
  std::optional<base::Error> error = {};  // kEnd: the operation ends as FAILED with it

  static Next Done() { return {}; }
  static Next Wait(base::Millis after) { return {.kind = Kind::kWait, .after = after}; }
  static Next SkipPast(std::string_view step) { return {.kind = Kind::kSkipPast, .step = step}; }
  static Next BackTo(std::string_view step) { return {.kind = Kind::kBackTo, .step = step}; }
  /// It had nothing to do, or could not be done here, for this reason.
  static Next Skipped(std::string reason) {
    return {.own = StepState::kSkipped, .message = std::move(reason)};
  }
  static Next SkippedPast(std::string reason, std::string_view step) {
    return {.kind = Kind::kSkipPast,
            .step = step,
            .own = StepState::kSkipped,
            .message = std::move(reason)};
  }
  /// It failed, and the operation goes on behind that step.
  static Next FailedPast(std::string why, std::string_view step) {
    return {.kind = Kind::kSkipPast,
            .step = step,
            .own = StepState::kFailed,
            .message = std::move(why)};
  }
  /// It is done, and the operation ends as FAILED.
  static Next End(base::Error error) { return {.kind = Kind::kEnd, .error = std::move(error)}; }
};

/// One step of an operation, bound to the world that it works in. It has no state of its own: what
/// it must know in a later turn, or a later life of the console, is in the operation's memory, the
/// journal or the subject. A turn is short, or ends early when `stop` is requested.
struct OperationStep {
  using Turn = std::function<base::Result<Next>(Operation&, const std::stop_token& stop)>;
  std::string_view name;
  bool cancellable = true;
  /// One turn. An error ends the operation as FAILED.
  Turn run;
  /// One turn of putting right what the step has done, when the operation is cancelled in it.
  Turn cancel;
};

/// The operations of one kind of subject: their steps, and where they are kept. Thread-safe.
class OperationKeeper {
 public:
  virtual ~OperationKeeper() = default;
  /// In their order; others than the operation has when this program does not know them.
  virtual std::vector<OperationStep> StepsOf(const Operation& operation) = 0;
  /// Writes the operation and shows it.
  virtual base::Status Save(const Operation& operation) = 0;
  /// Shows it alone: after a crash the step says anew how far it is.
  virtual void Show(const Operation& operation) = 0;
  /// Writes its end, with what that means for its subject.
  virtual base::Status Settle(const Operation& operation) = 0;
};

/// What a step works with, whatever its subject. Lives as long as one turn.
class OperationContext {
 public:
  OperationContext(OperationKeeper& keeper, const base::Clock& clock, Operation& operation_in,
                   std::string_view step_in, std::stop_token stop_in)
      : operation(operation_in),
        step(step_in),
        stop(std::move(stop_in)),
        keeper_(keeper),
        clock_(clock) {}

  Operation& operation;
  const std::string_view step;
  const std::stop_token stop;

  /// Tells the people watching what is being done; nothing happens when it is said already.
  void Say(std::string message);
  void Count(std::int64_t done, std::int64_t total);

  bool Remembers(const std::string& key) const { return operation.memory.contains(key); }
  std::string Recall(const std::string& key) const;
  void Remember(const std::string& key, std::string value) {
    operation.memory[key] = std::move(value);
  }
  void Forget(const std::string& key) { operation.memory.erase(key); }
  /// Remembers it in later lives too: what follows stands on it. Nothing is written when it is
  /// known already.
  base::Status Note(const std::string& key, std::string value);

  /// How long ago it was first asked for under this key.
  base::Millis Since(const std::string& key);
  /// How long the step has been under way.
  base::Millis Elapsed() const;

  Intent IntentOf(std::string verb, std::string key, std::string detail = "{}") const {
    return {operation.id, std::string(step), std::move(verb), std::move(key), std::move(detail)};
  }

 private:
  OperationKeeper& keeper_;
  const base::Clock& clock_;
};

}  // namespace streampark::console
