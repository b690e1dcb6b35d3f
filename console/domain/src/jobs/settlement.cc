// SPDX-License-Identifier: Apache-2.0
#include "jobs/settlement.h"

#include "streampark/console/jobs/job_command.h"

namespace streampark::console {
namespace {

std::string Recall(const Operation& operation, const std::string& key) {
  const auto found = operation.memory.find(key);
  return found == operation.memory.end() ? "" : found->second;
}

void SettleSuccess(const Operation& operation, Job& job) {
  if (StartsTheJob(operation.kind)) {
    job.resume_snapshot_id.clear();
    job.resume_unconfirmed = false;
    job.last_failure.reset();
  }
  if (operation.kind == OperationKind::kStop) {
    job.last_failure.reset();
  }
}

void SettleFailure(const Operation& operation, JobState& state) {
  Job& job = state.job;
  const auto before = ParseDesiredState(Recall(operation, "desired"));
  // A restart that stopped the job and could not start it again has left it suspended.
  const bool stopped_by_us =
      !state.live() && (operation.kind == OperationKind::kRestart ||
                        (IsRenewal(operation.kind) && !Recall(operation, "ran_before").empty()));
  const bool automatic = operation.requested_by.via == Requester::Via::kAutomation;
  // Whoever cancels a start wants the job down, though it was wanted running before.
  const bool unwanted_now = operation.state == OperationState::kCancelled &&
                            StartsTheJob(operation.kind) && !state.live() &&
                            (automatic || !stopped_by_us) && before == DesiredState::kRunning;
  if (unwanted_now) {
    job.desired = DesiredState::kStopped;
  } else if (automatic) {
    // It stays as a person wants it.
  } else if (stopped_by_us) {
    job.desired = job.resume_snapshot_id.empty() && !job.resume_unconfirmed
                      ? DesiredState::kStopped
                      : DesiredState::kSuspended;
  } else if (before && !(StartsTheJob(operation.kind) && state.live())) {
    job.desired = *before;
  }
  if (IsRenewal(operation.kind) && state.live()) {
    // It runs, as before or as the new revision: nothing is resumed, and nothing has to be made up.
    job.resume_snapshot_id.clear();
    return;
  }
  if (operation.state == OperationState::kFailed && operation.error &&
      ((StartsTheJob(operation.kind) && operation.kind != OperationKind::kAdopt) ||
       operation.kind == OperationKind::kRelease)) {
    const base::Error& error = *operation.error;
    job.last_failure = LastFailure{
        operation.kind, operation.id, std::string(error.traits().code),
        error.cause().empty() ? error.message() : error.message() + ": " + error.cause(),
        *operation.finished_at};
  }
}

/// A release that was begun and not finished is no release.
base::Status FailRelease(const JobSystem& system, const Operation& operation, JobEdit& edit) {
  const std::string number = Recall(operation, "revision");
  if (number.empty()) {
    return base::Ok();
  }
  for (Release& release :
       SP_TRY(system.store.ListReleasesInMaking(operation.subject.id, std::stoi(number)))) {
    release.state = Release::State::kFailed;
    release.finished_at = operation.finished_at;
    edit.changes.releases.push_back(std::move(release));
  }
  return base::Ok();
}

}  // namespace

bool StartsTheJob(OperationKind kind) {
  return kind == OperationKind::kStart || kind == OperationKind::kRestart ||
         kind == OperationKind::kAdopt || IsRenewal(kind);
}

DesiredState DesiredAfter(const JobCommand& command, DesiredState before) {
  switch (command.kind) {
    case OperationKind::kStart:
    case OperationKind::kRestart:
    case OperationKind::kAdopt:
    case OperationKind::kUpgrade:
    case OperationKind::kRescale:
    case OperationKind::kRollback:
      return DesiredState::kRunning;
    case OperationKind::kStop:
      return command.savepoint == SavepointChoice::kYes ? DesiredState::kSuspended
                                                        : DesiredState::kStopped;
    default:
      return before;
  }
}

base::Status Settle(const JobSystem& system, const Operation& operation) {
  SP_TRY(system.book.Edit(operation.subject.id, [&](JobEdit& edit) -> base::Status {
    if (operation.state == OperationState::kSucceeded) {
      SettleSuccess(operation, edit.state.job);
    } else {
      SettleFailure(operation, edit.state);
      SP_TRY(FailRelease(system, operation, edit));
    }
    if (edit.state.operation && edit.state.operation->id == operation.id) {
      edit.state.operation.reset();
    }
    edit.SaveJob();
    edit.changes.operations.push_back(operation);
    return base::Ok();
  }));
  return base::Ok();
}

}  // namespace streampark::console
