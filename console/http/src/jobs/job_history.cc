// SPDX-License-Identifier: Apache-2.0
// Attempts and snapshots.
#include <cstdlib>

#include "streampark/base/json.h"
#include "streampark/http/body.h"
#include "streampark/http/paging.h"

#include "jobs/job_handlers.h"
#include "jobs/job_json.h"

namespace streampark::http {
namespace {

json::object SnapshotOf(const JobRouteServices& services, const console::Snapshot& snapshot) {
  return SnapshotToJson(snapshot, services.jobs.HoldersOf(snapshot));
}

base::Result<Response> ListAttempts(const JobRouteServices& services, const Request& request) {
  const console::JobViewPtr job = SP_TRY(JobOf(services, request));
  const Page page = SP_TRY(PageOf(request, "attempts"));
  const int after = page.after.empty() ? 0 : std::atoi(page.after.front().c_str());
  std::vector<console::Attempt> attempts = SP_TRY(services.jobs.store().ListAttempts(
      job->state.job.id, static_cast<int>(page.limit) + 1, after));
  std::string cursor;
  if (attempts.size() > page.limit) {
    attempts.pop_back();
    cursor = EncodeCursor("attempts", {std::to_string(attempts.back().number)});
  }
  json::array items;
  for (const console::Attempt& one : attempts) {
    json::value restored = nullptr;
    if (!one.restored_from.empty()) {
      if (const auto snapshot = SP_TRY(services.jobs.store().FindSnapshot(one.restored_from))) {
        restored = SnapshotOf(services, *snapshot);
      }
    }
    items.push_back(json::object{{"id", one.id},
                                 {"number", one.number},
                                 {"engineJobId", one.engine_job_id},
                                 {"revision", one.revision},
                                 {"parallelism", one.parallelism},
                                 {"clusterId", one.cluster_id},
                                 {"restoredFrom", std::move(restored)},
                                 {"startedAt", base::FormatTimestamp(one.started_at)},
                                 {"endedAt", json::TimeOrNull(one.ended_at)},
                                 {"stableAt", json::TimeOrNull(one.stable_at)},
                                 {"outcome", ToString(one.outcome)},
                                 {"message", one.message}});
  }
  return Response::Json(PageJson(std::move(items), cursor));
}

base::Result<Response> ListSnapshots(const JobRouteServices& services, const Request& request) {
  const console::JobViewPtr job = SP_TRY(JobOf(services, request));
  const Page page = SP_TRY(PageOf(request, "snapshots"));
  const auto found =
      SP_TRY(services.jobs.store().ListSnapshots(job->state.job.id, static_cast<int>(page.limit),
                                                 page.after.empty() ? "" : page.after.front()));
  json::array items;
  for (const console::Snapshot& one : found.items) {
    items.push_back(SnapshotOf(services, one));
  }
  return Response::Json(
      PageJson(std::move(items),
               found.next_after.empty() ? "" : EncodeCursor("snapshots", {found.next_after})));
}

base::Result<Response> FindSnapshots(const JobRouteServices& services, const Request& request) {
  const console::JobViewPtr job = SP_TRY(JobOf(services, request));
  json::array items;
  for (const console::Snapshot& one :
       SP_TRY(services.jobs.FindSnapshots(job->state.job.id, request.stop))) {
    items.push_back(SnapshotOf(services, one));
  }
  return Response::Json(json::object{{"items", std::move(items)}});
}

base::Result<Response> UpdateSnapshot(const JobRouteServices& services, const Request& request) {
  const console::JobViewPtr job = SP_TRY(JobOf(services, request));
  const json::object body = SP_TRY(JsonBody(request));
  FieldReader in(body);
  std::optional<std::string> name;
  std::optional<std::string> note;
  if (in.Has("name")) {
    name = in.Text("name", {.longest = 200});
  }
  if (in.Has("note")) {
    note = in.Text("note", {.longest = 2000});
  }
  SP_TRY(in.Finish());
  return Response::Json(SnapshotOf(
      services, SP_TRY(services.jobs.DescribeSnapshot(
                    job->state.job.id, request.PathParameter("snapshotId"), name, note))));
}

base::Result<Response> DeleteSnapshot(const JobRouteServices& services, const Request& request) {
  const console::JobViewPtr job = SP_TRY(JobOf(services, request));
  SP_TRY(services.jobs.DeleteSnapshot(job->state.job.id, request.PathParameter("snapshotId"),
                                      request.stop));
  return Response::NoContent();
}

}  // namespace

void BindJobHistory(Router& router, const JobRouteServices& services) {
  const auto bind = [&](std::string_view id, auto handler) {
    router.Bind(id,
                [services, handler](const Request& request) { return handler(services, request); });
  };
  bind("listAttempts", ListAttempts);
  bind("listSnapshots", ListSnapshots);
  bind("findSnapshots", FindSnapshots);
  bind("updateSnapshot", UpdateSnapshot);
  bind("deleteSnapshot", DeleteSnapshot);
}

}  // namespace streampark::http
