// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/console/jobs/job_command.h"

#include "jobs/job_system.h"

namespace streampark::console {

/// What a step says after a turn.
struct Next {
  enum class Kind { kDone, kWait, kSkipPast, kEnd };
  Kind kind = Kind::kDone;
  base::Millis after{0};  // kWait: look again then, or when woken
  std::string_view step =
      {};  // kSkipPast: the steps after this one, up to and with it, are SKIPPED
  StepState own = StepState::kSucceeded;  // how this step ends
  std::string message = {};               // its last words; empty: those it has said
  std::optional<base::Error> error = {};  // kEnd: the operation ends as FAILED with it

  static Next Done() { return {}; }
  static Next Wait(base::Millis after) { return {.kind = Kind::kWait, .after = after}; }
  static Next SkipPast(std::string_view step) { return {.kind = Kind::kSkipPast, .step = step}; }
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

/// What a step works with: its operation and the world. Lives as long as one turn.
class StepContext {
 public:
  StepContext(const JobSystem& system_in, Operation& operation_in, std::string_view step_in,
              std::stop_token stop_in)
      : system(system_in), operation(operation_in), step(step_in), stop(std::move(stop_in)) {}

  const JobSystem& system;
  Operation& operation;
  const std::string_view step;
  const std::stop_token stop;

  /// The job at this moment. INTERNAL when it has gone: nothing purges a job under an operation.
  base::Result<JobViewPtr> Job() const;
  base::Result<JobCommand> Command() const;
  /// The cluster of the newest attempt, or of the operation's revision. CLUSTER_UNREACHABLE when it
  /// has no address.
  base::Result<ClusterPtr> ClusterOf(std::string_view cluster_id) const;
  /// Tells the people watching what is being done; nothing happens when it is said already.
  void Say(std::string message);
  void Count(std::int64_t done, std::int64_t total);

  /// Changes the job, and saves the operation with it.
  base::Status Save(const JobBook::Change& change);

  bool Remembers(const std::string& key) const { return operation.memory.contains(key); }
  std::string Recall(const std::string& key) const;
  void Remember(const std::string& key, std::string value) {
    operation.memory[key] = std::move(value);
  }

  /// How long ago it was first asked for under this key.
  base::Millis Since(const std::string& key);

  Intent IntentOf(std::string verb, std::string key, std::string detail = "{}") const {
    return {operation.id, std::string(step), std::move(verb), std::move(key), std::move(detail)};
  }
  /// How long the step has been under way.
  base::Millis Elapsed() const;

 private:
  void Show();
};

/// One step of an operation. It has no state of its own: what it must know in a later turn, or a
/// later life of the console, is in the operation's memory, the journal or the job. A turn is
/// short, or ends early when the context's `stop` is requested.
class JobStep {
 public:
  virtual ~JobStep() = default;
  virtual std::string_view name() const = 0;
  /// One turn. An error ends the operation as FAILED.
  virtual base::Result<Next> Run(StepContext& context) const = 0;
  /// One turn of putting right what the step has done, when the operation is cancelled in it.
  virtual base::Result<Next> Cancel(StepContext&) const { return Next::Done(); }
  virtual bool cancellable() const { return true; }
};

/// The steps of each kind, in their order. STOP and RESTART by what `command` chooses.
std::vector<const JobStep*> StepsOf(const JobCommand& command);
/// Any step by its name; null when there is none.
const JobStep* FindStep(std::string_view name);

std::vector<const JobStep*> ReleaseSteps();    // CHECK RESOLVE VALIDATE COMPILE
std::vector<const JobStep*> StartSteps();      // RESTORE SLOTS SUBMIT RUN
std::vector<const JobStep*> RescaleSteps();    // RESCALE AWAIT_RESCALE
std::vector<const JobStep*> ProofSteps();      // CHOOSE_PATH … WAY_BACK; see upgrade_steps.cc
std::vector<const JobStep*> RenewSteps();      // RESTORE SLOTS SUBMIT RUN WATCH, with a way back
std::vector<const JobStep*> BackSteps();       // ROLL_BACK RESTORE_BACK … RUN_BACK
std::vector<const JobStep*> SavepointSteps();  // SAVEPOINT AWAIT_SAVEPOINT
std::vector<const JobStep*> EndSteps();        // AWAIT_END
std::vector<const JobStep*> CancelSteps();     // CANCEL AWAIT_END
std::vector<const JobStep*> RemoveSteps();     // REMOVE
const JobStep& TheAdoptStep();                 // ADOPT

}  // namespace streampark::console
