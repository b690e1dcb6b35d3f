// SPDX-License-Identifier: Apache-2.0
#include "clusters/fleet_run.h"

#include <algorithm>
#include <utility>

#include "streampark/base/log.h"
#include "streampark/console/operations/journal.h"

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

constexpr base::Millis kDiskRetry{1000};

}  // namespace

Turns::Due FleetRun::TakeTurn() {
  if (IsOpen(operation_.state)) {
    operation_.state = OperationState::kRunning;
    const Turn turn = operation_.command.kind == FleetKind::kSuspend ? Suspend() : Resume();
    if (!turn.ok() && IsOfTheDisk(turn.error())) {
      base::LogError("a fleet operation waits for the disk",
                     {{"operation", operation_.id}, {"error", turn.error()}});
      return kDiskRetry;
    }
    if (turn.ok() && !*turn) {
      return parts_.look_again_after;
    }
    operation_.state = turn.ok() ? OperationState::kSucceeded : OperationState::kFailed;
    operation_.finished_at = parts_.clock.Now();
    if (!turn.ok()) {
      operation_.error = turn.error();
    }
    // What was not begun will not be.
    for (FleetItem& item : operation_.items) {
      if (item.state == OperationState::kPending) {
        item.state = OperationState::kCancelled;
      }
    }
  }
  return Save().ok() ? std::nullopt : std::optional(kDiskRetry);
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

base::Status FleetRun::Settle(FleetItem& item, std::string why) {
  item.state = OperationState::kCancelled;
  item.message = std::move(why);
  return Save();
}

// -------------------------------------------------------------------------------------------
// suspend

FleetRun::Turn FleetRun::Suspend() {
  SP_TRY(AskJobs());
  return SP_TRY(SuspendJobs()) && SP_TRY(StopClusters());
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

FleetRun::Turn FleetRun::SuspendJobs() {
  bool over = true;
  for (FleetItem& item : operation_.items) {
    if (item.subject.kind != SubjectKind::kJob || IsDone(item)) {
      continue;
    }
    if (item.state == OperationState::kPending) {
      SP_TRY(parts_.store.AddSuspended(item.subject));
      SP_TRY(Begin(item));
    }
    const std::string key = KeyOf(item, "suspend");
    const auto stop = tenants_.Suspend(item.subject.id, operation_.requested_by, key);
    const auto ended = SP_TRY(EndOfJob(key, stop));
    over = over && ended;
    if (!ended) {
      continue;
    }
    // One that does not run any more is as it should be, but not the fleet's to start again. With
    // force one that could not be suspended dies with its cluster; RESUME must not start it from
    // what is not there.
    const bool settled = stop.ok() && stop->empty();
    if (settled || !ended->ok()) {
      SP_TRY(parts_.store.RemoveSuspended(item.subject));
    }
    SP_TRY(settled ? Settle(item, "it does not run any more") : End(item, *ended));
  }
  if (!over) {
    return false;
  }
  const std::string failed = Failed(SubjectKind::kJob);
  if (failed.empty() || operation_.command.force) {
    return true;
  }
  if (!SP_TRY(StartAgain(SubjectKind::kJob))) {
    return false;
  }
  return base::Error(ErrorCode::kSavepointFailed,
                     "could not be suspended: " + failed + "; the others were started again")
      .WithHint("see to them first, or force it: then they die without a savepoint");
}

FleetRun::Turn FleetRun::StartAgain(SubjectKind kind) {
  bool over = true;
  for (FleetItem& item : operation_.items) {
    if (item.subject.kind != kind || item.state != OperationState::kSucceeded) {
      continue;
    }
    const std::string key = KeyOf(item, "undo");
    const auto ended =
        SP_TRY(kind == SubjectKind::kCluster
                   ? EndOfCluster(item, {.kind = OperationKind::kStart})
                   : EndOfJob(key, tenants_.Resume(item.subject.id, operation_.requested_by, key)));
    over = over && ended;
    if (ended && ended->ok()) {
      SP_TRY(parts_.store.RemoveSuspended(item.subject));
      SP_TRY(Settle(item, "started again"));
    } else if (ended) {  // stays noted: RESUME tries again
      item.message = "stopped, and could not be started again: " + ended->error().message();
    }
  }
  return over;
}

FleetRun::Turn FleetRun::StopClusters() {
  const ClusterCommand stop{
      .kind = OperationKind::kStop,
      .jobs = operation_.command.force ? JobsOnStop::kKill : JobsOnStop::kRefuse};
  bool over = true;
  for (FleetItem& item : operation_.items) {
    if (item.subject.kind != SubjectKind::kCluster || IsDone(item)) {
      continue;
    }
    if (item.state == OperationState::kPending) {
      SP_TRY(parts_.store.AddSuspended(item.subject));
      SP_TRY(Begin(item));
    }
    const auto ended = SP_TRY(EndOfCluster(item, stop));
    over = over && ended;
    if (!ended) {
      continue;
    }
    if (!ended->ok()) {
      SP_TRY(parts_.store.RemoveSuspended(item.subject));
    }
    // One that somebody stopped meanwhile is as it should be, but not the fleet's to start again.
    const bool settled = !ended->ok() && IsSettledOtherwise(ended->error());
    SP_TRY(settled ? Settle(item, ended->error().message()) : End(item, *ended));
  }
  const std::string failed = Failed(SubjectKind::kCluster);
  if (!over || failed.empty()) {
    return over;
  }
  if (operation_.command.force) {
    return base::Error(ErrorCode::kEngineError, "could not be stopped: " + failed);
  }
  if (!SP_TRY(StartAgain(SubjectKind::kCluster)) || !SP_TRY(StartAgain(SubjectKind::kJob))) {
    return false;
  }
  return base::Error(ErrorCode::kEngineError,
                     "could not be stopped: " + failed + "; the others were started again");
}

// --------------------------------------------------------------------------------------------
// resume

FleetRun::Turn FleetRun::Resume() {
  if (!SP_TRY(StartClusters()) || !SP_TRY(StartJobs())) {
    return false;
  }
  std::string failed = Failed(SubjectKind::kCluster);
  const std::string jobs = Failed(SubjectKind::kJob);
  failed += (failed.empty() || jobs.empty() ? "" : ", ") + jobs;
  if (!failed.empty()) {
    return base::Error(ErrorCode::kEngineError, "could not be started: " + failed)
        .WithHint("they stay noted: resume again when the cause is mended");
  }
  return true;
}

FleetRun::Turn FleetRun::StartClusters() {
  bool over = true;
  for (FleetItem& item : operation_.items) {
    if (item.subject.kind != SubjectKind::kCluster || IsDone(item)) {
      continue;
    }
    if (item.state == OperationState::kPending) {
      SP_TRY(Begin(item));
    }
    const auto ended = SP_TRY(EndOfCluster(item, {.kind = OperationKind::kStart}));
    over = over && ended;
    if (!ended) {
      continue;
    }
    const bool settled = !ended->ok() && IsSettledOtherwise(ended->error());
    if (ended->ok() || settled) {
      SP_TRY(parts_.store.RemoveSuspended(item.subject));  // runs, or is gone
    }
    SP_TRY(End(item, settled ? base::Ok() : *ended));
    item.message = ended->ok() ? "" : ended->error().message();
  }
  return over;
}

FleetRun::Turn FleetRun::StartJobs() {
  bool over = true;
  for (FleetItem& item : operation_.items) {
    if (item.subject.kind != SubjectKind::kJob || IsDone(item)) {
      continue;
    }
    if (item.state == OperationState::kPending) {
      SP_TRY(Begin(item));
    }
    const std::string key = KeyOf(item, "resume");
    const auto begun = tenants_.Resume(item.subject.id, operation_.requested_by, key);
    const auto ended = SP_TRY(EndOfJob(key, begun));
    over = over && ended;
    if (!ended) {
      continue;
    }
    const bool settled = !begun.ok() && IsSettledOtherwise(begun.error());
    if (ended->ok() || settled) {
      SP_TRY(parts_.store.RemoveSuspended(item.subject));
    }
    SP_TRY(settled ? Settle(item, ended->error().message()) : End(item, *ended));
  }
  return over;
}

// ------------------------------------------------------------------------------------------
// jobs and clusters

base::Result<std::optional<base::Status>> FleetRun::EndOfJob(
    const std::string& key, const base::Result<std::string>& operation_id) {
  using Ended = std::optional<base::Status>;
  if (!operation_id.ok()) {
    return IsOfTheDisk(operation_id.error()) ? base::Result<Ended>(operation_id.error())
                                             : Ended(operation_id.error());
  }
  Ended ended = operation_id->empty() ? base::Ok() : tenants_.EndOf(*operation_id);
  if (!ended && IsOverdue(key, parts_.job_deadline)) {
    return Ended(base::Error(ErrorCode::kEngineTimeout, "the operation is still under way"));
  }
  return ended;
}

base::Result<std::optional<base::Status>> FleetRun::EndOfCluster(const FleetItem& item,
                                                                 const ClusterCommand& command) {
  using Ended = std::optional<base::Status>;
  const std::string key = KeyOf(item, ToString(command.kind));
  const auto begun =
      parts_.clusters.Command(item.subject.id, command, operation_.requested_by, key);
  const bool overdue = IsOverdue(key, parts_.cluster_deadline);
  if (!begun.ok()) {
    if (IsOfTheDisk(begun.error())) {
      return begun.error();
    }
    // Another operation of the cluster may be under way: the fleet waits for its turn.
    const bool waits = begun.error().code() == ErrorCode::kOperationInFlight && !overdue;
    return waits ? std::nullopt : Ended(begun.error());
  }
  if (begun->open()) {
    return overdue ? Ended(base::Error(
                         ErrorCode::kEngineTimeout,
                         "it takes longer than " + base::FormatDuration(parts_.cluster_deadline)))
                   : std::nullopt;
  }
  if (begun->state == OperationState::kSucceeded) {
    return Ended(base::Ok());
  }
  return Ended(begun->error.value_or(base::Error(ErrorCode::kCancelled, "cancelled")));
}

bool FleetRun::IsOverdue(const std::string& key, base::Millis deadline) {
  const base::SteadyTime now = parts_.clock.SteadyNow();
  return now >= waiting_since_.try_emplace(key, now).first->second + deadline;
}

}  // namespace streampark::console
