// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "streampark/console/automation/decision.h"
#include "streampark/store/connection.h"

/// Rows of the tables of automation ↔ values; as job_rows.h.
namespace streampark::store {

std::string SelectDecisions(std::string_view rest);
console::Decision ReadDecision(const Row& row);
/// Inserts, or replaces the one of that id.
base::Status WriteDecision(Connection& connection, const console::Decision& decision);

}  // namespace streampark::store
