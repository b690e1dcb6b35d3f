// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "streampark/base/json.h"
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
using console::InstallationPtr;
using Services = ClusterRouteServices;

constexpr std::array<std::string_view, 1> kEngines = {"FLINK"};

/// With the clusters that the caller may see.
json::object Shown(const Services& services, const Request& request,
                   const console::Installation& installation) {
  std::vector<std::string> clusters;
  for (const std::string& id : services.installations.UsedBy(installation.id)) {
    const console::ClusterPtr cluster = services.clusters.Find(id);
    if (cluster && request.caller.Can(api::Permission::kClusterView, cluster->spec.team_id)) {
      clusters.push_back(id);
    }
  }
  return InstallationToJson(installation, clusters);
}

Result<Response> ListInstallations(const Services& services, const Request& request) {
  json::array items;
  for (const InstallationPtr& installation : services.installations.List()) {
    items.push_back(Shown(services, request, *installation));
  }
  return Response::Json(json::object{{"items", std::move(items)}});
}

Result<Response> GetInstallation(const Services& services, const Request& request) {
  const InstallationPtr installation =
      services.installations.Find(request.PathParameter("installationId"));
  if (!installation) {
    return Error(ErrorCode::kNotFound, "there is no such engine version");
  }
  return Response::Json(Shown(services, request, *installation));
}

Result<Response> CreateInstallation(const Services& services, const Request& request) {
  const json::object body = SP_TRY(JsonBody(request));
  FieldReader in(body);
  in.OneOf("engine", kEngines);
  const std::string version = in.Text("version", {.longest = 100});
  const std::string home = in.Text("home", {.longest = 4096});
  if (version.empty() == home.empty()) {
    in.Fault("version", "give either a version to fetch or the home of one on disk");
  }
  SP_TRY(in.Finish());
  const auto key = SP_TRY(IdempotencyKey(request));
  const InstallationPtr installation =
      version.empty() ? SP_TRY(services.installations.Register(home, request.stop))
                      : SP_TRY(services.installations.Fetch(version, RequesterOf(request.caller),
                                                            key.value_or("")));
  return Response::Json(Shown(services, request, *installation), 202).WithAudit(installation->id);
}

Result<Response> ListAvailable(const Services& services, const Request& request) {
  if (request.Query("engine").value_or("") != "FLINK") {
    return Error(ErrorCode::kInvalidRequest, "engine must be FLINK")
        .WithField({"/engine", "not an engine", "FLINK"});
  }
  json::array items;
  for (const console::AvailableVersion& version :
       SP_TRY(services.installations.ListAvailable(request.stop))) {
    items.push_back(json::object{{"version", version.version},
                                 {"line", version.line},
                                 {"recommended", version.recommended},
                                 {"installationId", json::TextOrNull(version.installation_id)}});
  }
  return Response::Json(json::object{{"items", std::move(items)}});
}

Result<Response> DeleteInstallation(const Services& services, const Request& request) {
  SP_TRY(services.installations.Remove(request.PathParameter("installationId")));
  return Response::NoContent();
}

Result<Response> OperateInstallation(const Services& services, const Request& request) {
  static constexpr std::array<std::string_view, 2> kKinds = {"FETCH", "VERIFY"};
  const json::object body = SP_TRY(JsonBody(request));
  FieldReader in(body);
  const std::string kind = in.OneOf("kind", kKinds);
  SP_TRY(in.Finish());
  const auto key = SP_TRY(IdempotencyKey(request));
  const console::Operation operation = SP_TRY(services.installations.Command(
      request.PathParameter("installationId"), *console::ParseOperationKind(kind),
      RequesterOf(request.caller), key.value_or("")));
  return Response::Json(OperationToJson(operation), 202);
}

}  // namespace

void BindInstallations(Router& router, const ClusterRouteServices& services) {
  const auto bind = [&](std::string_view id, auto handler, Execution execution = Execution::kPool) {
    router.Bind(
        id, [services, handler](const Request& request) { return handler(services, request); },
        execution);
  };
  bind("listInstallations", ListInstallations, Execution::kInline);
  bind("getInstallation", GetInstallation, Execution::kInline);
  bind("createInstallation", CreateInstallation);
  bind("listAvailableVersions", ListAvailable);
  bind("deleteInstallation", DeleteInstallation);
  bind("operateInstallation", OperateInstallation);
}

}  // namespace streampark::http
