// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/connectors/connector.h"

#include "sql_source.h"

namespace streampark::connectors::sql {

/// Looks at what is to be read, and decides how. VALIDATION_FAILED names options and columns.
base::Result<SourcePlan> PlanSource(DatabasePtr database, const Setup& setup);

}  // namespace streampark::connectors::sql
