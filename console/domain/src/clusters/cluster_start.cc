// SPDX-License-Identifier: Apache-2.0
#include "clusters/cluster_start.h"

#include <algorithm>
#include <string>
#include <utility>

#include "streampark/base/error_text.h"

#include "clusters/process_ending.h"

namespace streampark::console {
namespace {

constexpr base::Millis kOneLook{2000};
/// Remembered: "yes" when the JobManager lived before the operation: then it is none of its to end.
/// Before anything is changed it is not known.
const std::string kCompletes = "completes";
/// Remembered when a port was taken and others were chosen: once is enough.
const std::string kMoved = "moved";
/// Remembered: why it fails, while it is being put right.
const std::string kFailure = "failure";
const std::string kAwaiting = "awaiting";

std::string Text(const base::ProcessId& id) {
  return std::to_string(id.pid) + ":" + std::to_string(id.start_ticks);
}

bool IsPortTaken(const base::Error& error) {
  return error.cause().find("ddress already in use") != std::string::npos ||
         error.cause().find("Could not start rest endpoint on any port") != std::string::npos ||
         error.cause().find("BindException") != std::string::npos;
}

}  // namespace

base::Result<ClusterRecord> ClusterStart::RecordOf(const OperationContext& context) const {
  auto record = runtime_.registry.Record(context.operation.subject.id);
  if (!record) {
    return base::Error(base::ErrorCode::kNotFound, "the cluster is gone");
  }
  return *std::move(record);
}

base::Result<Next> ClusterStart::CheckOptions(OperationContext& context) {
  const ClusterRecord record = SP_TRY(RecordOf(context));
  const ClusterSpecVerdict verdict = SP_TRY(journal_.Look(
      "CHECK_OPTIONS", [&] { return runtime_.planner.Check(record, record.spec, context.stop); }));
  if (!verdict.errors.empty()) {
    return RefusalOf(verdict);
  }
  return Next::Done();
}

base::Result<Next> ClusterStart::OrPutRight(Turn turn, OperationContext& context) {
  if (const auto failure = base::ErrorFromText(context.Recall(kFailure))) {
    return GiveUp(context, *failure);
  }
  base::Result<Next> next = (this->*turn)(context);
  if (next.ok() || context.stop.stop_requested() || IsOfTheDisk(next.error())) {
    return next;
  }
  // To a later life that finds the processes ended this would be another failure.
  SP_TRY(context.Note(kFailure, base::ErrorToText(next.error())));
  return GiveUp(context, next.error());
}

base::Result<Next> ClusterStart::GiveUp(OperationContext& context, const base::Error& why) {
  if (!SP_TRY(PutRight(context, why))) {
    return Next::Wait(timings_.look_again);
  }
  if (!IsPortTaken(why) || context.Remembers(kMoved)) {
    return why;
  }
  // Ports are kept from start to start, but not against somebody who took one while it was stopped.
  context.Remember(kMoved, "yes");
  context.Forget(kFailure);
  context.Forget(kAwaiting);
  return Next::BackTo("PREPARE");
}

base::Result<Next> ClusterStart::Cancel(OperationContext& context) {
  if (!SP_TRY(PutRight(context, base::Error(base::ErrorCode::kCancelled, "cancelled")))) {
    return Next::Wait(timings_.look_again);
  }
  return Next::Done();
}

base::Result<Next> ClusterStart::Prepare(OperationContext& context) {
  const ClusterRecord record = SP_TRY(RecordOf(context));
  const auto claim = processes_.Claim(record.id);
  const bool lives =
      SP_TRY(processes_.FindAlive(record.id, engines::ProcessRole::kJobManager, 0)).has_value();
  const bool completes = lives && record.started_spec;
  SP_TRY(context.Note(kCompletes, completes ? "yes" : "no"));
  if (completes) {
    SP_TRY(runtime_.store.ForgetRestarts(record.id));
    SP_TRY(runtime_.Write(record.id, [](ClusterRecord& r) {
      r.desired = ClusterDesired::kRunning;
      r.failure.clear();
    }));
    return Next::Done();
  }
  // TaskManagers that outlived their JobManager would belong to the old configuration.
  if (!SP_TRY(EndAll(processes_, context, timings_.stop_grace))) {
    return Next::Wait(timings_.look_again);
  }
  SP_TRY(runtime_.store.ForgetRestarts(record.id));
  engines::ClusterPlan plan = SP_TRY(runtime_.planner.PlanOf(record, record.spec));
  SP_TRY(journal_.Look("PREPARE_CLUSTER", [&] { return runtime_.engine.clusters.Prepare(plan); }));
  runtime_.registry.Apply(record.id, [](ClusterEntry& entry) {
    entry.observation = nullptr;  // of its last life
    entry.reachability = Reachability::kUnknown;
    entry.jobs_running = entry.foreign_jobs = 0;
    entry.mending.reset();
  });
  SP_TRY(runtime_.Write(record.id, [&](ClusterRecord& r) {
    r.desired = ClusterDesired::kRunning;
    r.failure.clear();
    r.started_spec = record.spec;
    r.rest_port = plan.rest_port;
    r.rpc_port = plan.rpc_port;
  }));
  return Next::Done();
}

base::Result<Next> ClusterStart::StartJobManager(OperationContext& context) {
  SP_TRY(Launch(context, engines::ProcessRole::kJobManager, 0));
  return Next::Done();
}

base::Result<Next> ClusterStart::StartTaskManagers(OperationContext& context) {
  const ClusterRecord record = SP_TRY(RecordOf(context));
  const int wanted = record.started_spec.value_or(record.spec).task_managers;
  for (int i = 0; i < wanted; ++i) {
    context.Count(i, wanted);
    SP_TRY(Launch(context, engines::ProcessRole::kTaskManager, i));
  }
  return Next::Done();
}

base::Status ClusterStart::Launch(OperationContext& context, engines::ProcessRole role, int index) {
  const ClusterRecord record = SP_TRY(RecordOf(context));
  const auto claim = processes_.Claim(record.id);
  const engines::ClusterPlan plan =
      SP_TRY(runtime_.planner.PlanOf(record, record.started_spec.value_or(record.spec)));
  const auto find = [&]() -> base::Result<std::optional<std::string>> {
    const auto found = SP_TRY(processes_.FindAlive(record.id, role, index));
    return found ? std::optional(Text(*found)) : std::nullopt;
  };
  // A start that moved to other ports is another act.
  const Intent intent{.operation_id = context.operation.id,
                      .step = std::string(context.step),
                      .verb = "START_PROCESS",
                      .key = record.id + "/" + std::string(ToString(role)) + "/" +
                             std::to_string(index) + "/" + (context.Remembers(kMoved) ? "2" : "1")};
  const auto start = [&]() -> base::Result<std::string> {
    const auto lives = SP_TRY(find());
    return lives ? *lives : Text(SP_TRY(processes_.Spawn(plan, role, index, 0)));
  };
  SP_TRY(journal_.Perform(intent, {.observe = find, .act = start}));
  return base::Ok();
}

base::Result<Next> ClusterStart::AwaitSlots(OperationContext& context) {
  const ClusterRecord record = SP_TRY(RecordOf(context));
  const ClusterSpec& spec = record.started_spec ? *record.started_spec : record.spec;
  const int slots = spec.task_managers * spec.slots_per_task_manager;
  const base::Millis waited = context.Since(kAwaiting);
  SP_TRY(CheckAlive(record.id));
  auto seen = journal_.Look("OBSERVE_CLUSTER", [&] {
    return runtime_.engine.jobs.Observe(runtime_.planner.EndpointOf(record), kOneLook,
                                        context.stop);
  });
  std::string last = "the JobManager does not answer yet";
  if (seen.ok()) {
    const int registered = seen->slots_total;
    const int task_managers = seen->task_managers;
    watch_.Deliver(record.id, *std::move(seen));
    context.Count(std::min(registered, slots), slots);
    if (registered >= slots && task_managers >= spec.task_managers) {
      watch_.Hurry(record.id, base::Millis(5000));
      return Next::Done();
    }
    last = std::to_string(registered) + " of " + std::to_string(slots) + " slots are there";
  }
  if (waited < timings_.start_deadline) {
    context.Say(std::move(last));
    return Next::Wait(timings_.look_again);
  }
  return base::Error(
             base::ErrorCode::kClusterStartFailed,
             "not ready after " + base::FormatDuration(timings_.start_deadline) + ": " + last)
      .WithCause(processes_.LastWords(record, engines::ProcessRole::kTaskManager, 0))
      .WithHint("the logs of its processes say more");
}

base::Status ClusterStart::CheckAlive(const std::string& cluster_id) {
  processes_.Refresh(cluster_id);
  const auto entry = runtime_.registry.Entry(cluster_id);
  if (!entry) {
    return base::Error(base::ErrorCode::kNotFound, "the cluster is gone");
  }
  for (const ManagedProcess& process : entry->processes) {
    if (process.alive) {
      continue;
    }
    const std::string cause = processes_.LastWords(entry->record, process.role, process.index);
    base::Error error =
        base::Error(base::ErrorCode::kClusterStartFailed, PlaceName(process.role, process.index) +
                                                              " ended right after its start" +
                                                              (cause.empty() ? "" : ": " + cause))
            .WithCause(cause);
    return IsPortTaken(error)
               ? std::move(error).WithHint("another program listens on its port; start it again")
               : std::move(error).WithHint("the logs of its processes say more");
  }
  return base::Ok();
}

base::Result<bool> ClusterStart::PutRight(OperationContext& context, const base::Error& why) {
  const ClusterRecord record = SP_TRY(RecordOf(context));
  // What lived before lives on, and the keeper goes on mending it.
  if (context.Recall(kCompletes) != "no") {
    return true;
  }
  const auto claim = processes_.Claim(record.id);
  if (!SP_TRY(EndAll(processes_, context, timings_.stop_grace))) {
    return false;
  }
  const bool cancelled = why.code() == base::ErrorCode::kCancelled;
  SP_TRY(runtime_.Write(record.id, [&](ClusterRecord& r) {
    if (cancelled) {
      r.desired = ClusterDesired::kStopped;
    } else if (r.desired == ClusterDesired::kRunning) {
      r.failure = why.message();
    }
    if (IsPortTaken(why)) {
      r.rest_port = r.rpc_port = 0;
    }
  }));
  return true;
}

}  // namespace streampark::console
