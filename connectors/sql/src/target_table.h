// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "streampark/connectors/sql/session.h"

#include "sql_sink.h"

namespace streampark::connectors::sql {

/// The target's columns that are written, in the order of the plan's schema; the table is made first when it is missing and that was asked
/// for. VALIDATION_FAILED names what the table lacks: columns, or a unique index over the key of an upsert, with the statement that makes it.
base::Result<std::vector<NativeColumn>> FindTarget(Session& session, const SinkPlan& plan);

}  // namespace streampark::connectors::sql
