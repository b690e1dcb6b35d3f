// SPDX-License-Identifier: Apache-2.0
#include "clusters/cluster_stop.h"

#include <algorithm>
#include <map>
#include <utility>

#include "streampark/base/log.h"

namespace streampark::console {
namespace {

/// Remembered: the ids of the jobs whose suspension was begun, each followed by a space.
const std::string kSuspended = "suspended";
constexpr base::Millis kStopLook{2000};
constexpr std::size_t kMostNames = 5;

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kMostNames; ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > kMostNames) {
    text += " and " + std::to_string(names.size() - kMostNames) + " more";
  }
  return text;
}

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) {
      words.emplace_back(text.substr(0, end));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

}  // namespace

base::Status ClusterStop::CheckJobs(const std::string& cluster_id, JobsOnStop jobs,
                                    std::stop_token stop) {
  if (jobs == JobsOnStop::kKill || tenants_ == nullptr) {
    return base::Ok();
  }
  const std::vector<ClusterTenants::Tenant> ours = tenants_->LiveOn(cluster_id);
  std::vector<std::string> foreign;
  const auto entry = runtime_.registry.Entry(cluster_id);
  if (entry && entry->AnyAlive()) {
    // What is not ours is known to the cluster alone. One that does not answer cannot be asked: its
    // own jobs are refused below by what we know of them.
    auto seen = journal_.Look("OBSERVE_CLUSTER", [&] {
      return runtime_.engine.jobs.Observe(runtime_.planner.EndpointOf(entry->record), kStopLook,
                                          stop);
    });
    if (seen.ok()) {
      for (const engines::JobObservation& job : seen->jobs) {
        if (!engines::IsTerminal(job.state) && !tenants_->Owner(cluster_id, job.engine_job_id)) {
          foreign.push_back(job.name);
        }
      }
    }
  }
  if (!foreign.empty()) {
    return base::Error(base::ErrorCode::kInUse,
                       "jobs that this console did not start run there: " + Joined(foreign))
        .WithHint("stop them where they were started, or let them die with the cluster (KILL)");
  }
  if (jobs == JobsOnStop::kRefuse) {
    if (ours.empty()) {
      return base::Ok();
    }
    std::vector<std::string> names;
    for (const auto& tenant : ours) {
      names.push_back(tenant.name);
    }
    return base::Error(base::ErrorCode::kInUse, "jobs run there: " + Joined(names))
        .WithHint("suspend them with savepoints first (SUSPEND), or let them die (KILL)")
        .WithRelatedId(ours.front().job_id);
  }
  for (const auto& tenant : ours) {
    if (base::Status can = tenants_->CanSuspend(tenant.job_id); !can.ok()) {
      return base::Error(
                 base::ErrorCode::kInUse,
                 "the job " + tenant.name + " cannot be suspended: " + can.error().message())
          .WithHint("nothing was stopped; stop that job first, or let the jobs die (KILL)")
          .WithCause(can.error().cause())
          .WithRelatedId(tenant.job_id);
    }
  }
  return base::Ok();
}

base::Status ClusterStop::Run(OperationRun& run, JobsOnStop jobs) {
  const std::string id = run.operation().subject.id;
  SP_TRY(run.Do("CHECK_JOBS", [&] { return CheckJobs(id, jobs, run.stop()); }));
  if (jobs == JobsOnStop::kSuspend) {
    SP_TRY(run.Do("SUSPEND_JOBS", [&] { return Suspend(run); }));
  } else {
    SP_TRY(run.Skip("SUSPEND_JOBS", ""));
  }
  return run.Do("STOP_PROCESSES", [&] { return EndProcesses(run); });
}

