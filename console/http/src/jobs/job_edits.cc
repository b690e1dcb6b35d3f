// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>

#include "streampark/base/json.h"
#include "streampark/http/body.h"
#include "streampark/http/paging.h"
#include "streampark/http/requester.h"

#include "jobs/automation_json.h"
#include "jobs/job_handlers.h"
#include "jobs/job_json.h"

namespace streampark::http {
namespace {

using api::Permission;

/// Job of the API: its summary and what only its own page shows.
base::Result<json::object> JobToJson(const JobRouteServices& services, const std::string& job_id) {
  console::JobsModule& jobs = services.jobs;
  const console::JobViewPtr view = jobs.board().Find(job_id);
  const auto summary = jobs.board().Summary(job_id);
  if (view == nullptr || summary == nullptr) {
    return base::Error(base::ErrorCode::kNotFound, "there is no such job");
  }
  json::object out = SP_TRY(json::Parse(*summary)).as_object();
  const console::JobState& state = view->state;
  const console::Revision revision = SP_TRY(jobs.desk().FindRevision(job_id));
  out["spec"] = SpecToJson(revision.spec);
  out["automation"] = HoldsToJson(jobs.automation().HoldsOn(console::Pause::Scope::kJob, job_id));
  out["createdAt"] = base::FormatTimestamp(state.job.created_at);
  const auto snapshots = SP_TRY(jobs.store().ListSnapshots(job_id, 1, ""));
  out["lastSnapshot"] = nullptr;
  if (!snapshots.items.empty()) {
    const console::Snapshot& newest = snapshots.items.front();
    out["lastSnapshot"] = SnapshotToJson(newest, jobs.HoldersOf(newest));
  }
  const auto release = SP_TRY(jobs.store().FindRelease(job_id, state.job.wanted));
  out["release"] = release ? json::value(ReleaseToJson(*release)) : json::value(nullptr);
  out["webUrl"] = nullptr;
  if (state.attempt) {
    const console::ClusterPtr cluster = services.clusters.Find(state.attempt->cluster_id);
    if (cluster != nullptr && !cluster->endpoint.addresses.empty()) {
      out["webUrl"] = json::TextOrNull(
          services.engine.jobs.WebUrl(cluster->endpoint, state.attempt->engine_job_id));
    }
  }
  return out;
}

base::Result<Response> Answer(const JobRouteServices& services, const console::JobViewPtr& job,
                              int status = 200) {
  const console::Job& row = job->state.job;
  return Response::Json(SP_TRY(JobToJson(services, row.id)), status)
      .WithETag(std::to_string(row.edition))
      .WithAudit(row.id, row.team_id);
}

base::Result<Response> Create(const JobRouteServices& services, const Request& request) {
  console::JobDraft draft = SP_TRY(DraftFromJson(SP_TRY(JsonBody(request))));
  const console::Team team = SP_TRY(console::RequireTeam(services.directory, request.caller,
                                                         Permission::kJobEdit, draft.team_id));
  draft.team_id = team.id;
  const auto key = SP_TRY(IdempotencyKey(request));
  return Answer(
      services,
      SP_TRY(services.jobs.desk().Create(draft, RequesterOf(request.caller), key.value_or(""))),
      201);
}

base::Result<Response> GetJob(const JobRouteServices& services, const Request& request) {
  return Answer(services, SP_TRY(JobOf(services, request)));
}

base::Result<Response> Update(const JobRouteServices& services, const Request& request) {
  const console::JobViewPtr before = SP_TRY(JobOf(services, request));
  SP_TRY(CheckIfMatch(request, std::to_string(before->state.job.edition)));
  console::JobDraft draft = SP_TRY(DraftFromJson(SP_TRY(JsonBody(request))));
  if (const auto team = services.directory.FindTeam(draft.team_id)) {
    draft.team_id = team->id;
  }
  return Answer(services, SP_TRY(services.jobs.desk().Edit(before->state.job.id, draft,
                                                           before->state.job.edition,
                                                           RequesterOf(request.caller))));
}

base::Result<Response> Copy(const JobRouteServices& services, const Request& request) {
  const console::JobViewPtr source = SP_TRY(JobOf(services, request));
  const json::object body = SP_TRY(JsonBody(request));
  FieldReader in(body);
  const std::string name = in.Name("name");
  const std::string team_id = in.Text("teamId", {.longest = 100});
  SP_TRY(in.Finish());
  const console::Team team =
      SP_TRY(console::RequireTeam(services.directory, request.caller, Permission::kJobEdit,
                                  team_id.empty() ? source->state.job.team_id : team_id));
  return Answer(services,
                SP_TRY(services.jobs.desk().Copy(source->state.job.id, name, team.id,
                                                 RequesterOf(request.caller))),
                201);
}

base::Result<Response> Undelete(const JobRouteServices& services, const Request& request) {
  const console::JobViewPtr job = SP_TRY(JobOf(services, request));
  return Answer(services, SP_TRY(services.jobs.desk().Undelete(job->state.job.id,
                                                               RequesterOf(request.caller))));
}

base::Result<Response> ListRevisions(const JobRouteServices& services, const Request& request) {
  const console::JobViewPtr job = SP_TRY(JobOf(services, request));
  const std::string& id = job->state.job.id;
  const Page page = SP_TRY(PageOf(request, "revisions"));
  const int after = page.after.empty() ? 0 : std::atoi(page.after.front().c_str());
  std::vector<console::Revision> revisions =
      SP_TRY(services.jobs.store().ListRevisions(id, static_cast<int>(page.limit) + 1, after));
  std::string cursor;
  if (revisions.size() > page.limit) {
    revisions.pop_back();
    cursor = EncodeCursor("revisions", {std::to_string(revisions.back().number)});
  }
  const std::vector<int> released = SP_TRY(services.jobs.store().ReleasedRevisions(id));
  const std::vector<int> deployed = SP_TRY(services.jobs.store().DeployedRevisions(id));
  json::array items;
  for (const console::Revision& one : revisions) {
    items.push_back(RevisionToJson(one, released, deployed));
  }
  return Response::Json(PageJson(std::move(items), cursor));
}

base::Result<Response> GetRevision(const JobRouteServices& services, const Request& request) {
  const console::JobViewPtr job = SP_TRY(JobOf(services, request));
  const std::string& id = job->state.job.id;
  const std::string& text = request.PathParameter("number");
  if (text.empty() || text.size() > 9 ||
      text.find_first_not_of("0123456789") != std::string::npos) {
    return base::Error(base::ErrorCode::kNotFound, "there is no such revision");
  }
  const console::Revision revision =
      SP_TRY(services.jobs.desk().FindRevision(id, std::atoi(text.c_str())));
  const std::vector<int> released = SP_TRY(services.jobs.store().ReleasedRevisions(id));
  const std::vector<int> deployed = SP_TRY(services.jobs.store().DeployedRevisions(id));
  return Response::Json(RevisionToJson(revision, released, deployed));
}

}  // namespace

void BindJobEdits(Router& router, const JobRouteServices& services) {
  const auto bind = [&](std::string_view id, auto handler) {
    router.Bind(id,
                [services, handler](const Request& request) { return handler(services, request); });
  };
  bind("createJob", Create);
  bind("getJob", GetJob);
  bind("updateJob", Update);
  bind("copyJob", Copy);
  bind("undeleteJob", Undelete);
  bind("listRevisions", ListRevisions);
  bind("getRevision", GetRevision);
}

}  // namespace streampark::http
