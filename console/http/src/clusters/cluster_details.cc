// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "streampark/base/json.h"
#include "streampark/engines/log_file.h"
#include "streampark/http/paging.h"

#include "clusters/cluster_handlers.h"
#include "jobs/operation_json.h"

namespace streampark::http {
namespace {

using base::Result;
using Services = ClusterRouteServices;

constexpr std::int64_t kLongestPiece = 1 << 20U;
constexpr std::int64_t kUsualPiece = 64 << 10U;

json::object ItemsJson(json::array items) { return {{"items", std::move(items)}}; }

Result<Response> ListOperations(const Services& services, const Request& request) {
  const Page page = SP_TRY(PageOf(request));
  const console::OperationPage found = SP_TRY(services.operations.List(
      console::SubjectKind::kCluster, request.PathParameter("clusterId"),
      static_cast<int>(page.limit), page.after.empty() ? "" : page.after.front()));
  json::array items;
  for (const console::Operation& operation : found.items) {
    items.push_back(OperationToJson(operation));
  }
  const std::string next =
      found.next_after.empty() ? std::string() : EncodeCursor("", {found.next_after});
  return Response::Json(PageJson(std::move(items), next));
}

Result<Response> ListTaskManagers(const Services& services, const Request& request) {
  json::array items;
  for (const engines::TaskManagerObservation& seen : SP_TRY(
           services.clusters.ListTaskManagers(request.PathParameter("clusterId"), request.stop))) {
    items.push_back(json::object{{"id", seen.id},
                                 {"address", seen.address},
                                 {"slotsTotal", seen.slots_total},
                                 {"slotsFree", seen.slots_free},
                                 {"cpuCores", seen.cpu_cores},
                                 {"memoryBytes", seen.memory_bytes},
                                 {"heapUsedBytes", seen.heap_used_bytes},
                                 {"heapMaxBytes", seen.heap_max_bytes},
                                 {"lastHeartbeatAt", json::TimeOrNull(seen.last_heartbeat_at)}});
  }
  return Response::Json(ItemsJson(std::move(items)));
}

json::object TasksJson(const engines::TaskCounts& tasks) {
  return {{"total", tasks.total},
          {"created", tasks.created},
          {"scheduled", tasks.scheduled},
          {"deploying", tasks.deploying},
          {"initializing", tasks.initializing},
          {"running", tasks.running},
          {"finished", tasks.finished},
          {"canceling", tasks.canceling},
          {"canceled", tasks.canceled},
          {"failed", tasks.failed},
          {"reconciling", tasks.reconciling}};
}

Result<Response> ListJobs(const Services& services, const Request& request) {
  json::array items;
  const base::Timestamp now = services.clock.Now();
  for (const console::ClusterJob& job :
       SP_TRY(services.clusters.ListJobs(request.PathParameter("clusterId")))) {
    const engines::JobObservation& seen = job.observed;
    const base::Millis duration =
        seen.started_at ? seen.ended_at.value_or(now) - *seen.started_at : base::Millis(0);
    const bool visible =
        job.owner && request.caller.Can(api::Permission::kJobView, job.owner->team_id);
    json::object item{{"engineJobId", seen.engine_job_id},
                      {"name", seen.name},
                      {"state", engines::ToString(seen.state)},
                      {"nativeState", seen.native_state},
                      {"startedAt", json::TimeOrNull(seen.started_at)},
                      {"durationMs", std::max<std::int64_t>(duration.count(), 0)},
                      {"tasks", TasksJson(seen.tasks)},
                      {"ours", job.owner.has_value()}};
    if (visible) {
      item["jobId"] = job.owner->job_id;
    } else if (job.owner) {
      item["name"] = "";  // a job of a team that does not exist for the caller
    }
    items.push_back(std::move(item));
  }
  return Response::Json(ItemsJson(std::move(items)));
}

Result<Response> ListLogs(const Services& services, const Request& request) {
  json::array items;
  for (const engines::LogFile& file :
       SP_TRY(services.clusters.ListLogs(request.PathParameter("clusterId"), request.stop))) {
    if (!engines::JobOfLog(file.id).empty()) {
      continue;  // shown with its job, to whom may see that
    }
    items.push_back(json::object{{"id", file.id},
                                 {"title", file.title},
                                 {"role", file.role},
                                 {"sizeBytes", file.size_bytes},
                                 {"modifiedAt", json::TimeOrNull(file.modified_at)}});
  }
  return Response::Json(ItemsJson(std::move(items)));
}

Result<Response> ReadLog(const Services& services, const Request& request) {
  std::optional<std::int64_t> offset;
  if (request.Query("offset")) {
    offset = SP_TRY(IntegerQuery(request, "offset", 0, 0, INT64_MAX));
  }
  const std::int64_t bytes = SP_TRY(IntegerQuery(request, "bytes", kUsualPiece, 1, kLongestPiece));
  if (!engines::JobOfLog(request.PathParameter("logId")).empty()) {
    return base::Error(base::ErrorCode::kNotFound, "there is no such log");
  }
  const engines::LogPiece piece = SP_TRY(
      services.clusters.ReadLog(request.PathParameter("clusterId"), request.PathParameter("logId"),
                                offset, bytes, request.stop));
  return Response::Json(json::object{{"text", piece.text},
                                     {"offset", piece.offset},
                                     {"nextOffset", piece.next_offset},
                                     {"sizeBytes", piece.size_bytes}});
}

}  // namespace

void BindClusterDetails(Router& router, const ClusterRouteServices& services) {
  const auto bind = [&](std::string_view id, auto handler) {
    router.Bind(id,
                [services, handler](const Request& request) { return handler(services, request); });
  };
  bind("listClusterOperations", ListOperations);
  bind("listTaskManagers", ListTaskManagers);
  bind("listClusterJobs", ListJobs);
  bind("listClusterLogs", ListLogs);
  bind("readClusterLog", ReadLog);
}

}  // namespace streampark::http
