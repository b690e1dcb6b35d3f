// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/base/clock.h"
#include "streampark/console/accounts/directory.h"
#include "streampark/console/clusters/cluster_service.h"
#include "streampark/console/clusters/fleet_service.h"
#include "streampark/console/clusters/installation_service.h"
#include "streampark/console/operations/operation_store.h"
#include "streampark/http/router.h"

namespace streampark::http {

/// What the routes of clusters, installations and the fleet work on; all outlive the router.
struct ClusterRouteServices {
  console::ClusterService& clusters;
  console::InstallationService& installations;
  console::FleetService& fleet;
  console::OperationStore& operations;
  const console::Directory& directory;
  const base::Clock& clock;
};

/// Binds all operations of the tag `clusters` and says whose team a cluster is.
void BindClusterRoutes(Router& router, ClusterRouteServices services);

}  // namespace streampark::http
