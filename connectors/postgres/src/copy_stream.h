// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "streampark/connectors/sql/session.h"

#include "libpq.h"

namespace streampark::connectors::postgres {

/// The rows of a select by COPY … TO STDOUT in binary. `types` are those of its columns.
base::Result<std::unique_ptr<sql::RowStream>> OpenCopyStream(
    const Libpq& pq, PGconn* connection, const std::string& select,
    const std::vector<std::uint32_t>& types, const SchemaPtr& schema);

}  // namespace streampark::connectors::postgres
