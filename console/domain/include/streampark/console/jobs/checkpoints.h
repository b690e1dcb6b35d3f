// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <boost/json/fwd.hpp>

#include "streampark/engines/observation.h"

namespace streampark::console {

/// CheckpointStatistics of the API: also the form in which they outlive their attempt.
boost::json::object CheckpointsToJson(std::string_view attempt_id,
                                      const engines::CheckpointStatistics& statistics);

}  // namespace streampark::console
