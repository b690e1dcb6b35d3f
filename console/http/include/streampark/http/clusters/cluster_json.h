// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "streampark/console/clusters/cluster_service.h"
#include "streampark/console/clusters/fleet.h"
#include "streampark/console/clusters/installation.h"

namespace streampark::http {

/// Cluster of the API.
boost::json::object ClusterToJson(const console::Cluster& cluster);
/// Installation of the API; `cluster_ids` are those that the reader may see.
boost::json::object InstallationToJson(const console::Installation& installation,
                                       const std::vector<std::string>& cluster_ids);
/// FleetOperation of the API.
boost::json::object FleetOperationToJson(const console::FleetOperation& operation);
/// ClusterCheck of the API.
boost::json::object ClusterCheckToJson(const console::ClusterSpecVerdict& verdict);

}  // namespace streampark::http
