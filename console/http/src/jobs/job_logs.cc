// SPDX-License-Identifier: Apache-2.0
// Logs of a job: those of the processes of its cluster, and the log of each of its operations,
// written from its record.
#include <algorithm>

#include "streampark/base/json.h"
#include "streampark/engines/log_file.h"
#include "streampark/http/paging.h"

#include "jobs/job_handlers.h"
#include "jobs/job_json.h"
#include "jobs/operation_json.h"

namespace streampark::http {
namespace {

constexpr std::string_view kOperationPrefix = "operation-";
constexpr int kOperationLogs = 20;
constexpr int kAttemptsWithLogs = 50;

std::string LogOf(const console::Operation& operation) {
  std::string text;
  const auto line = [&](std::optional<base::Timestamp> at, const std::string& what) {
    text += (at ? base::FormatTimestamp(*at) : std::string(24, ' ')) + "  " + what + "\n";
  };
  line(operation.requested_at, std::string(ToString(operation.kind)) + " asked for by " +
                                   operation.requested_by.name + " (" +
                                   std::string(ToString(operation.requested_by.via)) + ") " +
                                   json::serialize(ShownParameters(operation)));
  for (const console::Step& step : operation.steps) {
    if (step.state == console::StepState::kWaiting) {
      continue;
    }
    if (step.started_at) {
      line(step.started_at, step.name + " begins");
    }
    std::string end = step.name + " " + std::string(ToString(step.state));
    if (!step.message.empty()) {
      end += ": " + step.message;
    }
    line(step.finished_at, end);
  }
  if (operation.error) {
    line(operation.finished_at, operation.error->ToString());
  }
  if (operation.finished_at) {
    line(operation.finished_at,
         std::string(ToString(operation.kind)) + " " + std::string(ToString(operation.state)));
  }
  return text;
}

json::object PieceJson(const engines::LogPiece& piece) {
  return {{"text", piece.text},
          {"offset", piece.offset},
          {"nextOffset", piece.next_offset},
          {"sizeBytes", piece.size_bytes}};
}

std::string ClusterIdOf(const console::JobView& job) {
  return job.state.attempt ? job.state.attempt->cluster_id : job.state.job.cluster_id;
}

/// A log that is one job's own is shown with that job alone: with its attempts.
base::Result<bool> IsAnothers(const JobRouteServices& services, const console::JobView& job,
                              std::string_view log_id) {
  const std::string owner = engines::JobOfLog(log_id);
  if (owner.empty()) {
    return false;
  }
  for (const console::Attempt& one :
       SP_TRY(services.jobs.store().ListAttempts(job.state.job.id, kAttemptsWithLogs, 0))) {
    if (one.engine_job_id == owner) {
      return false;
    }
  }
  return true;
}

base::Result<Response> ListLogs(const JobRouteServices& services, const Request& request) {
  const console::JobViewPtr job = SP_TRY(JobOf(services, request));
  json::array items;
  const auto operations = SP_TRY(services.jobs.operations().store().List(
      console::SubjectKind::kJob, job->state.job.id, kOperationLogs, ""));
  for (const console::Operation& one : operations.items) {
    items.push_back(json::object{
        {"id", std::string(kOperationPrefix) + one.id},
        {"title", std::string(ToString(one.kind)) + " " + base::FormatTimestamp(one.requested_at)},
        {"role", "OPERATION"},
        {"sizeBytes", LogOf(one).size()},
        {"modifiedAt", json::TimeOrNull(one.finished_at ? one.finished_at : one.started_at)}});
  }
  if (job->state.attempt) {
    // Without the cluster's answer the operations' logs are shown all the same.
    const auto files = services.clusters.ListLogs(ClusterIdOf(*job), request.stop);
    if (files.ok()) {
      for (const engines::LogFile& one : *files) {
        if (SP_TRY(IsAnothers(services, *job, one.id))) {
          continue;
        }
        items.push_back(json::object{{"id", one.id},
                                     {"title", one.title},
                                     {"role", one.role},
                                     {"sizeBytes", one.size_bytes},
                                     {"modifiedAt", json::TimeOrNull(one.modified_at)}});
      }
    }
  }
  return Response::Json(json::object{{"items", std::move(items)}});
}

base::Result<Response> ReadLog(const JobRouteServices& services, const Request& request) {
  const console::JobViewPtr job = SP_TRY(JobOf(services, request));
  const std::string& log_id = request.PathParameter("logId");
  std::optional<std::int64_t> offset;
  if (request.Query("offset")) {
    offset = SP_TRY(IntegerQuery(request, "offset", 0, 0, INT64_MAX));
  }
  const std::int64_t bytes = SP_TRY(IntegerQuery(request, "bytes", 65536, 1, 1 << 20));
  if (log_id.starts_with(kOperationPrefix)) {
    const auto operation =
        SP_TRY(services.jobs.operations().store().Find(log_id.substr(kOperationPrefix.size())));
    if (!operation || operation->subject.id != job->state.job.id) {
      return base::Error(base::ErrorCode::kNotFound, "there is no such log");
    }
    const std::string text = LogOf(*operation);
    const auto size = static_cast<std::int64_t>(text.size());
    const std::int64_t from =
        std::min(size, offset.value_or(std::max<std::int64_t>(0, size - bytes)));
    engines::LogPiece piece;
    piece.text = text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(bytes));
    piece.offset = from;
    piece.next_offset = from + static_cast<std::int64_t>(piece.text.size());
    piece.size_bytes = size;
    return Response::Json(PieceJson(piece));
  }
  if (SP_TRY(IsAnothers(services, *job, log_id))) {
    return base::Error(base::ErrorCode::kNotFound, "there is no such log");
  }
  return Response::Json(PieceJson(
      SP_TRY(services.clusters.ReadLog(ClusterIdOf(*job), log_id, offset, bytes, request.stop))));
}

}  // namespace

void BindJobLogs(Router& router, const JobRouteServices& services) {
  router.Bind("listJobLogs",
              [services](const Request& request) { return ListLogs(services, request); });
  router.Bind("readJobLog",
              [services](const Request& request) { return ReadLog(services, request); });
}

}  // namespace streampark::http
