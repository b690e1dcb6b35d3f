// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "sqlite_session.h"

namespace streampark::connectors::sqlite {

/// The rows of a select. A value of another storage class than its column is read as is a dirty record.
std::unique_ptr<sql::RowStream> MakeRowStream(sqlite3* database, StatementHandle select,
                                              const SchemaPtr& schema);

/// Rows into a table, one by one.
base::Result<std::unique_ptr<sql::Loader>> MakeRowLoader(sqlite3* database,
                                                         const sql::LoadTarget& target,
                                                         const SchemaPtr& schema);

}  // namespace streampark::connectors::sqlite
