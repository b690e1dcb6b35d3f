// SPDX-License-Identifier: Apache-2.0
#include "clusters/fleet_run.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "streampark/base/log.h"

#include "clusters/operation_run.h"

namespace streampark::console {
namespace {

using base::ErrorCode;

/// The job or cluster is not there to be started, or a person has decided otherwise since: it is
/// not for the fleet to start any more.
bool IsSettledOtherwise(const base::Error& error) {
  return error.code() == ErrorCode::kNotFound || error.code() == ErrorCode::kIllegalState ||
         error.code() == ErrorCode::kRestoreChoiceRequired;
}

bool IsDone(const FleetItem& item) {
  return item.state == OperationState::kSucceeded || item.state == OperationState::kFailed ||
         item.state == OperationState::kCancelled;
}

}  // namespace

void FleetRun::Carry() {
  operation_.state = OperationState::kRunning;
  base::Status status = Save();
  if (status.ok()) {
    status = operation_.command.kind == FleetKind::kSuspend ? Suspend() : Resume();
  }
  if (stop_.stop_requested()) {
    return;  // it stays open, and the next start goes on
  }
  operation_.state = status.ok() ? OperationState::kSucceeded : OperationState::kFailed;
  operation_.finished_at = parts_.clock.Now();
  if (!status.ok()) {
    operation_.error = status.error();
    // What was not begun will not be.
    for (FleetItem& item : operation_.items) {
      if (item.state == OperationState::kPending) {
        item.state = OperationState::kCancelled;
      }
    }
  }
  while (!Save().ok()) {
    if (!WaitFor(base::Millis(1000), stop_)) {
      return;
    }
  }
}

void FleetRun::ForEach(SubjectKind kind, const std::function<void(FleetItem&)>& visit) {
  for (FleetItem& item : operation_.items) {
    if (item.subject.kind == kind) {
      visit(item);
    }
  }
}

std::string FleetRun::KeyOf(const FleetItem& item, std::string_view verb) const {
  return "fleet:" + operation_.id + ":" + std::string(verb) + ":" + item.subject.id;
}

std::string FleetRun::Failed(SubjectKind kind) const {
  std::string names;
  for (const FleetItem& item : operation_.items) {
    if (item.subject.kind == kind && item.state == OperationState::kFailed) {
      names += (names.empty() ? "" : ", ") + item.subject.name;
    }
  }
  return names;
}

base::Status FleetRun::Begin(FleetItem& item) {
  item.state = OperationState::kRunning;
  return Save();
}

base::Status FleetRun::End(FleetItem& item, const base::Status& how) {
  item.state = how.ok() ? OperationState::kSucceeded : OperationState::kFailed;
  item.message = how.ok() ? "" : how.error().message();
  return Save();
}

// -------------------------------------------------------------------------------------------
// suspend

base::Status FleetRun::Suspend() {
  SP_TRY(AskJobs());
  SP_TRY(SuspendJobs());
  return StopClusters();
}

base::Status FleetRun::AskJobs() {
  const bool begun =
      std::any_of(operation_.items.begin(), operation_.items.end(),
                  [](const FleetItem& i) { return i.state != OperationState::kPending; });
  if (begun || operation_.command.force) {
    return base::Ok();  // an earlier life asked already
  }
  std::string refused;
  const auto refuse = [&](FleetItem& item, const std::string& why) {
    item.state = OperationState::kFailed;
    item.message = why;
    refused += (refused.empty() ? "" : ", ") + item.subject.name;
  };
  ForEach(SubjectKind::kJob, [&](FleetItem& item) {
    if (base::Status can = tenants_.CanSuspend(item.subject.id); !can.ok()) {
      refuse(item, can.error().message());
    }
  });
  ForEach(SubjectKind::kCluster, [&](FleetItem& item) {
    const ClusterPtr cluster = parts_.clusters.Find(item.subject.id);
    if (cluster && cluster->foreign_jobs > 0) {
      refuse(item, std::to_string(cluster->foreign_jobs) +
                       " jobs that this console did not start run there");
    }
  });
  if (refused.empty()) {
    return base::Ok();
  }
  return base::Error(ErrorCode::kInUse, "cannot be suspended: " + refused + "; nothing was stopped")
      .WithHint("see to them first, or force it: then they die without a savepoint");
}

base::Status FleetRun::SuspendJobs() {
  std::vector<std::pair<FleetItem*, std::string>> waiting;
  for (FleetItem& item : operation_.items) {
    if (item.subject.kind != SubjectKind::kJob || IsDone(item)) {
      continue;
    }
    SP_TRY(Begin(item));
    SP_TRY(parts_.store.AddSuspended(item.subject));
    auto begun = tenants_.Suspend(item.subject.id, operation_.requested_by, KeyOf(item, "suspend"));
    if (!begun.ok()) {
      SP_TRY(End(item, begun.error()));
    } else if (begun->empty()) {
      SP_TRY(End(item, base::Ok()));
    } else {
      waiting.emplace_back(&item, *begun);
    }
  }
  for (const auto& [item, operation_id] : waiting) {
    base::Status ended = tenants_.Await(operation_id, parts_.job_deadline, stop_);
    if (stop_.stop_requested()) {
      return base::Error(ErrorCode::kCancelled, "the console is shutting down");
    }
    SP_TRY(End(*item, ended));
  }
  ForEach(SubjectKind::kJob, [&](FleetItem& item) {
    // With force a job that could not be suspended dies with its cluster; RESUME must not start it
    // from what is not there.
    if (item.state == OperationState::kFailed) {
      (void)parts_.store.RemoveSuspended(item.subject);
    }
  });
  const std::string failed = Failed(SubjectKind::kJob);
  if (failed.empty() || operation_.command.force) {
    return base::Ok();
  }
  ResumeSuspended();
  return base::Error(ErrorCode::kSavepointFailed,
                     "could not be suspended: " + failed + "; the others were started again")
      .WithHint("see to them first, or force it: then they die without a savepoint");
}

void FleetRun::ResumeSuspended() {
  std::vector<std::pair<FleetItem*, std::string>> waiting;
  ForEach(SubjectKind::kJob, [&](FleetItem& item) {
    if (item.state != OperationState::kSucceeded) {
      return;
    }
    auto begun = tenants_.Resume(item.subject.id, operation_.requested_by, KeyOf(item, "undo"));
    if (begun.ok()) {
      waiting.emplace_back(&item, *begun);
    } else {
      item.message = "suspended, and could not be started again: " + begun.error().message();
    }
  });
  for (const auto& [item, operation_id] : waiting) {
    const base::Status ended = operation_id.empty()
                                   ? base::Ok()
                                   : tenants_.Await(operation_id, parts_.job_deadline, stop_);
    if (!ended.ok()) {
      item->message = "suspended, and could not be started again: " + ended.error().message();
      continue;  // stays noted: RESUME tries again
    }
    item->message = "started again";
    item->state = OperationState::kCancelled;
    (void)parts_.store.RemoveSuspended(item->subject);
  }
}

base::Status FleetRun::StopClusters() {
  std::vector<std::pair<FleetItem*, std::string>> waiting;
  for (FleetItem& item : operation_.items) {
    if (item.subject.kind != SubjectKind::kCluster || IsDone(item)) {
      continue;
    }
    SP_TRY(Begin(item));
    SP_TRY(parts_.store.AddSuspended(item.subject));
    auto begun =
        Command(item, {.kind = OperationKind::kStop,
                       .jobs = operation_.command.force ? JobsOnStop::kKill : JobsOnStop::kRefuse});
    if (!begun.ok()) {
      // One that somebody stopped meanwhile is as it should be, but not the fleet's to start again.
      SP_TRY(
          End(item, IsSettledOtherwise(begun.error()) ? base::Ok() : base::Status(begun.error())));
      SP_TRY(parts_.store.RemoveSuspended(item.subject));
    } else {
      waiting.emplace_back(&item, *begun);
    }
  }
  for (const auto& [item, operation_id] : waiting) {
    base::Status ended = AwaitCluster(operation_id);
    if (stop_.stop_requested()) {
      return base::Error(ErrorCode::kCancelled, "the console is shutting down");
    }
    SP_TRY(End(*item, ended));
    if (!ended.ok()) {
      SP_TRY(parts_.store.RemoveSuspended(item->subject));
    }
  }
  const std::string failed = Failed(SubjectKind::kCluster);
  if (!failed.empty()) {
    return base::Error(ErrorCode::kEngineError, "could not be stopped: " + failed);
  }
  return base::Ok();
}

// --------------------------------------------------------------------------------------------
// resume

base::Status FleetRun::Resume() {
  SP_TRY(StartClusters());
  SP_TRY(StartJobs());
  std::string failed = Failed(SubjectKind::kCluster);
  const std::string jobs = Failed(SubjectKind::kJob);
  failed += (failed.empty() || jobs.empty() ? "" : ", ") + jobs;
  if (!failed.empty()) {
    return base::Error(ErrorCode::kEngineError, "could not be started: " + failed)
        .WithHint("they stay noted: resume again when the cause is mended");
  }
  return base::Ok();
}

base::Status FleetRun::StartClusters() {
  std::vector<std::pair<FleetItem*, std::string>> waiting;
  for (FleetItem& item : operation_.items) {
    if (item.subject.kind != SubjectKind::kCluster || IsDone(item)) {
      continue;
    }
    SP_TRY(Begin(item));
    auto begun = Command(item, {.kind = OperationKind::kStart});
    if (begun.ok()) {
      waiting.emplace_back(&item, *begun);
    } else if (IsSettledOtherwise(begun.error())) {
      SP_TRY(parts_.store.RemoveSuspended(item.subject));  // runs already, or is gone
      SP_TRY(End(item, base::Ok()));
      item.message = begun.error().message();
    } else {
      SP_TRY(End(item, begun.error()));
    }
  }
  for (const auto& [item, operation_id] : waiting) {
    base::Status ended = AwaitCluster(operation_id);
    if (stop_.stop_requested()) {
      return base::Error(ErrorCode::kCancelled, "the console is shutting down");
    }
    if (ended.ok()) {
      SP_TRY(parts_.store.RemoveSuspended(item->subject));
    }
    SP_TRY(End(*item, ended));
  }
  return base::Ok();
}

base::Status FleetRun::StartJobs() {
  std::vector<std::pair<FleetItem*, std::string>> waiting;
  for (FleetItem& item : operation_.items) {
    if (item.subject.kind != SubjectKind::kJob || IsDone(item)) {
      continue;
    }
    SP_TRY(Begin(item));
    auto begun = tenants_.Resume(item.subject.id, operation_.requested_by, KeyOf(item, "resume"));
    if (begun.ok() && !begun->empty()) {
      waiting.emplace_back(&item, *begun);
      continue;
    }
    if (begun.ok() || IsSettledOtherwise(begun.error())) {
      SP_TRY(parts_.store.RemoveSuspended(item.subject));
      item.message = begun.ok() ? "" : begun.error().message();
      item.state = begun.ok() ? OperationState::kSucceeded : OperationState::kCancelled;
      SP_TRY(Save());
    } else {
      SP_TRY(End(item, begun.error()));
    }
  }
  for (const auto& [item, operation_id] : waiting) {
    base::Status ended = tenants_.Await(operation_id, parts_.job_deadline, stop_);
    if (stop_.stop_requested()) {
      return base::Error(ErrorCode::kCancelled, "the console is shutting down");
    }
    if (ended.ok()) {
      SP_TRY(parts_.store.RemoveSuspended(item->subject));
    }
    SP_TRY(End(*item, ended));
  }
  return base::Ok();
}

// ------------------------------------------------------------------------------------------
// clusters

base::Result<std::string> FleetRun::Command(const FleetItem& item, const ClusterCommand& command) {
  const std::string key = KeyOf(item, ToString(command.kind));
  // Another operation of the cluster may be under way: the fleet waits for its turn.
  const base::SteadyTime deadline = parts_.clock.SteadyNow() + parts_.cluster_deadline;
  while (true) {
    auto begun = parts_.clusters.Command(item.subject.id, command, operation_.requested_by, key);
    if (begun.ok()) {
      return begun->id;
    }
    if (begun.error().code() != ErrorCode::kOperationInFlight ||
        parts_.clock.SteadyNow() >= deadline || !WaitFor(parts_.look_again_after, stop_)) {
      return std::move(begun).error();
    }
  }
}

base::Status FleetRun::AwaitCluster(const std::string& operation_id) {
  const base::SteadyTime deadline = parts_.clock.SteadyNow() + parts_.cluster_deadline;
  while (parts_.clock.SteadyNow() < deadline) {
    const auto operation = SP_TRY(parts_.operations.Find(operation_id));
    if (!operation) {
      return base::Error(ErrorCode::kNotFound, "the operation is gone");
    }
    if (!operation->open()) {
      if (operation->state == OperationState::kSucceeded) {
        return base::Ok();
      }
      return operation->error.value_or(base::Error(ErrorCode::kCancelled, "cancelled"));
    }
    if (!WaitFor(parts_.look_again_after, stop_)) {
      break;
    }
  }
  return base::Error(ErrorCode::kEngineTimeout,
                     "it takes longer than " + base::FormatDuration(parts_.cluster_deadline));
}

}  // namespace streampark::console
