// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>

#include "streampark/console/operations/operation_store.h"
#include "streampark/console/turns.h"

#include "operations/operation_step.h"

namespace streampark::console {

/// Carries out the operations of one kind of subject, step by step. Each operation is a line of
/// turns; one that waits costs no thread, so thousands may be in flight. What an operation has
/// reached is on disk after each step; a later life of the console goes on there.
///
///   PENDING ──► RUNNING ──► SUCCEEDED | FAILED | CANCELLED
///
/// An operation that takes over from another (`preempts`) stays PENDING until that one has ended.
/// Thread-safe.
class OperationRunner {
 public:
  OperationRunner(OperationKeeper& keeper, OperationStore& store, const base::Clock& clock,
                  Turns& turns)
      : keeper_(keeper), store_(store), clock_(clock), turns_(turns) {}

  /// Takes up an operation that is on disk; nothing happens when that was done before.
  void Take(Operation operation);
  /// Takes up what was open when the console ended last.
  base::Status TakeOpen(SubjectKind kind);
  /// Asks an operation to end. ILLEGAL_STATE when it has ended or is in a step that cannot be
  /// cancelled; NOT_FOUND when it is not known.
  base::Result<Operation> Cancel(std::string_view operation_id);
  /// Something about the subject was seen: its waiting operation looks again at once.
  void Wake(std::string_view subject_id);

 private:
  struct Run;
  Turns::Due TakeTurn(Run& run, const std::stop_token& stop);
  /// Whether the operation that it takes over from is still to end.
  bool IsBlocked(const Run& run) const;
  /// Nobody waits for it any more; who was to come after it does.
  void Forget(const Run& run);
  /// As many steps as can be done now. Gives when to look again; absent when the operation has
  /// ended.
  Turns::Due Advance(Run& run, const std::stop_token& stop);
  Turns::Due AdvanceCancelled(Run& run, const std::stop_token& stop);
  void BeginStep(Run& run, std::size_t index);
  /// Ends it unless it has ended itself.
  void EndStep(Run& run, std::size_t index, StepState state, std::string message = {});
  /// The end, once it is on disk.
  Turns::Due Finish(Run& run, OperationState state, std::optional<base::Error> error);
  Turns::Due SaveEnd(const Run& run);

  OperationKeeper& keeper_;
  OperationStore& store_;
  const base::Clock& clock_;
  Turns& turns_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Run>, std::less<>> runs_;  // by operation id
};

}  // namespace streampark::console
