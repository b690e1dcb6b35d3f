// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>
#include <utility>

#include "streampark/base/json.h"
#include "streampark/console/clusters/cluster_spec_json.h"
#include "streampark/http/body.h"
#include "streampark/http/clusters/cluster_json.h"
#include "streampark/http/paging.h"
#include "streampark/http/requester.h"

#include "clusters/cluster_handlers.h"
#include "jobs/operation_json.h"

namespace streampark::http {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;
using console::ClusterPtr;
using console::ClusterSpec;
using Services = ClusterRouteServices;

Error NoSuchCluster() { return Error(ErrorCode::kNotFound, "there is no such cluster"); }

Result<Response> ListClusters(const Services& services, const Request& request) {
  std::string only_team;
  if (const auto team = request.Query("team"); team && !team->empty()) {
    only_team = SP_TRY(console::RequireTeam(services.directory, request.caller,
                                            api::Permission::kClusterView, *team))
                    .id;
  }
  json::array items;
  for (const ClusterPtr& cluster : services.clusters.List()) {
    const bool asked = only_team.empty() || cluster->VisibleTo(only_team);
    if (asked && request.caller.Can(api::Permission::kClusterView, cluster->spec.team_id)) {
      items.push_back(ClusterToJson(*cluster));
    }
  }
  return Response::Json(json::object{{"items", std::move(items)}});
}

Result<Response> GetCluster(const Services& services, const Request& request) {
  const ClusterPtr cluster = services.clusters.Find(request.PathParameter("clusterId"));
  if (!cluster) {
    return NoSuchCluster();
  }
  return Response::Json(ClusterToJson(*cluster)).WithETag(std::to_string(cluster->edition));
}

/// The spec in the body, which the caller may put into its team. `team_id` is used when the body
/// does not say.
Result<ClusterSpec> SpecOf(const Services& services, const Request& request,
                           const std::string& team_id) {
  const json::object body = SP_TRY(JsonBody(request));
  ClusterSpec spec = SP_TRY(console::ClusterSpecFromJson(body));
  if (!body.contains("teamId")) {
    spec.team_id = team_id;
  }
  if (!spec.team_id.empty()) {
    spec.team_id = SP_TRY(console::RequireTeam(services.directory, request.caller,
                                               api::Permission::kClusterEdit, spec.team_id))
                       .id;
  } else {
    SP_TRY(request.caller.Require(api::Permission::kClusterEdit, "", "a shared cluster"));
  }
  return spec;
}

Result<Response> CreateCluster(const Services& services, const Request& request) {
  ClusterSpec spec = SP_TRY(SpecOf(services, request, ""));
  const ClusterPtr cluster = SP_TRY(services.clusters.Create(std::move(spec), request.stop));
  return Response::Json(ClusterToJson(*cluster), 201)
      .WithETag(std::to_string(cluster->edition))
      .WithAudit(cluster->id, cluster->spec.team_id);
}

Result<Response> UpdateCluster(const Services& services, const Request& request) {
  const std::string& id = request.PathParameter("clusterId");
  const ClusterPtr before = services.clusters.Find(id);
  if (!before) {
    return NoSuchCluster();
  }
  SP_TRY(CheckIfMatch(request, std::to_string(before->edition)));
  ClusterSpec spec = SP_TRY(SpecOf(services, request, before->spec.team_id));
  const ClusterPtr cluster =
      SP_TRY(services.clusters.Edit(id, std::move(spec), before->edition, request.stop));
  return Response::Json(ClusterToJson(*cluster)).WithETag(std::to_string(cluster->edition));
}

Result<Response> DeleteCluster(const Services& services, const Request& request) {
  SP_TRY(services.clusters.Delete(request.PathParameter("clusterId")));
  return Response::NoContent();
}

Result<Response> CheckSpec(const Services& services, const Request& request) {
  ClusterSpec spec = SP_TRY(SpecOf(services, request, ""));
  return Response::Json(
      ClusterCheckToJson(SP_TRY(services.clusters.Check(std::move(spec), request.stop))));
}

Result<Response> OperateCluster(const Services& services, const Request& request) {
  static constexpr std::array<std::string_view, 3> kKinds = {"START", "STOP", "RESTART"};
  static constexpr std::array<std::string_view, 3> kJobs = {"REFUSE", "SUSPEND", "KILL"};
  const json::object body = SP_TRY(JsonBody(request));
  FieldReader in(body);
  const std::string kind = in.OneOf("kind", kKinds);
  const std::string jobs = in.OneOf("jobs", kJobs, "REFUSE");
  SP_TRY(in.Finish());
  const auto key = SP_TRY(IdempotencyKey(request));
  const console::ClusterCommand command{.kind = *console::ParseOperationKind(kind),
                                        .jobs = *console::ParseJobsOnStop(jobs)};
  const console::Operation operation = SP_TRY(services.clusters.Command(
      request.PathParameter("clusterId"), command, RequesterOf(request.caller), key.value_or("")));
  return Response::Json(OperationToJson(operation), 202);
}

}  // namespace

void BindClusters(Router& router, const ClusterRouteServices& services) {
  const auto bind = [&](std::string_view id, auto handler, Execution execution = Execution::kPool) {
    router.Bind(
        id, [services, handler](const Request& request) { return handler(services, request); },
        execution);
  };
  bind("listClusters", ListClusters, Execution::kInline);
  bind("getCluster", GetCluster, Execution::kInline);
  bind("createCluster", CreateCluster);
  bind("updateCluster", UpdateCluster);
  bind("deleteCluster", DeleteCluster);
  bind("checkClusterSpec", CheckSpec);
  bind("operateCluster", OperateCluster);
}

}  // namespace streampark::http
