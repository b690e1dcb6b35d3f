// SPDX-License-Identifier: Apache-2.0
// Lists over all jobs: from the board's memory, on the network's own thread.
#include <algorithm>
#include <cctype>

#include "streampark/base/json.h"
#include "streampark/http/clusters/cluster_json.h"
#include "streampark/http/paging.h"

#include "jobs/job_handlers.h"
#include "jobs/job_json.h"
#include "jobs/operation_json.h"

namespace streampark::http {
namespace {

using api::Permission;

/// The teams whose jobs the caller may see, narrowed by `?team=`.
base::Result<console::TeamSet> TeamsOf(const JobRouteServices& services, const Request& request) {
  if (const auto team = request.Query("team")) {
    const console::Team found = SP_TRY(
        console::RequireTeam(services.directory, request.caller, Permission::kJobView, *team));
    return console::TeamSet::Of({found.id});
  }
  return request.caller.TeamsWith(Permission::kJobView);
}

base::Status ReadOrder(const Request& request, console::JobQuery& query) {
  std::string_view sort = request.Query("sort").value_or("name");
  if (sort.starts_with('-')) {
    query.descending = true;
    sort.remove_prefix(1);
  }
  constexpr std::pair<std::string_view, console::JobOrder> kOrders[] = {
      {"name", console::JobOrder::kName},           {"badge", console::JobOrder::kBadge},
      {"startedAt", console::JobOrder::kStartedAt}, {"updatedAt", console::JobOrder::kUpdatedAt},
      {"duration", console::JobOrder::kDuration},   {"owner", console::JobOrder::kOwner}};
  for (const auto& [name, order] : kOrders) {
    if (name == sort) {
      query.order = order;
      return base::Ok();
    }
  }
  return base::Error(base::ErrorCode::kInvalidRequest,
                     "jobs cannot be sorted by \"" + std::string(sort) + "\"")
      .WithHint("name, badge, startedAt, updatedAt, duration or owner, with - for descending");
}

base::Result<Response> ListJobs(const JobRouteServices& services, const Request& request) {
  console::JobQuery query;
  query.teams = SP_TRY(TeamsOf(services, request));
  query.limit = static_cast<int>(SP_TRY(IntegerQuery(request, "limit", 50, 1, 500)));
  query.cursor = request.Query("cursor").value_or("");
  query.text = request.Query("q").value_or("");
  query.cluster_id = request.Query("cluster").value_or("");
  query.owner = request.Query("owner").value_or("");
  query.version = request.Query("version").value_or("");
  query.tags = ListQuery(request, "tag");
  query.deleted = SP_TRY(FlagQuery(request, "deleted", false));
  for (const std::string& word : ListQuery(request, "badge")) {
    const auto badge = console::ParseBadge(word);
    if (!badge) {
      return base::Error(base::ErrorCode::kInvalidRequest, "there is no badge \"" + word + "\"");
    }
    query.badges.push_back(*badge);
  }
  SP_TRY(ReadOrder(request, query));
  const console::JobPagePtr page = SP_TRY(services.jobs.board().List(query));
  // The page's text lives as long as the page, which the pointer shares.
  return Response::Json(std::shared_ptr<const std::string>(page, &page->body));
}

base::Result<Response> CountJobs(const JobRouteServices& services, const Request& request) {
  return Response::Json(
      CountsToJson(services.jobs.board().Count(SP_TRY(TeamsOf(services, request)))));
}

base::Result<Response> Search(const JobRouteServices& services, const Request& request) {
  const std::string_view text = request.Query("q").value_or("");
  if (text.empty() || text.size() > 800) {
    return base::Error(base::ErrorCode::kInvalidRequest,
                       "q must be given, with at most 200 letters");
  }
  const auto limit = static_cast<std::size_t>(SP_TRY(IntegerQuery(request, "limit", 50, 1, 500)));
  json::array hits;
  const auto contains = [&](const std::string& name) {
    return std::search(name.begin(), name.end(), text.begin(), text.end(), [](char a, char b) {
             return std::tolower(static_cast<unsigned char>(a)) ==
                    std::tolower(static_cast<unsigned char>(b));
           }) != name.end();
  };
  const auto add = [&](std::string_view kind, const std::string& id, const std::string& name,
                       const std::string& detail, std::optional<console::Badge> badge = {}) {
    if (hits.size() < limit) {
      hits.push_back(
          json::object{{"kind", kind},
                       {"id", id},
                       {"name", name},
                       {"detail", detail},
                       {"badge", badge ? json::value(ToString(*badge)) : json::value(nullptr)}});
    }
  };
  for (const console::JobViewPtr& view : services.jobs.board().Search(
           request.caller.TeamsWith(Permission::kJobView), text, static_cast<int>(limit))) {
    const console::Job& job = view->state.job;
    add("JOB", job.id, job.name, services.directory.TeamName(job.team_id), view->badge.badge);
  }
  for (const console::ClusterPtr& cluster : services.clusters.List()) {
    if (contains(cluster->spec.name) &&
        request.caller.Can(Permission::kClusterView, cluster->spec.team_id)) {
      add("CLUSTER", cluster->id, cluster->spec.name, cluster->version);
    }
  }
  if (request.caller.CanInSomeTeam(Permission::kInstallationView)) {
    for (const console::InstallationPtr& one : services.installations.List()) {
      if (contains(one->version)) {
        add("INSTALLATION", one->id, one->engine + " " + one->version, one->home);
      }
    }
  }
  for (const console::Team& team : services.directory.Teams()) {
    if (contains(team.name) && request.caller.Sees(team.id)) {
      add("TEAM", team.id, team.name, team.description);
    }
  }
  return Response::Json(json::object{{"items", std::move(hits)}});
}

base::Result<Response> Overview(const JobRouteServices& services, const Request& request) {
  constexpr int kAttention = 20;
  constexpr int kRecent = 20;
  const console::TeamSet teams = SP_TRY(TeamsOf(services, request));
  json::array clusters;
  for (const console::ClusterPtr& cluster : services.clusters.List()) {
    const bool chosen = cluster->shared() || teams.Contains(cluster->spec.team_id);
    if (chosen && request.caller.Can(Permission::kClusterView, cluster->spec.team_id)) {
      clusters.push_back(ClusterToJson(*cluster));
    }
  }
  json::array recent;
  const std::optional<std::vector<std::string>> of =
      teams.all() ? std::nullopt : std::optional(teams.ids());
  for (const console::Operation& one :
       SP_TRY(services.jobs.operations().store().Recent(of, kRecent))) {
    recent.push_back(OperationToJson(one));
  }
  json::array attention;
  for (const console::JobViewPtr& view : services.jobs.board().Attention(teams, kAttention)) {
    if (const auto summary = services.jobs.board().Summary(view->state.job.id)) {
      attention.push_back(SP_TRY(json::Parse(*summary)));
    }
  }
  return Response::Json(json::object{{"counts", CountsToJson(services.jobs.board().Count(teams))},
                                     {"clusters", std::move(clusters)},
                                     {"attention", std::move(attention)},
                                     {"recentOperations", std::move(recent)}});
}

}  // namespace

void BindJobLists(Router& router, const JobRouteServices& services) {
  router.Bind(
      "listJobs", [services](const Request& request) { return ListJobs(services, request); },
      Execution::kInline);
  router.Bind(
      "countJobs", [services](const Request& request) { return CountJobs(services, request); },
      Execution::kInline);
  router.Bind("search", [services](const Request& request) { return Search(services, request); });
  router.Bind("getOverview",
              [services](const Request& request) { return Overview(services, request); });
}

}  // namespace streampark::http
