// SPDX-License-Identifier: Apache-2.0
#include "clusters/cluster_start.h"

#include <algorithm>
#include <utility>

#include "streampark/base/log.h"

namespace streampark::console {
namespace {

constexpr base::Millis kLookAgainAfter{250};
constexpr base::Millis kOneLook{2000};
/// Remembered when the JobManager lived before the operation: then it is none of its to end.
const std::string kCompletes = "completes";

/// Remembered when a port was taken and others were chosen: once is enough.
const std::string kMoved = "moved";

std::string Text(const base::ProcessId& id) {
  return std::to_string(id.pid) + ":" + std::to_string(id.start_ticks);
}

bool IsPortTaken(const base::Error& error) {
  return error.cause().find("ddress already in use") != std::string::npos ||
         error.cause().find("Could not start rest endpoint on any port") != std::string::npos ||
         error.cause().find("BindException") != std::string::npos;
}

}  // namespace

base::Result<ClusterRecord> ClusterStart::RecordOf(const OperationRun& run) const {
  auto record = runtime_.registry.Record(run.operation().subject.id);
  if (!record) {
    return base::Error(base::ErrorCode::kNotFound, "the cluster is gone");
  }
  return *std::move(record);
}

base::Status ClusterStart::CheckOptions(OperationRun& run) {
  return run.Do("CHECK_OPTIONS", [&]() -> base::Status {
    const ClusterRecord record = SP_TRY(RecordOf(run));
    const ClusterSpecVerdict verdict = SP_TRY(journal_.Look(
        "CHECK_OPTIONS", [&] { return runtime_.planner.Check(record, record.spec, run.stop()); }));
    if (!verdict.errors.empty()) {
      return RefusalOf(verdict);
    }
    return base::Ok();
  });
}

base::Status ClusterStart::Run(OperationRun& run) {
  base::Status status = Steps(run);
  if (!status.ok() && !run.interrupted() && IsPortTaken(status.error()) &&
      run.Recall(kMoved).empty()) {
    // Ports are kept from start to start, but not against somebody who took one while it was
    // stopped.
    SP_TRY(run.Remember(kMoved, "yes"));
    SP_TRY(PutRight(run, status.error()));
    SP_TRY(run.Reset({"PREPARE", "START_JOB_MANAGER", "START_TASK_MANAGERS", "AWAIT_SLOTS"}));
    status = Steps(run);
  }
  if (status.ok() || run.interrupted()) {
    return status;
  }
  if (base::Status right = PutRight(run, status.error()); !right.ok()) {
    base::LogError("a start that failed could not be put right",
                   {{"cluster", run.operation().subject.id}, {"error", right.error()}});
  }
  return status;
}

base::Status ClusterStart::Steps(OperationRun& run) {
  SP_TRY(run.Do("PREPARE", [&] { return Prepare(run); }));
  SP_TRY(run.Do("START_JOB_MANAGER",
                [&] { return Launch(run, engines::ProcessRole::kJobManager, 0); }));
  SP_TRY(run.Do("START_TASK_MANAGERS", [&]() -> base::Status {
    const ClusterRecord record = SP_TRY(RecordOf(run));
    const int wanted = record.started_spec.value_or(record.spec).task_managers;
    for (int i = 0; i < wanted; ++i) {
      run.Progress("", i, wanted);
      SP_TRY(Launch(run, engines::ProcessRole::kTaskManager, i));
    }
    return base::Ok();
  }));
  return run.Do("AWAIT_SLOTS", [&] { return AwaitSlots(run); });
}

base::Status ClusterStart::Prepare(OperationRun& run) {
  ClusterRecord record = SP_TRY(RecordOf(run));
  const auto claim = processes_.Claim(record.id);
  const bool lives =
      SP_TRY(processes_.FindAlive(record.id, engines::ProcessRole::kJobManager, 0)).has_value();
  SP_TRY(runtime_.store.ForgetRestarts(record.id));
  if (lives && record.started_spec) {
    SP_TRY(run.Remember(kCompletes, "yes"));
    return runtime_.Write(record.id, [](ClusterRecord& r) {
      r.desired = ClusterDesired::kRunning;
      r.failure.clear();
    });
  }
  // TaskManagers that outlived their JobManager would belong to the old configuration.
  SP_TRY(processes_.EndAll(record.id, timings_.stop_grace, run.stop()));
  engines::ClusterPlan plan = SP_TRY(runtime_.planner.PlanOf(record, record.spec));
  SP_TRY(journal_.Look("PREPARE_CLUSTER", [&] { return runtime_.engine.clusters.Prepare(plan); }));
  runtime_.registry.Apply(record.id, [](ClusterEntry& entry) {
    entry.observation = nullptr;  // of its last life
    entry.reachability = Reachability::kUnknown;
    entry.jobs_running = entry.foreign_jobs = 0;
    entry.mending.reset();
  });
  return runtime_.Write(record.id, [&](ClusterRecord& r) {
    r.desired = ClusterDesired::kRunning;
    r.failure.clear();
    r.started_spec = record.spec;
    r.rest_port = plan.rest_port;
    r.rpc_port = plan.rpc_port;
  });
}

base::Status ClusterStart::Launch(OperationRun& run, engines::ProcessRole role, int index) {
  const ClusterRecord record = SP_TRY(RecordOf(run));
  const auto claim = processes_.Claim(record.id);
  const engines::ClusterPlan plan =
      SP_TRY(runtime_.planner.PlanOf(record, record.started_spec.value_or(record.spec)));
  const auto find = [&]() -> base::Result<std::optional<std::string>> {
    const auto found = SP_TRY(processes_.FindAlive(record.id, role, index));
    return found ? std::optional(Text(*found)) : std::nullopt;
  };
  if (SP_TRY(find())) {
    return base::Ok();
  }
  // A start that moved to other ports is another act.
  const Intent intent{
      .operation_id = run.operation().id,
      .step = std::string(role == engines::ProcessRole::kJobManager ? "START_JOB_MANAGER"
                                                                    : "START_TASK_MANAGERS"),
      .verb = "START_PROCESS",
      .key = record.id + "/" + std::string(ToString(role)) + "/" + std::to_string(index) + "/" +
             (run.Recall(kMoved).empty() ? "1" : "2")};
  SP_TRY(journal_.Perform(intent, {.observe = find, .act = [&]() -> base::Result<std::string> {
                                     return Text(SP_TRY(processes_.Spawn(plan, role, index, 0)));
                                   }}));
  return base::Ok();
}

base::Status ClusterStart::AwaitSlots(OperationRun& run) {
  const std::string id = run.operation().subject.id;
  const ClusterRecord record = SP_TRY(RecordOf(run));
  const ClusterSpec& spec = record.started_spec ? *record.started_spec : record.spec;
  const int slots = spec.task_managers * spec.slots_per_task_manager;
  const engines::Endpoint endpoint = runtime_.planner.EndpointOf(record);
  const base::SteadyTime deadline = runtime_.clock.SteadyNow() + timings_.start_deadline;
  std::string last = "the JobManager does not answer yet";
  while (runtime_.clock.SteadyNow() < deadline) {
    SP_TRY(CheckAlive(id));
    auto seen = journal_.Look("OBSERVE_CLUSTER", [&] {
      return runtime_.engine.jobs.Observe(endpoint, kOneLook, run.stop());
    });
    if (seen.ok()) {
      const int registered = seen->slots_total;
      const int task_managers = seen->task_managers;
      watch_.Deliver(id, *std::move(seen));
      if (registered >= slots && task_managers >= spec.task_managers) {
        run.Progress("", slots, slots);
        watch_.Hurry(id, base::Millis(5000));
        return base::Ok();
      }
      last = std::to_string(registered) + " of " + std::to_string(slots) + " slots are there";
      run.Progress(last, registered, slots);
    }
    if (!WaitFor(kLookAgainAfter, run.stop())) {
      return base::Error(base::ErrorCode::kCancelled, "cancelled");
    }
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

base::Status ClusterStart::PutRight(OperationRun& run, const base::Error& why) {
  const ClusterRecord record = SP_TRY(RecordOf(run));
  if (run.Recall(kCompletes) == "yes") {
    return base::Ok();  // what lived before lives on, and the keeper goes on mending it
  }
  if (!run.Done("PREPARE")) {
    return base::Ok();  // nothing was changed
  }
  const auto claim = processes_.Claim(record.id);
  // Not the operation's stop token: a cancelled start must still be cleared away.
  SP_TRY(processes_.EndAll(record.id, timings_.stop_grace, {}));
  const bool cancelled = why.code() == base::ErrorCode::kCancelled;
  return runtime_.Write(record.id, [&](ClusterRecord& r) {
    if (cancelled) {
      r.desired = ClusterDesired::kStopped;
    } else {
      r.failure = why.message();
    }
    if (IsPortTaken(why)) {
      r.rest_port = r.rpc_port = 0;
    }
  });
}

}  // namespace streampark::console
