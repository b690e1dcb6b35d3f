// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "jobs/step.h"

namespace streampark::console {

/// Carries out operations of jobs, step by step, turn by turn, on a few threads: an operation that
/// waits costs no thread, so thousands may be in flight. What an operation has reached is on disk
/// after each step; a later life of the console goes on there.
///
///   PENDING ──► RUNNING ──► SUCCEEDED | FAILED | CANCELLED
///
/// An operation that takes over from another (`preempts`) stays PENDING until that one has ended.
/// Thread-safe.
class OperationRunner {
 public:
  explicit OperationRunner(const JobSystem& system);
  ~OperationRunner();

  /// Takes up what was open when the console ended last, and begins to work.
  base::Status Start();
  /// Has every turn end soon and waits for that; what is open stays open on disk.
  void Stop();

  /// Takes up an operation that is on disk.
  void Take(Operation operation);
  /// Asks an operation to end. ILLEGAL_STATE when it has ended or is in a step that cannot be
  /// cancelled; NOT_FOUND when it is not one of a job.
  base::Result<Operation> Cancel(std::string_view operation_id);
  /// Something about the job was seen: its waiting operation looks again at once.
  void Wake(std::string_view job_id);
  /// Waits for an operation's end: the operation as it ended; absent after `patience` or at `stop`.
  std::optional<Operation> Await(std::string_view operation_id, base::Millis patience,
                                 std::stop_token stop);

 private:
  struct Run;
  void Work(std::stop_token stop);
  std::shared_ptr<Run> TakeDue(std::unique_lock<std::mutex>& lock, std::stop_token stop);
  /// As many turns as can be done now. Gives when to look again; absent when the operation has
  /// ended.
  std::optional<base::SteadyTime> Advance(Run& run);
  std::optional<base::SteadyTime> AdvanceCancelled(Run& run);
  base::Result<Next> Turn(Run& run, const JobStep& step);
  void BeginStep(Run& run, std::size_t index);
  void EndStep(Run& run, std::size_t index, StepState state);
  base::Status SaveRun(Run& run);
  void Finish(Run& run, OperationState state, std::optional<base::Error> error);

  const JobSystem& system_;
  mutable std::mutex mutex_;
  std::condition_variable_any due_;                                // something can be worked on
  std::condition_variable_any finished_;                           // an operation has ended
  std::map<std::string, std::shared_ptr<Run>, std::less<>> runs_;  // by operation id
  bool stopping_ = false;
  std::vector<std::jthread> workers_;
};

}  // namespace streampark::console
