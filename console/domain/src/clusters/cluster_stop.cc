// SPDX-License-Identifier: Apache-2.0
#include "clusters/cluster_stop.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "streampark/base/error_text.h"
#include "streampark/base/log.h"

#include "clusters/process_ending.h"

namespace streampark::console {
namespace {

/// Remembered: the ids of the jobs whose suspension was begun, each followed by a space.
const std::string kSuspended = "suspended";
/// Remembered: why a job could not be suspended, while the others are started again.
const std::string kHindrance = "failure";
/// Remembered: since when jobs are waited for.
const std::string kSuspending = "suspending";
/// Remembered: how often jobs were found that began to run while others were being suspended.
const std::string kRound = "round";
/// Remembered once nothing runs there that is to be spared.
const std::string kStopping = "stopping";
const std::string kResuming = "resuming";
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

base::Result<Next> ClusterStop::SuspendJobs(OperationContext& context) {
  if (const auto failure = base::ErrorFromText(context.Recall(kHindrance))) {
    return GoOn(context, *failure);
  }
  const Operation& operation = context.operation;
  const auto begun = Words(context.Recall(kSuspended));
  std::vector<ClusterTenants::Tenant> jobs = tenants_->LiveOn(operation.subject.id);
  for (const std::string& id : begun) {
    // Most that were begun before are suspended by now.
    if (std::none_of(jobs.begin(), jobs.end(), [&](const auto& job) { return job.job_id == id; })) {
      jobs.push_back({.job_id = id, .name = id, .team_id = "", .engine_job_id = ""});
    }
  }
  const bool patient = context.Since(kSuspending) < timings_.suspend_deadline;
  std::string waits_for;
  std::int64_t done = 0;
  for (const auto& job : jobs) {
    if (std::find(begun.begin(), begun.end(), job.job_id) == begun.end()) {
      SP_TRY(context.Note(kSuspended, context.Recall(kSuspended) + job.job_id + " "));
    }
    // A repeat answers the same operation.
    const auto suspends =
        tenants_->Suspend(job.job_id, operation.requested_by,
                          operation.id + ":suspend" + context.Recall(kRound) + ":" + job.job_id);
    if (!suspends.ok() && IsOfTheDisk(suspends.error())) {
      return suspends.error();
    }
    std::optional<base::Status> ended = suspends.ok() ? base::Ok() : base::Status(suspends.error());
    if (suspends.ok() && !suspends->empty()) {
      ended = tenants_->EndOf(*suspends);
    }
    if (!ended && !patient) {
      ended = base::Error(base::ErrorCode::kEngineTimeout, "its savepoint is still under way");
    }
    if (ended && !ended->ok()) {
      const base::Error why =
          base::Error(base::ErrorCode::kSavepointFailed,
                      "the job " + job.name + " could not be suspended: " +
                          ended->error().message() + "; the cluster was not stopped")
              .WithCause(ended->error().cause())
              .WithRelatedId(job.job_id);
      SP_TRY(context.Note(kHindrance, base::ErrorToText(why)));
      return GoOn(context, why);
    }
    if (ended) {
      ++done;
    } else if (waits_for.empty()) {
      waits_for = job.name;
    }
  }
  if (waits_for.empty()) {
    return Next::Done();
  }
  context.Say("waiting for the savepoint of " + waits_for);
  context.Count(done, static_cast<std::int64_t>(jobs.size()));
  return Next::Wait(timings_.look_again);
}

base::Result<Next> ClusterStop::GoOn(OperationContext& context, const base::Error& why) {
  const Progress progress = Resume(context);
  if (progress.waits > 0) {
    return Next::Wait(timings_.look_again);
  }
  if (progress.failed.empty()) {
    return why;
  }
  return base::Error(why.code(),
                     why.message() + ", but these stay suspended: " + Joined(progress.failed))
      .WithCause(why.cause())
      .WithRelatedId(why.related_id());
}

ClusterStop::Progress ClusterStop::Resume(OperationContext& context) {
  const Operation& operation = context.operation;
  const bool patient = context.Since(kResuming) < timings_.suspend_deadline;
  Progress progress;
  for (const std::string& job : Words(context.Recall(kSuspended))) {
    const auto resumes =
        tenants_->Resume(job, operation.requested_by, operation.id + ":resume:" + job);
    std::optional<base::Status> ended = resumes.ok() ? base::Ok() : base::Status(resumes.error());
    if (resumes.ok() && !resumes->empty()) {
      ended = tenants_->EndOf(*resumes);
    }
    const bool later = !ended || (!ended->ok() && IsOfTheDisk(ended->error()));
    if (later && patient) {
      ++progress.waits;
    } else if (!ended || !ended->ok()) {
      progress.failed.push_back(job);
    }
  }
  return progress;
}

base::Result<Next> ClusterStop::ResumeJobs(OperationContext& context) {
  const Progress progress = Resume(context);
  if (progress.waits > 0) {
    return Next::Wait(timings_.look_again);
  }
  if (!progress.failed.empty()) {
    return base::Error(
        base::ErrorCode::kEngineError,
        "the cluster runs again, but these jobs could not be started: " + Joined(progress.failed));
  }
  return Next::Done();
}

base::Result<Next> ClusterStop::StopProcesses(OperationContext& context, JobsOnStop jobs) {
  const std::string& id = context.operation.subject.id;
  if (!context.Remembers(kStopping)) {
    const bool runs = tenants_ != nullptr && !tenants_->LiveOn(id).empty();
    if (runs && jobs == JobsOnStop::kSuspend) {
      context.Remember(kRound, context.Recall(kRound) + "+");
      context.Forget(kSuspending);
      return Next::BackTo("SUSPEND_JOBS");
    }
    if (runs) {
      SP_TRY(CheckJobs(id, jobs, context.stop));
    }
    SP_TRY(context.Note(kStopping, "yes"));
  }
  const auto claim = processes_.Claim(id);
  const auto record = runtime_.registry.Record(id);
  if (record && (record->desired != ClusterDesired::kStopped || !record->failure.empty())) {
    SP_TRY(runtime_.Write(id, [](ClusterRecord& r) {
      r.desired = ClusterDesired::kStopped;
      r.failure.clear();
    }));
  }
  const Intent intent = context.IntentOf("END_PROCESSES", id);
  SP_TRY(journal_.Announce(intent));
  if (!SP_TRY(EndAll(processes_, context, timings_.stop_grace))) {
    return Next::Wait(timings_.look_again);
  }
  const auto ended = [] { return base::Result<std::string>("ended"); };
  SP_TRY(journal_.Perform(
      intent, {.observe = [&] { return base::Result<std::optional<std::string>>("ended"); },
               .act = ended}));
  SP_TRY(runtime_.store.ForgetRestarts(id));
  runtime_.registry.Apply(id, [](ClusterEntry& entry) {
    entry.observation = nullptr;
    entry.jobs_running = entry.foreign_jobs = 0;
    entry.mending.reset();
  });
  watch_.Hurry(id, base::Millis(0));
  return Next::Done();
}

}  // namespace streampark::console
