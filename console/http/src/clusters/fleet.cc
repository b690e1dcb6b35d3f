// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <string>

#include "streampark/base/json.h"
#include "streampark/http/body.h"
#include "streampark/http/clusters/cluster_json.h"
#include "streampark/http/paging.h"
#include "streampark/http/requester.h"

#include "clusters/cluster_handlers.h"

namespace streampark::http {
namespace {

base::Result<Response> OperateFleet(const ClusterRouteServices& services, const Request& request) {
  static constexpr std::array<std::string_view, 2> kKinds = {"SUSPEND", "RESUME"};
  const json::object body = SP_TRY(JsonBody(request));
  FieldReader in(body);
  const std::string kind = in.OneOf("kind", kKinds);
  const bool force = in.Flag("force");
  SP_TRY(in.Finish());
  const auto key = SP_TRY(IdempotencyKey(request));
  const console::FleetOperation operation =
      SP_TRY(services.fleet.Begin({.kind = *console::ParseFleetKind(kind), .force = force},
                                  RequesterOf(request.caller), key.value_or("")));
  return Response::Json(FleetOperationToJson(operation), 202).WithAudit(operation.id);
}

base::Result<Response> Get(const ClusterRouteServices& services, const Request& request) {
  return Response::Json(
      FleetOperationToJson(SP_TRY(services.fleet.Find(request.PathParameter("operationId")))));
}

}  // namespace

void BindFleet(Router& router, const ClusterRouteServices& services) {
  router.Bind("operateFleet",
              [services](const Request& request) { return OperateFleet(services, request); });
  router.Bind("getFleetOperation",
              [services](const Request& request) { return Get(services, request); });
}

}  // namespace streampark::http
