// SPDX-License-Identifier: Apache-2.0
#include "clusters/cluster_commands.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "streampark/base/digest.h"
#include "streampark/base/json.h"

namespace streampark::console {
namespace {

std::string_view ToString(JobsOnStop jobs) {
  switch (jobs) {
    case JobsOnStop::kRefuse:
      return "REFUSE";
    case JobsOnStop::kSuspend:
      return "SUSPEND";
    case JobsOnStop::kKill:
      return "KILL";
  }
  return "REFUSE";
}

std::vector<std::string_view> StepNames(OperationKind kind) {
  switch (kind) {
    case OperationKind::kStop:
      return {"CHECK_JOBS", "SUSPEND_JOBS", "STOP_PROCESSES"};
    case OperationKind::kRestart:
      return {"CHECK_OPTIONS",       "CHECK_JOBS",  "SUSPEND_JOBS",
              "STOP_PROCESSES",      "PREPARE",     "START_JOB_MANAGER",
              "START_TASK_MANAGERS", "AWAIT_SLOTS", "RESUME_JOBS"};
    default:
      return {"CHECK_OPTIONS", "PREPARE", "START_JOB_MANAGER", "START_TASK_MANAGERS",
              "AWAIT_SLOTS"};
  }
}

bool RunsWhole(const ClusterEntry& entry) {
  const auto wanted = static_cast<std::size_t>(1 + entry.running_spec().task_managers);
  return entry.processes.size() >= wanted &&
         std::all_of(entry.processes.begin(), entry.processes.end(),
                     [](const ManagedProcess& process) { return process.alive; });
}

}  // namespace

std::optional<JobsOnStop> ParseJobsOnStop(std::string_view text) {
  for (const JobsOnStop jobs : {JobsOnStop::kRefuse, JobsOnStop::kSuspend, JobsOnStop::kKill}) {
    if (text == ToString(jobs)) {
      return jobs;
    }
  }
  return std::nullopt;
}

Operation NewClusterOperation(const ClusterRecord& record, const ClusterCommand& command,
                              const Requester& requester, std::string_view idempotency_key) {
  Operation operation;
  operation.subject = {.kind = SubjectKind::kCluster,
                       .id = record.id,
                       .name = record.spec.name,
                       .team_id = record.spec.team_id};
  operation.kind = command.kind;
  operation.parameters = json::serialize(
      json::object{{"kind", console::ToString(command.kind)}, {"jobs", ToString(command.jobs)}});
  operation.requested_by = requester;
  operation.cancellable = command.kind == OperationKind::kStart;
  for (const std::string_view name : StepNames(command.kind)) {
    operation.steps.push_back({.name = std::string(name)});
  }
  operation.idempotency_key = idempotency_key;
  operation.request_digest = base::Sha256Hex(operation.parameters);
  return operation;
}

ClusterCommand CommandOf(const Operation& operation) {
  ClusterCommand command{.kind = operation.kind};
  if (auto parameters = json::Parse(operation.parameters);
      parameters.ok() && parameters->is_object()) {
    command.jobs = ParseJobsOnStop(json::StringOr(parameters->as_object(), "jobs"))
                       .value_or(JobsOnStop::kRefuse);
  }
  return command;
}

base::Status CheckCommand(const ClusterEntry& entry, const ClusterCommand& command) {
  if (entry.record.spec.kind != ClusterKind::kStandalone) {
    return base::Error(base::ErrorCode::kIllegalState,
                       "the console does not manage this cluster's processes")
        .WithHint("start and stop it where it runs");
  }
  if (entry.operation) {
    return base::Ok();  // whether it has ended is the database's to say
  }
  const bool wanted = entry.record.desired == ClusterDesired::kRunning;
  switch (command.kind) {
    case OperationKind::kStart:
      if (wanted && entry.record.failure.empty() && RunsWhole(entry)) {
        return base::Error(base::ErrorCode::kIllegalState, "the cluster runs already");
      }
      return base::Ok();
    case OperationKind::kStop:
      if (!wanted && !entry.AnyAlive()) {
        return base::Error(base::ErrorCode::kIllegalState, "the cluster is stopped already");
      }
      return base::Ok();
    case OperationKind::kRestart:
      return base::Ok();
    default:
      return base::Error(base::ErrorCode::kIllegalState, "clusters have no such command");
  }
}

}  // namespace streampark::console
