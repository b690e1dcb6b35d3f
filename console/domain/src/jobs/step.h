// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/console/jobs/job_command.h"

#include "jobs/job_system.h"
#include "operations/operation_step.h"

namespace streampark::console {

/// What a step works with: its operation, the job and the world. Lives as long as one turn.
class StepContext : public OperationContext {
 public:
  StepContext(OperationKeeper& keeper, const JobSystem& system_in, Operation& operation_in,
              std::string_view step_in, std::stop_token stop_in)
      : OperationContext(keeper, system_in.clock, operation_in, step_in, std::move(stop_in)),
        system(system_in) {}

  const JobSystem& system;

  /// The job at this moment. INTERNAL when it has gone: nothing purges a job under an operation.
  base::Result<JobViewPtr> Job() const;
  base::Result<JobCommand> Command() const;
  /// The cluster of the newest attempt, or of the operation's revision. CLUSTER_UNREACHABLE when it
  /// has no address.
  base::Result<ClusterPtr> ClusterOf(std::string_view cluster_id) const;
  /// Changes the job, and saves the operation with it.
  base::Status Save(const JobBook::Change& change);
};

/// What an OperationStep of a job is made from.
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
