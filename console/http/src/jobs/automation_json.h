// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "streampark/console/automation/automation_desk.h"
#include "streampark/console/jobs/job_board.h"

/// What automation says of itself, in the API's shapes.
namespace streampark::http {

boost::json::object DecisionToJson(const console::Decision& decision);
boost::json::object AttentionToJson(const console::Attention& attention,
                                    const console::JobBoard& board, const std::string& team_name);
boost::json::object HoldsToJson(const std::vector<console::Pause>& holds);

}  // namespace streampark::http
