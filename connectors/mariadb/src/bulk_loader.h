// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

#include "streampark/connectors/sql/session.h"

#include "libmariadb.h"

namespace streampark::connectors::mariadb {

/// Rows into a table by prepared inserts of many rows each. A warning is an error. `most_bytes`: what one statement may have.
base::Result<std::unique_ptr<sql::Loader>> MakeBulkLoader(const Libmariadb& my, MYSQL* connection,
                                                          const sql::LoadTarget& target,
                                                          const SchemaPtr& schema,
                                                          std::size_t most_bytes);

}  // namespace streampark::connectors::mariadb
