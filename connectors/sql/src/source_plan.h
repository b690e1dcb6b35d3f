// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/connectors/connector.h"

#include "sql_source.h"

namespace streampark::connectors::sql {

/// Looks at what is to be read, and decides how. VALIDATION_FAILED names options and columns.
base::Result<SourcePlan> PlanSource(DatabasePtr database, const Setup& setup);

/// A refusal of one option.
base::Error WrongOption(const std::string& name, std::string message, std::string hint = "");

}  // namespace streampark::connectors::sql
