// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <boost/json/fwd.hpp>

#include "streampark/base/result.h"

#include "api_client.h"

namespace streampark::cli {

/// The summary of the job called `name` (or with that id); NOT_FOUND names similar ones,
/// INVALID_REQUEST asks for --team when several teams have one.
base::Result<boost::json::object> FindJob(ApiClient& client, const std::string& name,
                                          const std::string& team);

/// The cluster called `name` (or with that id).
base::Result<boost::json::object> FindCluster(ApiClient& client, const std::string& name);

/// What the engine runs on the cluster under that name (or id), ended jobs aside; INVALID_REQUEST asks
/// for the id when several are called so.
base::Result<boost::json::object> FindClusterJob(ApiClient& client,
                                                 const boost::json::object& cluster,
                                                 const std::string& name);

/// The team called `name` (or with that id); the only one when `name` is empty.
base::Result<boost::json::object> FindTeam(ApiClient& client, const std::string& name);

}  // namespace streampark::cli
