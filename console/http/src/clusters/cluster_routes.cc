// SPDX-License-Identifier: Apache-2.0
#include "streampark/http/clusters/cluster_routes.h"

#include "clusters/cluster_handlers.h"

namespace streampark::http {

void BindClusterRoutes(Router& router, ClusterRouteServices services) {
  router.ResolveTeam("clusterId", [services](std::string_view id) -> base::Result<std::string> {
    const console::ClusterPtr cluster = services.clusters.Find(id);
    if (!cluster) {
      return base::Error(base::ErrorCode::kNotFound, "there is no such cluster");
    }
    return cluster->spec.team_id;
  });
  router.ResolveTeam(
      "installationId", [services](std::string_view id) -> base::Result<std::string> {
        if (!services.installations.Find(id)) {
          return base::Error(base::ErrorCode::kNotFound, "there is no such engine version");
        }
        return std::string();  // installations are everybody's
      });
  BindClusters(router, services);
  BindClusterDetails(router, services);
  BindInstallations(router, services);
  BindFleet(router, services);
}

}  // namespace streampark::http
