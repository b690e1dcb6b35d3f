// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "streampark/connectors/sink.h"
#include "streampark/connectors/sql/session.h"

namespace streampark::connectors::sql {

/// Merges stages. `staging_schema` has the ledger.
std::unique_ptr<Committer> MakeSqlCommitter(DatabasePtr database, std::string staging_schema);

}  // namespace streampark::connectors::sql
