// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "streampark/connectors/sql/session.h"

#include "libpq.h"

namespace streampark::connectors::postgres {

/// Rows into a table by COPY … FROM STDIN in binary.
base::Result<std::unique_ptr<sql::Loader>> MakeCopyLoader(const Libpq& pq, PGconn* connection,
                                                          const sql::LoadTarget& target,
                                                          const SchemaPtr& schema);

}  // namespace streampark::connectors::postgres
