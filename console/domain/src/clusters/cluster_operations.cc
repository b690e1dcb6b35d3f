// SPDX-License-Identifier: Apache-2.0
#include "clusters/cluster_operations.h"

#include <map>
#include <memory>
#include <string_view>

#include "clusters/cluster_commands.h"

namespace streampark::console {
namespace {

constexpr base::Millis kLookedAtAfter{2000};

}  // namespace

std::vector<OperationStep> ClusterOperations::StepsOf(const Operation& operation) {
  using Turn = std::function<base::Result<Next>(OperationContext&)>;
  const JobsOnStop jobs = CommandOf(operation).jobs;
  const auto of_start = [this](ClusterStart::Turn turn) -> Turn {
    return [this, turn](OperationContext& context) { return start_.OrPutRight(turn, context); };
  };
  const auto if_suspends = [this, jobs](auto turn) -> Turn {
    return [this, jobs, turn](OperationContext& context) -> base::Result<Next> {
      return jobs == JobsOnStop::kSuspend ? (stop_.*turn)(context) : Next::Skipped("");
    };
  };
  const auto check_jobs = [this, jobs](OperationContext& context) -> base::Result<Next> {
    SP_TRY(stop_.CheckJobs(context.operation.subject.id, jobs, context.stop));
    return Next::Done();
  };
  const std::map<std::string_view, Turn> known{
      {"CHECK_OPTIONS", [this](OperationContext& c) { return start_.CheckOptions(c); }},
      {"CHECK_JOBS", check_jobs},
      {"SUSPEND_JOBS", if_suspends(&ClusterStop::SuspendJobs)},
      {"STOP_PROCESSES",
       [this, jobs](OperationContext& c) { return stop_.StopProcesses(c, jobs); }},
      {"PREPARE", of_start(&ClusterStart::Prepare)},
      {"START_JOB_MANAGER", of_start(&ClusterStart::StartJobManager)},
      {"START_TASK_MANAGERS", of_start(&ClusterStart::StartTaskManagers)},
      {"AWAIT_SLOTS", of_start(&ClusterStart::AwaitSlots)},
      {"RESUME_JOBS", if_suspends(&ClusterStop::ResumeJobs)}};

  const auto bind = [this](std::string_view name, const Turn& turn) {
    return [this, name, turn](Operation& running, const std::stop_token& stop) {
      OperationContext context(*this, runtime_.clock, running, name, stop);
      return turn(context);
    };
  };
  std::vector<OperationStep> steps;
  for (const Step& step : operation.steps) {
    const auto found = known.find(step.name);
    if (found == known.end()) {
      return {};
    }
    const std::string_view name = found->first;
    steps.push_back(
        {.name = name,
         .cancellable = operation.kind == OperationKind::kStart,
         .run = bind(name, found->second),
         .cancel = bind(name, [this](OperationContext& c) { return start_.Cancel(c); })});
  }
  return steps;
}

void ClusterOperations::Put(const Operation& operation) {
  runtime_.registry.Apply(operation.subject.id, [&](ClusterEntry& entry) {
    if (operation.open()) {
      entry.operation = std::make_shared<const Operation>(operation);
    } else if (entry.operation && entry.operation->id == operation.id) {
      entry.operation = nullptr;  // the next one may have begun since this one ended
    }
  });
}

base::Status ClusterOperations::Save(const Operation& operation) {
  SP_TRY(log_.Save(operation));
  Put(operation);
  return base::Ok();
}

void ClusterOperations::Show(const Operation& operation) {
  log_.Announce(operation);
  Put(operation);
}

base::Status ClusterOperations::Settle(const Operation& operation) {
  SP_TRY(Save(operation));
  watch_.Hurry(operation.subject.id, kLookedAtAfter);
  return base::Ok();
}

}  // namespace streampark::console
