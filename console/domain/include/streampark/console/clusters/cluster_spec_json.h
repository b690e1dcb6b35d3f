// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/fwd.hpp>

#include "streampark/base/result.h"
#include "streampark/console/clusters/cluster_spec.h"

namespace streampark::console {

/// ClusterSpec of the API, every member spelled out.
boost::json::object ToJson(const ClusterSpec& spec);

/// Reads what ToJson wrote, or what a person sent: absent members have their defaults.
/// UNKNOWN_FIELD with the nearest known name, VALIDATION_FAILED for members of the wrong kind; what
/// values mean is CheckedClusterSpec's.
base::Result<ClusterSpec> ClusterSpecFromJson(const boost::json::object& json);

}  // namespace streampark::console
