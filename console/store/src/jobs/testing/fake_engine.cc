// SPDX-License-Identifier: Apache-2.0
#include "jobs/testing/fake_engine.h"

namespace streampark::store::testing {

using engines::EngineState;

int FakeEngine::Alive(const std::string& job_id) {
  const std::lock_guard lock(mutex);
  int alive = 0;
  for (const auto& [id, job] : jobs) {
    alive += job.job_parameter == job_id && !engines::IsTerminal(job.state) ? 1 : 0;
  }
  return alive;
}

bool FakeEngine::AnswersFromBefore(const Job& job) const {
  return job.ended &&
         base::SystemClock().SteadyNow() - *job.ended < base::Millis(answer_age_ms.load());
}

engines::ClusterObservation FakeEngine::Observation(base::Timestamp at) {
  const std::lock_guard lock(mutex);
  engines::ClusterObservation seen{.observed_at = at, .version = "1.20.5", .task_managers = 1};
  seen.slots_total = 4;
  seen.slots_free = slots_free;
  for (auto& [id, job] : jobs) {
    if (engines::IsTerminal(job.state) && !job.ended) {
      job.ended = base::SystemClock().SteadyNow();
    }
    engines::JobObservation one{.engine_job_id = id, .state = job.state};
    one.native_state = std::string(engines::ToString(job.state));
    one.tasks.total = 2;
    one.tasks.running = job.state == EngineState::kRunning ? 2 : 0;
    seen.jobs.push_back(std::move(one));
  }
  return seen;
}

base::Status FakeDriver::Reach() const {
  if (cut_ || !engine_.reachable) {
    return base::Error(base::ErrorCode::kClusterUnreachable, "nobody answers");
  }
  return base::Ok();
}

base::Result<engines::ClusterObservation> FakeDriver::Observe(const engines::Endpoint&,
                                                              base::Millis, std::stop_token) {
  SP_TRY(Reach());
  return engine_.Observation(base::SystemClock().Now());
}

base::Result<std::optional<engines::JobObservation>> FakeDriver::Find(const engines::Endpoint&,
                                                                      const std::string& id,
                                                                      std::stop_token) {
  SP_TRY(Reach());
  {
    const std::lock_guard lock(engine_.mutex);
    const auto found = engine_.jobs.find(id);
    if (found == engine_.jobs.end()) {
      return std::optional<engines::JobObservation>();
    }
    FakeEngine::Job& job = found->second;
    if (job.state == EngineState::kPending && ++job.looks > 1 && !engine_.keeps_pending) {
      job.state = engine_.jobs_fail ? EngineState::kFailed : EngineState::kRunning;
    }
  }
  for (engines::JobObservation& one : engine_.Observation(base::SystemClock().Now()).jobs) {
    if (one.engine_job_id == id) {
      return std::optional(std::move(one));
    }
  }
  return std::optional<engines::JobObservation>();
}

base::Status FakeDriver::Trigger(const engines::Endpoint&, const engines::StopRequest& request,
                                 std::stop_token) {
  SP_TRY(Reach());
  const std::lock_guard lock(engine_.mutex);
  FakeEngine::Job& job = engine_.jobs[request.engine_job_id];
  if (job.trigger_id == request.trigger_id) {
    return base::Ok();
  }
  if (job.state != EngineState::kRunning) {
    return base::Error(base::ErrorCode::kEngineError, "the job does not run");
  }
  job.trigger_id = request.trigger_id;
  job.trigger_looks = 0;
  job.ends_after = request.after != engines::StopRequest::After::kGoOn;
  ++engine_.triggers;
  return base::Ok();
}

base::Result<engines::TriggerObservation> FakeDriver::ObserveTrigger(const engines::Endpoint&,
                                                                     const std::string& id,
                                                                     const std::string& trigger_id,
                                                                     std::stop_token) {
  SP_TRY(Reach());
  using State = engines::TriggerObservation::State;
  const std::lock_guard lock(engine_.mutex);
  FakeEngine::Job& job = engine_.jobs[id];
  if (job.trigger_id != trigger_id) {
    return engines::TriggerObservation{State::kUnknown, "", ""};
  }
  if (engine_.keeps_saving || ++job.trigger_looks < 2) {
    return engines::TriggerObservation{State::kInProgress, "", ""};
  }
  if (engine_.savepoints_fail) {
    return engines::TriggerObservation{State::kFailed, "", "the folder is not writable"};
  }
  job.savepoint = "file:///savepoints/" + trigger_id;
  if (job.ends_after) {
    job.state = EngineState::kFinished;
  }
  if (engine_.forgets_triggers) {
    return engines::TriggerObservation{State::kUnknown, "", ""};
  }
  return engines::TriggerObservation{State::kCompleted, job.savepoint, ""};
}

base::Status FakeDriver::Cancel(const engines::Endpoint&, const std::string& id, std::stop_token) {
  SP_TRY(Reach());
  const std::lock_guard lock(engine_.mutex);
  const auto found = engine_.jobs.find(id);
  if (found == engine_.jobs.end()) {
    return base::Error(base::ErrorCode::kNotFound, "no such job");
  }
  if (!engines::IsTerminal(found->second.state)) {
    found->second.state = EngineState::kCanceled;
    ++engine_.cancels;
  }
  return base::Ok();
}

base::Result<engines::CheckpointStatistics> FakeDriver::Checkpoints(const engines::Endpoint&,
                                                                    const std::string& id,
                                                                    std::stop_token) {
  SP_TRY(Reach());
  const std::lock_guard lock(engine_.mutex);
  engines::CheckpointStatistics statistics{.observed_at = base::SystemClock().Now()};
  const FakeEngine::Job& job = engine_.jobs[id];
  if (!job.savepoint.empty() && !engine_.AnswersFromBefore(job)) {
    statistics.completed = 1;
    statistics.checkpoints.push_back({.number = 1,
                                      .kind = engines::SnapshotKind::kSavepoint,
                                      .state = engines::CheckpointState::kCompleted,
                                      .triggered_at = base::SystemClock().Now(),
                                      .duration = base::Millis(5),
                                      .size_bytes = 10,
                                      .path = job.savepoint});
  }
  return statistics;
}

base::Result<std::vector<engines::ExceptionObservation>> FakeDriver::Exceptions(
    const engines::Endpoint&, const std::string& id, std::stop_token) {
  SP_TRY(Reach());
  const std::lock_guard lock(engine_.mutex);
  std::vector<engines::ExceptionObservation> exceptions;
  const FakeEngine::Job& job = engine_.jobs[id];
  if (job.state == EngineState::kFailed && !engine_.AnswersFromBefore(job)) {
    exceptions.push_back({.root_cause = "no route to the broker"});
  }
  return exceptions;
}

base::Result<engines::Options> FakeDriver::Labels(const engines::Endpoint&, const std::string& id,
                                                  std::stop_token) {
  SP_TRY(Reach());
  const std::lock_guard lock(engine_.mutex);
  const auto found = engine_.jobs.find(id);
  if (found == engine_.jobs.end()) {
    return base::Error(base::ErrorCode::kNotFound, "no such job");
  }
  return found->second.labels;
}

base::Result<engines::SqlVerdict> FakeDriver::Validate(const engines::PlannerKey&,
                                                       const std::string&, const engines::Options&,
                                                       std::stop_token) {
  engines::SqlVerdict verdict;
  if (engine_.sql_wrong) {
    verdict.diagnostics.push_back({"ERROR", "UNKNOWN_TABLE", "no table t", "", {3, 7, 3, 8}, 0});
  }
  return verdict;
}

base::Result<engines::CompiledSql> FakeDriver::Compile(const engines::PlannerKey&,
                                                       const std::string& sql,
                                                       const engines::Options&, int,
                                                       std::stop_token) {
  SP_TRY(Reach());
  const std::lock_guard lock(engine_.mutex);
  ++engine_.compiles;
  return engines::CompiledSql{
      .plan = "plan of " + sql, .operators = engine_.operators, .highest_number = engine_.compiles};
}

base::Result<engines::CompiledSql> FakeDriver::Recompile(
    const engines::PlannerKey& key, const std::string& sql, const engines::Options& options,
    int parallelism, const engines::PlanHistory& history, std::stop_token stop) {
  {
    const std::lock_guard lock(engine_.mutex);
    engine_.histories.push_back(history);
  }
  return Compile(key, sql, options, parallelism, std::move(stop));
}

base::Status FakeDriver::DeleteSnapshot(const engines::PlannerKey&, const std::string& path,
                                        std::stop_token) {
  SP_TRY(Reach());
  const std::lock_guard lock(engine_.mutex);
  engine_.deleted.push_back(path);
  return base::Ok();
}

base::Status FakeDriver::Submit(const engines::PlannerKey&, const engines::SubmitRequest& request,
                                std::stop_token) {
  SP_TRY(Reach());
  const std::lock_guard lock(engine_.mutex);
  if (engine_.jobs.contains(request.engine_job_id)) {
    return base::Error(base::ErrorCode::kDuplicateJob, "the cluster has that id");
  }
  ++engine_.submits;
  FakeEngine::Job& job = engine_.jobs[request.engine_job_id];
  job.job_parameter = request.global_parameters.at("streampark.job");
  job.labels = request.global_parameters;
  job.restored_from = request.restore ? request.restore->path : "";
  if (request.restore) {
    engine_.restores.push_back(*request.restore);
  }
  return base::Ok();
}

base::Result<engines::SnapshotInspection> FakeDriver::InspectSnapshot(const engines::PlannerKey&,
                                                                      const std::string&,
                                                                      std::stop_token) {
  SP_TRY(Reach());
  engines::SnapshotInspection inspection;
  inspection.exists = inspection.complete = !engine_.snapshots_missing;
  const std::lock_guard lock(engine_.mutex);
  inspection.operators = engine_.saved;
  return inspection;
}

FakeClusters::FakeClusters() {
  auto cluster = std::make_shared<console::Cluster>();
  cluster->id = "cluster";
  cluster->spec.name = "cluster";
  cluster->version = "1.20.5";
  cluster->line = "1.20";
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
  return cluster_id == "cluster" ? cluster_ : cluster_id == "remote" ? remote_ : nullptr;
}

}  // namespace streampark::store::testing
