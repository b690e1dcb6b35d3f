// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/console/operations/operation.h"
#include "streampark/http/clusters/cluster_routes.h"

namespace streampark::http {

void BindClusters(Router& router, const ClusterRouteServices& services);
void BindClusterDetails(Router& router, const ClusterRouteServices& services);
void BindInstallations(Router& router, const ClusterRouteServices& services);
void BindFleet(Router& router, const ClusterRouteServices& services);

}  // namespace streampark::http