base::Status ClusterStop::Suspend(OperationRun& run) {
  const Operation& operation = run.operation();
  const auto begun = Words(run.Recall(kSuspended));
  std::vector<ClusterTenants::Tenant> jobs = tenants_->LiveOn(operation.subject.id);
  for (const std::string& id : begun) {
    // One that an earlier life of the console began may be suspended by now.
    if (std::none_of(jobs.begin(), jobs.end(), [&](const auto& job) { return job.job_id == id; })) {
      jobs.push_back({.job_id = id, .name = id, .team_id = "", .engine_job_id = ""});
    }
  }
  const auto undo = [&](const ClusterTenants::Tenant& job, const base::Error& why) -> base::Status {
    if (run.interrupted()) {
      return why;
    }
    const std::vector<std::string> lost = Resume(run, {});
    std::string message = "the job " + job.name + " could not be suspended: " + why.message() +
                          "; the cluster was not stopped";
    if (!lost.empty()) {
      message += ", but these stay suspended: " + Joined(lost);
    }
    return base::Error(base::ErrorCode::kSavepointFailed, std::move(message))
        .WithCause(why.cause())
        .WithRelatedId(job.job_id);
  };

  std::vector<std::pair<ClusterTenants::Tenant, std::string>> waiting;
  for (const auto& job : jobs) {
    if (std::find(begun.begin(), begun.end(), job.job_id) == begun.end()) {
      SP_TRY(run.Remember(kSuspended, run.Recall(kSuspended) + job.job_id + " "));
    }
    auto begin = tenants_->Suspend(job.job_id, operation.requested_by,
                                   operation.id + ":suspend:" + job.job_id);
    if (!begin.ok()) {
      return undo(job, begin.error());
    }
    if (!begin->empty()) {
      waiting.emplace_back(job, *begin);
    }
  }
  std::int64_t done = static_cast<std::int64_t>(jobs.size() - waiting.size());
  for (const auto& [job, operation_id] : waiting) {
    run.Progress("waiting for the savepoint of " + job.name, done,
                 static_cast<std::int64_t>(jobs.size()));
    if (base::Status ended = tenants_->Await(operation_id, timings_.suspend_deadline, run.stop());
        !ended.ok()) {
      return undo(job, ended.error());
    }
    ++done;
  }
  return base::Ok();
}

std::vector<std::string> ClusterStop::Resume(OperationRun& run, std::stop_token stop) {
  const Operation& operation = run.operation();
  std::vector<std::string> lost;
  std::map<std::string, std::string> waiting;
  for (const std::string& job : Words(run.Recall(kSuspended))) {
    auto begun = tenants_->Resume(job, operation.requested_by, operation.id + ":resume:" + job);
    if (!begun.ok()) {
      base::LogWarn("a suspended job could not be started again",
                    {{"job", job}, {"error", begun.error()}});
      lost.push_back(job);
    } else if (!begun->empty()) {
      waiting.emplace(job, *begun);
    }
  }
  for (const auto& [job, operation_id] : waiting) {
    if (!tenants_->Await(operation_id, timings_.suspend_deadline, stop).ok()) {
      lost.push_back(job);
    }
  }
  return lost;
}

base::Status ClusterStop::ResumeJobs(OperationRun& run) {
  return run.Do("RESUME_JOBS", [&]() -> base::Status {
    const std::vector<std::string> lost = Resume(run, run.stop());
    if (!lost.empty()) {
      return base::Error(
          base::ErrorCode::kEngineError,
          "the cluster runs again, but these jobs could not be started: " + Joined(lost));
    }
    return base::Ok();
  });
}

base::Status ClusterStop::EndProcesses(OperationRun& run) {
  SP_TRY(run.Commit());
  const std::string id = run.operation().subject.id;
  const auto claim = processes_.Claim(id);
  SP_TRY(runtime_.Write(id, [](ClusterRecord& record) {
    record.desired = ClusterDesired::kStopped;
    record.failure.clear();
  }));
  const Intent intent{.operation_id = run.operation().id,
                      .step = "STOP_PROCESSES",
                      .verb = "END_PROCESSES",
                      .key = id};
  SP_TRY(journal_.Perform(
      intent, {.observe = []() -> base::Result<std::optional<std::string>> {
                 return std::optional<std::string>();  // ending what has ended does no harm
               },
               .act = [&]() -> base::Result<std::string> {
                 SP_TRY(processes_.EndAll(id, timings_.stop_grace, run.stop()));
                 return std::string("ended");
               }}));
  SP_TRY(runtime_.store.ForgetRestarts(id));
  runtime_.registry.Apply(id, [](ClusterEntry& entry) {
    entry.observation = nullptr;
    entry.jobs_running = entry.foreign_jobs = 0;
    entry.mending.reset();
  });
  watch_.Hurry(id, base::Millis(0));
  return base::Ok();
}

}  // namespace streampark::console
