// SPDX-License-Identifier: Apache-2.0
#include "jobs/testing/fake_engine.h"

#include <algorithm>
#include <utility>

namespace streampark::store::testing {

using engines::EngineState;
using engines::SnapshotKind;

namespace {

constexpr base::Millis kDoomedRun{1500};

}  // namespace

int FakeEngine::Alive(const std::string& job_id) {
  Progress();
  return static_cast<int>(std::count_if(jobs.begin(), jobs.end(), [&](const auto& one) {
    return one.second.job_parameter == job_id && !engines::IsTerminal(one.second.state);
  }));
}

bool FakeEngine::AnswersFromBefore(const Job& job) const {
  return job.ended && clock.SteadyNow() - *job.ended < answer_age;
}

engines::ClusterObservation FakeEngine::Observation() {
  Progress();
  engines::ClusterObservation seen{
      .observed_at = clock.Now(), .version = "1.20.5", .task_managers = task_managers};
  seen.slots_total = slots_total;
  seen.slots_free = slots_total > 0 ? slots_free : 0;
  for (auto& [id, job] : jobs) {
    if (engines::IsTerminal(job.state) && !job.ended) {
      job.ended = clock.SteadyNow();
    }
    engines::JobObservation one{.engine_job_id = id, .state = job.state};
    one.native_state = std::string(engines::ToString(job.state));
    one.tasks.total = 2;
    one.tasks.running = job.state == EngineState::kRunning ? 2 : 0;
    seen.jobs.push_back(std::move(one));
  }
  return seen;
}

void FakeEngine::Complete(Job& job, SnapshotKind kind, const std::string& path) {
  constexpr std::size_t kRemembered = 10;
  const auto number = job.checkpoints.empty() ? 1 : job.checkpoints.front().number + 1;
  job.checkpoints.insert(job.checkpoints.begin(), {.number = number,
                                                   .kind = kind,
                                                   .state = engines::CheckpointState::kCompleted,
                                                   .triggered_at = clock.Now(),
                                                   .duration = base::Millis(5),
                                                   .size_bytes = 10,
                                                   .path = path});
  job.checkpoints.resize(std::min(job.checkpoints.size(), kRemembered));
  job.has_state = true;
}

base::Status FakeEngine::Submit(const engines::SubmitRequest& request) {
  if (jobs.contains(request.engine_job_id)) {
    return base::Error(base::ErrorCode::kDuplicateJob, "the cluster has that id");
  }
  ++submits;
  submitted.push_back(request.engine_job_id);
  Job& job = jobs[request.engine_job_id];
  job.job_parameter = request.global_parameters.at("streampark.job");
  job.labels = request.global_parameters;
  job.sql = request.script;
  job.parallelism = request.parallelism;
  job.restored_from = request.restore ? request.restore->path : "";
  job.changes = clock.SteadyNow() + start_takes;
  if (request.restore) {
    restores.push_back(*request.restore);
  }
  return base::Ok();
}

void FakeEngine::Progress() {
  std::erase_if(on_their_way, [&](const auto& one) {
    const bool arrives = one.first <= clock.SteadyNow();
    if (arrives) {
      static_cast<void>(Submit(one.second));  // nobody waits for the answer
    }
    return arrives;
  });
  for (auto& [id, job] : jobs) {
    Progress(id, job);
  }
}

void FakeEngine::Progress(const std::string& id, Job& job) {
  const base::SteadyTime now = clock.SteadyNow();
  if (job.state == EngineState::kPending && now >= job.changes && !keeps_pending) {
    job.state = jobs_fail ? EngineState::kFailed : EngineState::kRunning;
    job.changes = now + (job.doomed() ? kDoomedRun : checkpoint_every);
  }
  if (job.doomed()) {
    if (job.state == EngineState::kRunning && now >= job.changes) {
      job.state = EngineState::kFailed;
    }
    return;
  }
  if (keeps_restarting && job.state == EngineState::kRunning && job.has_state) {
    job.state = EngineState::kRestarting;
  }
  if (job.state == EngineState::kStopping && now >= job.changes) {
    job.state = job.ends_as;
  }
  for (auto& [trigger_id, trigger] : job.triggers) {
    Progress(job, trigger_id, trigger);
  }
  if (job.state == EngineState::kRunning && checkpoint_every.count() > 0 && now >= job.changes) {
    // Of those that ended meanwhile the newest is as good as all.
    Complete(job, SnapshotKind::kCheckpoint,
             "file:///checkpoints/" + id + "/chk-" +
                 std::to_string(now.time_since_epoch() / checkpoint_every));
    job.changes = now + checkpoint_every;
  }
}

void FakeEngine::Progress(Job& job, const std::string& trigger_id, Job::Trigger& trigger) {
  using State = engines::TriggerObservation::State;
  if (trigger.seen.state != State::kInProgress || keeps_saving ||
      clock.SteadyNow() < trigger.ends) {
    return;
  }
  if (savepoints_fail) {
    trigger.seen = {State::kFailed, "", "the folder is not writable"};
  } else if (job.state != EngineState::kRunning) {
    trigger.seen = {State::kFailed, "", "the job does not run any more"};
  } else {
    trigger.seen = {State::kCompleted, "file:///savepoints/" + trigger_id, ""};
    Complete(job, SnapshotKind::kSavepoint, trigger.seen.path);
    if (trigger.stops_the_job) {
      Stop(job, EngineState::kFinished);
    }
  }
}

void FakeEngine::Stop(Job& job, EngineState ends_as) {
  job.state = stop_takes.count() > 0 ? EngineState::kStopping : ends_as;
  job.ends_as = ends_as;
  job.changes = clock.SteadyNow() + stop_takes;
}

// ------------------------------------------------------------------------------------------------

base::Status FakeDriver::Pass(const Call& call, const std::stop_token& stop,
                              FakeEngine::Moment moment) const {
  if (cut_ || !engine_.reachable) {
    return base::Error(base::ErrorCode::kClusterUnreachable, "nobody answers");
  }
  if (stop.stop_requested()) {
    return base::Error(base::ErrorCode::kCancelled, "not waited for any more");
  }
  return engine_.disturb ? engine_.disturb(call, moment) : base::Ok();
}

template <typename Effect>
auto FakeDriver::Ask(const Call& call, const std::stop_token& stop, Effect&& effect)
    -> decltype(effect()) {
  SP_TRY(Pass(call, stop, FakeEngine::Moment::kAsked));
  engine_.Progress();
  auto answer = effect();
  SP_TRY(Pass(call, stop, FakeEngine::Moment::kAnswered));
  return answer;
}

base::Result<engines::ClusterObservation> FakeDriver::Observe(const engines::Endpoint&,
                                                              base::Millis, std::stop_token stop) {
  return Ask({"OBSERVE", ""}, stop,
             [&]() -> base::Result<engines::ClusterObservation> { return engine_.Observation(); });
}

base::Result<std::vector<engines::TaskManagerObservation>> FakeDriver::ListTaskManagers(
    const engines::Endpoint&, std::stop_token stop) {
  using Managers = std::vector<engines::TaskManagerObservation>;
  return Ask({"LIST_TASK_MANAGERS", ""}, stop, [&]() -> base::Result<Managers> {
    return engine_.managers ? engine_.managers() : Managers();
  });
}

base::Result<std::optional<engines::JobObservation>> FakeDriver::Find(const engines::Endpoint&,
                                                                      const std::string& id,
                                                                      std::stop_token stop) {
  using Found = base::Result<std::optional<engines::JobObservation>>;
  return Ask({"FIND", id}, stop, [&]() -> Found {
    for (engines::JobObservation& one : engine_.Observation().jobs) {
      if (one.engine_job_id == id) {
        return std::optional(std::move(one));
      }
    }
    return std::optional<engines::JobObservation>();
  });
}

base::Status FakeDriver::Trigger(const engines::Endpoint&, const engines::StopRequest& request,
                                 std::stop_token stop) {
  return Ask({"TRIGGER", request.trigger_id}, stop, [&]() -> base::Status {
    const auto found = engine_.jobs.find(request.engine_job_id);
    if (found == engine_.jobs.end()) {
      return base::Error(base::ErrorCode::kNotFound, "no such job");
    }
    FakeEngine::Job& job = found->second;
    if (job.triggers.contains(request.trigger_id)) {
      return base::Ok();
    }
    if (job.state != EngineState::kRunning) {
      return base::Error(base::ErrorCode::kEngineError, "the job does not run");
    }
    job.triggers[request.trigger_id] = {
        .ends = engine_.clock.SteadyNow() + engine_.savepoint_takes,
        .stops_the_job = request.after != engines::StopRequest::After::kGoOn};
    ++engine_.triggers;
    return base::Ok();
  });
}

base::Result<engines::TriggerObservation> FakeDriver::ObserveTrigger(const engines::Endpoint&,
                                                                     const std::string& id,
                                                                     const std::string& trigger_id,
                                                                     std::stop_token stop) {
  using Seen = engines::TriggerObservation;
  return Ask({"OBSERVE_TRIGGER", trigger_id}, stop, [&]() -> base::Result<Seen> {
    const auto job = engine_.jobs.find(id);
    const bool known = job != engine_.jobs.end() && job->second.triggers.contains(trigger_id);
    const Seen seen =
        known ? job->second.triggers.at(trigger_id).seen : Seen{Seen::State::kUnknown, "", ""};
    const bool forgotten = engine_.forgets_triggers && seen.state == Seen::State::kCompleted;
    return forgotten ? Seen{Seen::State::kUnknown, "", ""} : seen;
  });
}

base::Status FakeDriver::Cancel(const engines::Endpoint&, const std::string& id,
                                std::stop_token stop) {
  return Ask({"CANCEL", id}, stop, [&]() -> base::Status {
    const auto found = engine_.jobs.find(id);
    if (found == engine_.jobs.end()) {
      return base::Error(base::ErrorCode::kNotFound, "no such job");
    }
    if (!engines::IsTerminal(found->second.state)) {
      engine_.Stop(found->second, EngineState::kCanceled);
      ++engine_.cancels;
    }
    return base::Ok();
  });
}

base::Result<engines::CheckpointStatistics> FakeDriver::Checkpoints(const engines::Endpoint&,
                                                                    const std::string& id,
                                                                    std::stop_token stop) {
  using Statistics = engines::CheckpointStatistics;
  return Ask({"CHECKPOINTS", id}, stop, [&]() -> base::Result<Statistics> {
    Statistics statistics{.observed_at = engine_.clock.Now()};
    const auto job = engine_.jobs.find(id);
    if (job == engine_.jobs.end()) {
      return base::Error(base::ErrorCode::kNotFound, "no such job");
    }
    if (!engine_.AnswersFromBefore(job->second) && !engine_.forgets_statistics) {
      statistics.checkpoints = job->second.checkpoints;
      statistics.completed = static_cast<int>(statistics.checkpoints.size());
    }
    return statistics;
  });
}

base::Result<std::vector<engines::ExceptionObservation>> FakeDriver::Exceptions(
    const engines::Endpoint&, const std::string& id, std::stop_token stop) {
  using Exceptions = std::vector<engines::ExceptionObservation>;
  return Ask({"EXCEPTIONS", id}, stop, [&]() -> base::Result<Exceptions> {
    Exceptions exceptions;
    const auto job = engine_.jobs.find(id);
    if (job != engine_.jobs.end() && job->second.state == EngineState::kFailed &&
        !engine_.AnswersFromBefore(job->second)) {
      exceptions.push_back({.root_cause = "no route to the broker"});
    }
    return exceptions;
  });
}

base::Result<engines::Options> FakeDriver::Labels(const engines::Endpoint&, const std::string& id,
                                                  std::stop_token stop) {
  return Ask({"LABELS", id}, stop, [&]() -> base::Result<engines::Options> {
    const auto found = engine_.jobs.find(id);
    if (found == engine_.jobs.end()) {
      return base::Error(base::ErrorCode::kNotFound, "no such job");
    }
    return found->second.labels;
  });
}

base::Status FakeDriver::Rescale(const engines::Endpoint&, const std::string& id, int from, int to,
                                 std::stop_token stop) {
  return Ask({"RESCALE", id}, stop, [&]() -> base::Status {
    const auto found = engine_.jobs.find(id);
    if (!engine_.rescales || found == engine_.jobs.end()) {
      return base::Error(base::ErrorCode::kIllegalState, "another scheduler");
    }
    if (found->second.parallelism == from) {
      found->second.parallelism = to;
    }
    return base::Ok();
  });
}

base::Result<engines::JobGraph> FakeDriver::Graph(const engines::Endpoint&, const std::string& id,
                                                  std::stop_token) {
  engines::JobGraph graph;
  if (const auto found = engine_.jobs.find(id); found != engine_.jobs.end()) {
    graph.vertices.push_back({.id = "v", .parallelism = found->second.parallelism});
  }
  return graph;
}

base::Result<std::int64_t> FakeDriver::Restarts(const engines::Endpoint&, const std::string& id,
                                                std::stop_token stop) {
  return Ask({"RESTARTS", id}, stop, [&]() -> base::Result<std::int64_t> {
    const auto job = engine_.jobs.find(id);
    return std::int64_t{job == engine_.jobs.end() ? 0 : job->second.restarts};
  });
}

// ------------------------------------------------------------------------------------------------

base::Result<engines::SqlVerdict> FakeDriver::Validate(const engines::PlannerKey&,
                                                       const std::string&, const engines::Options&,
                                                       std::stop_token stop) {
  return Ask({"VALIDATE", ""}, stop, [&]() -> base::Result<engines::SqlVerdict> {
    engines::SqlVerdict verdict;
    if (engine_.sql_wrong) {
      verdict.diagnostics.push_back({"ERROR", "UNKNOWN_TABLE", "no table t", "", {3, 7, 3, 8}, 0});
    }
    return verdict;
  });
}

base::Result<engines::CompiledSql> FakeDriver::Compile(const engines::PlannerKey&,
                                                       const std::string& sql,
                                                       const engines::Options&, int,
                                                       std::stop_token stop) {
  return Ask({"COMPILE", ""}, stop, [&]() -> base::Result<engines::CompiledSql> {
    ++engine_.compiles;
    return engines::CompiledSql{.plan = "plan of " + sql,
                                .operators = engine_.operators,
                                .highest_number = engine_.compiles};
  });
}

base::Result<engines::CompiledSql> FakeDriver::Recompile(
    const engines::PlannerKey& key, const std::string& sql, const engines::Options& options,
    int parallelism, const engines::PlanHistory& history, std::stop_token stop) {
  engine_.histories.push_back(history);
  return Compile(key, sql, options, parallelism, std::move(stop));
}

base::Result<std::vector<engines::FoundSnapshot>> FakeDriver::ListSnapshots(
    const engines::PlannerKey&, const std::string& folder, std::stop_token stop) {
  using Found = std::vector<engines::FoundSnapshot>;
  return Ask({"LIST_SNAPSHOTS", folder}, stop, [&]() -> base::Result<Found> {
    const auto found = engine_.folders.find(folder);
    if (found == engine_.folders.end()) {
      return base::Error(base::ErrorCode::kNotFound, "there is no such folder");
    }
    return found->second;
  });
}

base::Status FakeDriver::DeleteSnapshot(const engines::PlannerKey&, const std::string& path,
                                        std::stop_token stop) {
  return Ask({"DELETE_SNAPSHOT", path}, stop, [&]() -> base::Status {
    engine_.deleted.push_back(path);
    return base::Ok();
  });
}

base::Result<engines::FolderTrial> FakeDriver::TryFolder(const engines::PlannerKey&,
                                                         const std::string& folder,
                                                         std::stop_token stop) {
  using Outcome = engines::FolderTrial::Outcome;
  return Ask({"TRY_FOLDER", folder}, stop, [&]() -> base::Result<engines::FolderTrial> {
    return engine_.folder_refused ? engines::FolderTrial{Outcome::kRefused, "permission denied"}
                                  : engines::FolderTrial{Outcome::kWritable, ""};
  });
}

base::Status FakeDriver::Submit(const engines::PlannerKey&, const engines::SubmitRequest& request,
                                std::stop_token stop) {
  const Call call{"SUBMIT", request.engine_job_id};
  const bool arrives = !cut_ && engine_.reachable && engine_.delay_submit;
  if (const auto late = arrives ? engine_.delay_submit(call) : std::nullopt) {
    engine_.on_their_way.emplace_back(engine_.clock.SteadyNow() + *late, request);
    return base::Error(base::ErrorCode::kEngineTimeout, "no answer in time");
  }
  return Ask(call, stop, [&] { return engine_.Submit(request); });
}

base::Result<engines::SnapshotInspection> FakeDriver::InspectSnapshot(const engines::PlannerKey&,
                                                                      const std::string& path,
                                                                      std::stop_token stop) {
  return Ask({"INSPECT", path}, stop, [&]() -> base::Result<engines::SnapshotInspection> {
    engines::SnapshotInspection inspection;
    const bool deleted =
        std::find(engine_.deleted.begin(), engine_.deleted.end(), path) != engine_.deleted.end();
    inspection.exists = inspection.complete = !engine_.snapshots_missing && !deleted;
    inspection.operators = engine_.saved;
    return inspection;
  });
}

FakeClusters::FakeClusters(engines::Options options) {
  auto cluster = std::make_shared<console::Cluster>();
  cluster->id = "cluster";
  cluster->spec.name = "cluster";
  cluster->spec.options = std::move(options);
  cluster->version = "1.20.5";
  cluster->line = "1.20";
  cluster->reachability = console::Reachability::kReachable;
  cluster->endpoint = {"cluster", {"http://127.0.0.1:1"}};
  cluster->installation =
      engines::Installation{.id = "flink", .home = "/flink", .version = "1.20.5", .line = "1.20"};
  cluster->savepoint_directory = "file:///savepoints";
  cluster->checkpoint_directory = "file:///checkpoints";
  auto remote = std::make_shared<console::Cluster>(*cluster);
  remote->id = "remote";
  remote->savepoint_directory.clear();
  remote->checkpoint_directory.clear();
  cluster_ = std::move(cluster);
  remote_ = std::move(remote);
}

console::ClusterPtr FakeClusters::Find(std::string_view cluster_id) const {
  const std::lock_guard lock(mutex_);
  return cluster_id == "cluster" ? cluster_ : cluster_id == "remote" ? remote_ : nullptr;
}

void FakeClusters::Set(const std::function<void(console::Cluster&)>& change) {
  const std::lock_guard lock(mutex_);
  auto changed = std::make_shared<console::Cluster>(*cluster_);
  change(*changed);
  cluster_ = std::move(changed);
}

}  // namespace streampark::store::testing
