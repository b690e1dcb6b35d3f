// SPDX-License-Identifier: Apache-2.0
#include "jobs/flink_jobs.h"

#include <algorithm>

#include "streampark/base/http_client.h"
#include "streampark/base/json.h"

#include "jobs/detail_answers.h"
#include "jobs/overview_answers.h"
#include "jobs/rate_answers.h"

namespace streampark::flink {
namespace {

// Beyond, a page shows the vertices without rates and the TaskManagers without heaps.
constexpr std::size_t kMostVerticesMeasured = 64;
constexpr std::size_t kMostTaskManagersMeasured = 64;
constexpr std::size_t kMostVerticesMetered = 16;
constexpr int kAccepted = 202;  // Flink's only answer to an act that it takes on

std::string JobPath(const std::string& engine_job_id, std::string_view rest = {}) {
  return "/jobs/" + base::UrlEncode(engine_job_id) + std::string(rest);
}

std::string MetricsPath(const std::string& engine_job_id, const std::string& vertex_id) {
  return JobPath(engine_job_id, "/vertices/" + base::UrlEncode(vertex_id) + "/subtasks/metrics");
}

/// Whether a part of an answer is not to be waited for any more: who does not answer now does not
/// answer the next question either.
bool IsSilence(const base::Error& error) {
  return error.code() == base::ErrorCode::kEngineTimeout ||
         error.code() == base::ErrorCode::kClusterUnreachable ||
         error.code() == base::ErrorCode::kCancelled;
}

/// Whether the JobManager broke down over an act: it may have had its effect.
bool IsBreakdown(const RestAnswer& answer) { return answer.status / 100 == 5; }

base::Error MayHaveArrived(base::Error error) {
  return base::Error(base::ErrorCode::kEngineTimeout,
                     error.message() + "; whether it was done could not be seen")
      .WithCause(error.cause());
}

bool IsAdaptive(std::string_view scheduler) {
  return scheduler == "adaptive" || scheduler == "Adaptive" || scheduler == "ADAPTIVE";
}

}  // namespace

base::Result<engines::ClusterObservation> FlinkJobs::Observe(const engines::Endpoint& cluster,
                                                             base::Millis deadline,
                                                             std::stop_token stop) {
  const base::SteadyTime end = std::chrono::steady_clock::now() + deadline;
  engines::ClusterObservation observation;
  const auto jobs = SP_TRY(rest_.Get(cluster, "/jobs/overview", end, stop));
  observation.observed_at = clock_.Now();
  observation.jobs = SP_TRY(ReadJobs(jobs));
  SP_TRY(ReadCluster(SP_TRY(rest_.Get(cluster, "/overview", end, stop)), observation));
  observation.address = rest_.PreferredAddress(cluster);
  return observation;
}

base::Result<std::vector<engines::TaskManagerObservation>> FlinkJobs::ListTaskManagers(
    const engines::Endpoint& cluster, std::stop_token stop) {
  const base::SteadyTime end = rest_.EndOfLook();
  auto managers = SP_TRY(ReadTaskManagers(SP_TRY(rest_.Get(cluster, "/taskmanagers", end, stop))));
  for (std::size_t i = 0; i < std::min(managers.size(), kMostTaskManagersMeasured); ++i) {
    const auto detail =
        rest_.Get(cluster, "/taskmanagers/" + base::UrlEncode(managers[i].id), end, stop);
    if (detail.ok()) {
      ReadTaskManagerHeap(*detail, managers[i]);
    } else if (detail.error().code() == base::ErrorCode::kCancelled) {
      return detail.error();
    } else if (IsSilence(detail.error())) {
      break;  // TaskManagers without heaps are better than none
    }         // else: one that has just gone has no heap to show
  }
  return managers;
}

base::Result<engines::Options> FlinkJobs::ClusterOptions(const engines::Endpoint& cluster,
                                                         std::stop_token stop) {
  return ReadOptions(SP_TRY(rest_.Get(cluster, "/jobmanager/config", stop)));
}

base::Result<std::optional<engines::JobObservation>> FlinkJobs::Find(
    const engines::Endpoint& cluster, const std::string& engine_job_id, std::stop_token stop) {
  // From the overview, not from /jobs/ID: that one may be seconds old.
  auto jobs = SP_TRY(ReadJobs(SP_TRY(rest_.Get(cluster, "/jobs/overview", stop))));
  for (engines::JobObservation& job : jobs) {
    if (job.engine_job_id == engine_job_id) {
      return std::optional(std::move(job));
    }
  }
  return std::optional<engines::JobObservation>();
}

base::Status FlinkJobs::Trigger(const engines::Endpoint& cluster,
                                const engines::StopRequest& request, std::stop_token stop) {
  using After = engines::StopRequest::After;
  const bool stops = request.after != After::kGoOn;
  json::object body;
  body["triggerId"] = request.trigger_id;
  body["formatType"] = request.format == engines::SnapshotFormat::kNative ? "NATIVE" : "CANONICAL";
  if (stops) {
    body["drain"] = request.after == After::kDrain;
  } else {
    body["cancel-job"] = false;
  }
  if (!request.directory.empty()) {
    body[stops ? "targetDirectory" : "target-directory"] = request.directory;
  }
  const RestRequest http{.method = "POST",
                         .path = JobPath(request.engine_job_id, stops ? "/stop" : "/savepoints"),
                         .body = json::serialize(body)};
  const base::SteadyTime end = std::chrono::steady_clock::now() + rest_.timings().act;
  const RestAnswer answer = SP_TRY(rest_.Send(cluster, http, end, stop));
  if (answer.status == kAccepted) {
    return base::Ok();
  }
  base::Error refusal = RefusalOf(http, answer);
  if (!IsBreakdown(answer)) {
    return refusal;
  }
  // Its own time-outs are such answers too, while the Dispatcher goes on with what it was told. It
  // takes one thing after the other, so what it says of the trigger now comes after it.
  const auto known =
      ObserveTrigger(cluster, request.engine_job_id, request.trigger_id, std::move(stop));
  if (!known.ok()) {
    return MayHaveArrived(std::move(refusal));
  }
  return known->state == engines::TriggerObservation::State::kUnknown ? base::Status(refusal)
                                                                      : base::Ok();
}

base::Result<engines::TriggerObservation> FlinkJobs::ObserveTrigger(
    const engines::Endpoint& cluster, const std::string& engine_job_id,
    const std::string& trigger_id, std::stop_token stop) {
  const auto answer = rest_.Get(
      cluster, JobPath(engine_job_id, "/savepoints/" + base::UrlEncode(trigger_id)), stop);
  if (!answer.ok() && answer.error().code() == base::ErrorCode::kNotFound) {
    engines::TriggerObservation forgotten;
    forgotten.state = engines::TriggerObservation::State::kUnknown;
    return forgotten;
  }
  if (!answer.ok()) {
    return answer.error();
  }
  return ReadTrigger(*answer);
}

base::Status FlinkJobs::Cancel(const engines::Endpoint& cluster, const std::string& engine_job_id,
                               std::stop_token stop) {
  constexpr int kEndedAlready = 409;
  const RestRequest http{.method = "PATCH", .path = JobPath(engine_job_id, "?mode=cancel")};
  const base::SteadyTime end = std::chrono::steady_clock::now() + rest_.timings().act;
  const RestAnswer answer = SP_TRY(rest_.Send(cluster, http, end, stop));
  if (answer.status == kAccepted || answer.status == kEndedAlready) {
    return base::Ok();
  }
  base::Error refusal = RefusalOf(http, answer);
  if (!IsBreakdown(answer)) {
    return refusal;
  }
  const auto job = Find(cluster, engine_job_id, std::move(stop));
  if (!job.ok()) {
    return MayHaveArrived(std::move(refusal));
  }
  const bool ends = !*job || engines::IsTerminal((*job)->state) ||
                    (*job)->state == engines::EngineState::kStopping;
  return ends ? base::Ok() : base::Status(refusal);
}

base::Result<engines::Options> FlinkJobs::Labels(const engines::Endpoint& cluster,
                                                 const std::string& engine_job_id,
                                                 std::stop_token stop) {
  return ReadLabels(SP_TRY(rest_.Get(cluster, JobPath(engine_job_id, "/config"), stop)));
}

base::Status FlinkJobs::Rescale(const engines::Endpoint& cluster, const std::string& engine_job_id,
                                int from, int to, std::stop_token stop) {
  const auto configuration = SP_TRY(ClusterOptions(cluster, stop));
  const auto scheduler = configuration.find("jobmanager.scheduler");
  if (scheduler == configuration.end() || !IsAdaptive(scheduler->second)) {
    return base::Error(base::ErrorCode::kIllegalState,
                       "the cluster's scheduler cannot change a running job's parallelism")
        .WithHint("jobmanager.scheduler: adaptive");
  }
  // {"<vertex>": {"parallelism": {"lowerBound": 1, "upperBound": 2}}}, both ways.
  const std::string path = JobPath(engine_job_id, "/resource-requirements");
  const json::value known = SP_TRY(rest_.Get(cluster, path, stop));
  const engines::JobGraph graph = SP_TRY(Graph(cluster, engine_job_id, stop));
  if (!known.is_object()) {
    return base::Error(base::ErrorCode::kEngineError, "the engine told no resource requirements");
  }
  json::object asked = known.get_object();
  bool changes = false;
  for (auto& [vertex, requirements] : asked) {
    json::value* parallelism =
        requirements.is_object() ? requirements.get_object().if_contains("parallelism") : nullptr;
    if (parallelism == nullptr || !parallelism->is_object()) {
      continue;
    }
    json::object& bounds = parallelism->get_object();
    if (json::IntegerOr(bounds, "upperBound", 0) != from) {
      continue;
    }
    int most = to;
    for (const engines::GraphVertex& one : graph.vertices) {
      if (one.id == vertex && one.max_parallelism > 0) {
        most = std::min(to, one.max_parallelism);
      }
    }
    bounds["lowerBound"] = std::min<std::int64_t>(json::IntegerOr(bounds, "lowerBound", 1), most);
    bounds["upperBound"] = most;
    changes = changes || most != from;
  }
  if (!changes) {
    return base::Ok();  // it was asked for before
  }
  const RestRequest http{.method = "PUT", .path = path, .body = json::serialize(asked)};
  const base::SteadyTime end = std::chrono::steady_clock::now() + rest_.timings().act;
  const RestAnswer answer = SP_TRY(rest_.Send(cluster, http, end, stop));
  return answer.status / 100 == 2 ? base::Ok() : base::Status(RefusalOf(http, answer));
}

base::Millis FlinkJobs::AnswerAge(const engines::Endpoint& cluster, std::stop_token stop) {
  const auto answer = rest_.Get(cluster, "/config", stop);
  return answer.ok() ? ReadRefreshInterval(*answer) : kRefreshInterval;
}

base::Result<engines::JobGraph> FlinkJobs::Graph(const engines::Endpoint& cluster,
                                                 const std::string& engine_job_id,
                                                 std::stop_token stop) {
  const base::SteadyTime end = rest_.EndOfLook();
  const auto answer = SP_TRY(rest_.Get(cluster, JobPath(engine_job_id), end, stop));
  engines::JobGraph graph = SP_TRY(ReadGraph(answer));
  graph.observed_at = clock_.Now();
  for (std::size_t i = 0; i < std::min(graph.vertices.size(), kMostVerticesMeasured); ++i) {
    if (graph.vertices[i].tasks.running == 0) {
      continue;
    }
    const auto measured = Measure(cluster, engine_job_id, graph.vertices[i], end, stop);
    if (!measured.ok() && measured.error().code() == base::ErrorCode::kCancelled) {
      return measured.error();
    }
    if (!measured.ok() && IsSilence(measured.error())) {
      break;  // a graph without rates is better than none
    }
  }
  return graph;
}

base::Status FlinkJobs::Measure(const engines::Endpoint& cluster, const std::string& engine_job_id,
                                engines::GraphVertex& vertex, base::SteadyTime end,
                                const std::stop_token& stop) {
  const std::string path = MetricsPath(engine_job_id, vertex.id);
  const VertexMetrics metrics = ChooseVertexMetrics(SP_TRY(rest_.Get(cluster, path, end, stop)));
  if (metrics.names.empty()) {
    return base::Ok();  // not measured yet
  }
  ReadVertexMetrics(
      SP_TRY(rest_.Get(cluster, path + "?agg=sum,min,max&get=" + metrics.query(), end, stop)),
      metrics, vertex);
  return base::Ok();
}

base::Result<engines::JobMeters> FlinkJobs::Meters(const engines::Endpoint& cluster,
                                                   const std::string& engine_job_id,
                                                   std::stop_token stop) {
  const base::SteadyTime end = rest_.EndOfLook();
  const engines::JobGraph graph =
      SP_TRY(ReadGraph(SP_TRY(rest_.Get(cluster, JobPath(engine_job_id), end, stop))));
  engines::JobMeters meters;
  meters.slots = SlotsOf(graph);
  const std::vector<OuterVertex> outer = OuterVerticesOf(graph);
  if (outer.size() > kMostVerticesMetered) {
    return meters;  // a sum of some of them would be wrong
  }
  for (const OuterVertex& one : outer) {
    auto meter = ChooseMeters(
        SP_TRY(rest_.Get(cluster, MetricsPath(engine_job_id, one.id), end, stop)), one);
    if (!QueryOf(meter).empty()) {
      meters.vertices.push_back(std::move(meter));
    }
  }
  return meters;
}

base::Result<engines::JobRates> FlinkJobs::Rates(const engines::Endpoint& cluster,
                                                 const std::string& engine_job_id,
                                                 const engines::JobMeters& meters,
                                                 std::stop_token stop) {
  const base::SteadyTime end = rest_.EndOfLook();
  std::vector<json::value> answers;
  for (const engines::JobMeters::Vertex& vertex : meters.vertices) {
    const std::string path = MetricsPath(engine_job_id, vertex.id) + "?agg=sum&get=";
    answers.push_back(SP_TRY(rest_.Get(cluster, path + QueryOf(vertex), end, stop)));
  }
  return ReadRates(meters, answers);
}

base::Result<engines::CheckpointStatistics> FlinkJobs::Checkpoints(const engines::Endpoint& cluster,
                                                                   const std::string& engine_job_id,
                                                                   std::stop_token stop) {
  const auto answer = rest_.Get(cluster, JobPath(engine_job_id, "/checkpoints"), stop);
  engines::CheckpointStatistics statistics;
  if (answer.ok()) {
    statistics = SP_TRY(ReadCheckpoints(*answer));
  } else if (answer.error().code() != base::ErrorCode::kNotFound ||
             answer.error().cause().find("Checkpointing") == std::string::npos) {
    return answer.error();
  }  // else: the job runs without checkpoints
  statistics.observed_at = clock_.Now();
  return statistics;
}

base::Result<std::vector<engines::ExceptionObservation>> FlinkJobs::Exceptions(
    const engines::Endpoint& cluster, const std::string& engine_job_id, std::stop_token stop) {
  return ReadExceptions(
      SP_TRY(rest_.Get(cluster, JobPath(engine_job_id, "/exceptions?maxExceptions=50"), stop)));
}

base::Result<std::int64_t> FlinkJobs::Restarts(const engines::Endpoint& cluster,
                                               const std::string& engine_job_id,
                                               std::stop_token stop) {
  const auto answer = SP_TRY(
      rest_.Get(cluster, JobPath(engine_job_id, "/metrics?get=numRestarts,fullRestarts"), stop));
  if (const auto restarts = ReadRestarts(answer)) {
    return *restarts;
  }
  return base::Error(base::ErrorCode::kNotFound,
                     "the engine has no restart count for this job: it has ended or just begun");
}

std::string FlinkJobs::WebUrl(const engines::Endpoint& cluster, const std::string& engine_job_id) {
  const std::string root = rest_.PreferredAddress(cluster);
  if (root.empty() || engine_job_id.empty()) {
    return root.empty() ? root : root + "/#/overview";
  }
  return root + "/#/job/running/" + base::UrlEncode(engine_job_id) + "/overview";
}

}  // namespace streampark::flink
