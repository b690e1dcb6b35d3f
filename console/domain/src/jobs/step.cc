// SPDX-License-Identifier: Apache-2.0
// Which steps an operation has:
//
//   RELEASE           CHECK RESOLVE VALIDATE COMPILE
//   START             CHECK RESOLVE VALIDATE COMPILE RESTORE SLOTS SUBMIT RUN
//   STOP YES, DRAIN   SAVEPOINT AWAIT_SAVEPOINT AWAIT_END
//   STOP NO           CANCEL AWAIT_END
//   SAVEPOINT         SAVEPOINT AWAIT_SAVEPOINT
//   RESTART           CHECK RESOLVE VALIDATE COMPILE REHEARSE, then as STOP, then RESTORE SLOTS
//                     SUBMIT RUN
//   UPGRADE           CHECK RESOLVE VALIDATE COMPILE CHOOSE_PATH ARTIFACTS CAPACITY FOLDER REHEARSE
//                     WAY_BACK SAVEPOINT AWAIT_SAVEPOINT CANCEL AWAIT_END RESTORE SLOTS SUBMIT RUN
//                     WATCH ROLL_BACK RESTORE_BACK SLOTS_BACK SUBMIT_BACK RUN_BACK
//   RESCALE           RESCALE AWAIT_RESCALE, and as UPGRADE when it cannot be done in place
//   ROLLBACK          as UPGRADE, without a way back
//   DELETE            CANCEL AWAIT_END REMOVE
//   ADOPT             ADOPT
#include "jobs/step.h"

#include "jobs/start_work.h"

namespace streampark::console {

base::Result<JobViewPtr> StepContext::Job() const {
  JobViewPtr view = system.board.Find(operation.subject.id);
  if (view == nullptr) {
    return base::Error(base::ErrorCode::kInternal, "the job of a running operation is gone");
  }
  return view;
}

base::Result<JobCommand> StepContext::Command() const {
  return CommandFromText(operation.parameters);
}

base::Result<ClusterPtr> StepContext::ClusterOf(std::string_view cluster_id) const {
  ClusterPtr cluster = system.clusters.Find(cluster_id);
  if (cluster == nullptr) {
    return base::Error(base::ErrorCode::kNotFound, "the job's cluster does not exist any more")
        .WithHint("choose another cluster");
  }
  if (cluster->endpoint.addresses.empty()) {
    return base::Error(base::ErrorCode::kClusterUnreachable,
                       "the cluster " + cluster->spec.name + " is not started")
        .WithHint("start the cluster first");
  }
  return cluster;
}

base::Status StepContext::Save(const JobBook::Change& change) {
  SP_TRY(system.book.Edit(operation.subject.id, [&](JobEdit& edit) -> base::Status {
    SP_TRY(change(edit));
    edit.changes.operations.push_back(operation);
    return base::Ok();
  }));
  return base::Ok();
}

std::vector<const JobStep*> StepsOf(const JobCommand& command) {
  std::vector<const JobStep*> steps;
  const auto add = [&](const std::vector<const JobStep*>& more) {
    steps.insert(steps.end(), more.begin(), more.end());
  };
  const auto add_stop = [&] {
    if (command.savepoint == SavepointChoice::kNo) {
      add(CancelSteps());
    } else {
      add(SavepointSteps());
      add(EndSteps());
    }
  };
  switch (command.kind) {
    case OperationKind::kRelease:
      add(ReleaseSteps());
      break;
    case OperationKind::kStart:
      add(ReleaseSteps());
      add(StartSteps());
      break;
    case OperationKind::kStop:
      add_stop();
      break;
    case OperationKind::kSavepoint:
      add(SavepointSteps());
      break;
    case OperationKind::kRestart:
      add(ReleaseSteps());
      add({&TheRehearseStep()});
      add_stop();
      add(StartSteps());
      break;
    case OperationKind::kRescale:
      add(RescaleSteps());
      [[fallthrough]];
    case OperationKind::kUpgrade:
    case OperationKind::kRollback:
      add(ReleaseSteps());
      add(ProofSteps());
      add(SavepointSteps());
      add(CancelSteps());
      add(RenewSteps());
      if (command.kind != OperationKind::kRollback) {
        add(BackSteps());
      }
      break;
    case OperationKind::kDelete:
      add(CancelSteps());
      add(RemoveSteps());
      break;
    case OperationKind::kAdopt:
      add({&TheAdoptStep()});
      break;
    default:
      break;
  }
  return steps;
}

}  // namespace streampark::console
