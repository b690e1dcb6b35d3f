// SPDX-License-Identifier: Apache-2.0
// What the engine tells of one job, and what is kept of it.
#include <algorithm>
#include <map>

#include "streampark/base/json.h"
#include "streampark/base/secret_keys.h"
#include "streampark/console/jobs/checkpoints.h"
#include "streampark/console/jobs/job_results.h"
#include "streampark/http/paging.h"

#include "jobs/job_handlers.h"
#include "jobs/job_json.h"

namespace streampark::http {
namespace {

/// The newest attempt with its cluster; absent when there is nothing to ask the engine about.
struct Asked {
  console::Attempt attempt;
  console::ClusterPtr cluster;
};

std::optional<Asked> AskedOf(const JobRouteServices& services, const console::JobView& job) {
  if (!job.state.attempt || !job.state.attempt->submitted) {
    return std::nullopt;
  }
  const console::ClusterPtr cluster = services.clusters.Find(job.state.attempt->cluster_id);
  if (cluster == nullptr || cluster->endpoint.addresses.empty()) {
    return std::nullopt;
  }
  return Asked{*job.state.attempt, cluster};
}

base::Result<Response> Graph(const JobRouteServices& services, const Request& request) {
  const console::JobViewPtr job = SP_TRY(JobOf(services, request));
  const std::optional<Asked> asked = AskedOf(services, *job);
  if (asked) {
    const auto graph = services.engine.jobs.Graph(asked->cluster->endpoint,
                                                  asked->attempt.engine_job_id, request.stop);
    if (graph.ok()) {
      return Response::Json(GraphToJson(asked->attempt.id, *graph));
    }
    if (job->state.live()) {
      return graph.error();
    }
  }
  // Never ran, or the engine has forgotten it.
  return Response::Json(json::object{{"attemptId", nullptr},
                                     {"observedAt", nullptr},
                                     {"vertices", json::array()},
                                     {"edges", json::array()}});
}

base::Result<Response> Checkpoints(const JobRouteServices& services, const Request& request) {
  const console::JobViewPtr job = SP_TRY(JobOf(services, request));
  const std::optional<Asked> asked = AskedOf(services, *job);
  if (asked && job->state.live()) {
    const engines::CheckpointStatistics statistics = SP_TRY(services.engine.jobs.Checkpoints(
        asked->cluster->endpoint, asked->attempt.engine_job_id, request.stop));
    return Response::Json(console::CheckpointsToJson(asked->attempt.id, statistics));
  }
  if (job->state.attempt) {
    if (auto kept = SP_TRY(services.jobs.store().FindCheckpoints(job->state.attempt->id))) {
      return Response::Json(std::make_shared<const std::string>(*std::move(kept)));
    }
  }
  json::object none = console::CheckpointsToJson("", {});
  none["observedAt"] = nullptr;
  return Response::Json(none);
}

base::Result<Response> Exceptions(const JobRouteServices& services, const Request& request) {
  const console::JobViewPtr job = SP_TRY(JobOf(services, request));
  const std::string& id = job->state.job.id;
  const std::optional<Asked> asked = AskedOf(services, *job);
  if (asked && job->state.live()) {
    // What the engine knows now is kept, then everything kept is shown: also of older attempts.
    const auto now = services.engine.jobs.Exceptions(asked->cluster->endpoint,
                                                     asked->attempt.engine_job_id, request.stop);
    if (now.ok()) {
      std::vector<console::JobException> kept;
      for (const engines::ExceptionObservation& one : *now) {
        kept.push_back({asked->attempt.id, one});
      }
      SP_TRY(services.jobs.store().KeepExceptions(id, kept));
    }
  }
  json::array items;
  for (const console::JobException& one : SP_TRY(services.jobs.store().ListExceptions(id))) {
    items.push_back(json::object{{"at", base::FormatTimestamp(one.exception.at)},
                                 {"attemptId", one.attempt_id},
                                 {"task", one.exception.task},
                                 {"location", one.exception.location},
                                 {"rootCause", one.exception.root_cause},
                                 {"trace", one.exception.trace}});
  }
  return Response::Json(json::object{{"items", std::move(items)}});
}

base::Result<Response> Configuration(const JobRouteServices& services, const Request& request) {
  const console::JobViewPtr job = SP_TRY(JobOf(services, request));
  const console::JobState& state = job->state;
  const console::Revision revision = SP_TRY(services.jobs.desk().FindRevision(
      state.job.id, state.live() ? std::optional(state.attempt->revision) : std::nullopt));
  const console::ClusterPtr cluster = services.clusters.Find(revision.spec.cluster_id);
  const console::Cluster nowhere{};
  std::map<std::string, console::EffectiveOption> options;
  for (console::EffectiveOption& one : console::EffectiveOptions(
           revision.spec, {}, cluster == nullptr ? nowhere : *cluster, state.job.id)) {
    options[one.key] = std::move(one);
  }
  if (state.live()) {
    // What the attempt was started with is what holds; where it differs it was laid over for it.
    for (const auto& [key, value] : state.attempt->options) {
      const auto known = options.find(key);
      if (known == options.end() || known->second.value != value) {
        options[key] = {key, value, console::OptionOrigin::kAttempt};
      }
    }
  }
  if (cluster != nullptr) {
    const auto own = services.clusters.OptionsOf(cluster->id, request.stop);
    if (own.ok()) {
      for (const auto& [key, value] : *own) {
        options.try_emplace(key,
                            console::EffectiveOption{key, value, console::OptionOrigin::kCluster});
      }
    }
  }
  json::array items;
  for (const auto& [key, one] : options) {
    items.push_back(
        json::object{{"key", key},
                     {"value", base::IsSecretKey(key) ? std::string(base::kMask) : one.value},
                     {"origin", ToString(one.origin)}});
  }
  return Response::Json(json::object{{"items", std::move(items)}});
}

base::Result<Response> Results(const JobRouteServices& services, const Request& request) {
  const console::JobViewPtr job = SP_TRY(JobOf(services, request));
  const int limit = static_cast<int>(SP_TRY(IntegerQuery(request, "limit", 50, 1, 500)));
  json::array tables;
  const console::Job& row = job->state.job;
  if (row.deployed) {
    const auto release = SP_TRY(services.jobs.store().FindRelease(row.id, *row.deployed));
    if (release) {
      for (const console::ResultTable& one :
           console::ReadResults(*release, services.jobs.options().result_folders, limit)) {
        json::array rows;
        for (const std::string& text : one.rows) {
          rows.push_back(SP_TRY(json::Parse(text)));
        }
        tables.push_back(
            json::object{{"name", one.name},
                         {"path", one.path},
                         {"columns", json::array(one.columns.begin(), one.columns.end())},
                         {"rows", std::move(rows)},
                         {"updatedAt", json::TimeOrNull(one.updated_at)},
                         {"note", one.note}});
      }
    }
  }
  return Response::Json(json::object{{"tables", std::move(tables)}});
}

}  // namespace

void BindJobDetails(Router& router, const JobRouteServices& services) {
  const auto bind = [&](std::string_view id, auto handler) {
    router.Bind(id,
                [services, handler](const Request& request) { return handler(services, request); });
  };
  bind("getJobGraph", Graph);
  bind("getCheckpoints", Checkpoints);
  bind("listExceptions", Exceptions);
  bind("getJobConfiguration", Configuration);
  bind("readJobResults", Results);
}

}  // namespace streampark::http
