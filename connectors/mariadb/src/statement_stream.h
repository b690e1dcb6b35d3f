// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "streampark/connectors/sql/session.h"

#include "libmariadb.h"

namespace streampark::connectors::mariadb {

/// A statement that the server has read. INVALID_REQUEST and what else it says.
base::Result<StatementPtr> Prepare(const Libmariadb& my, MYSQL* connection,
                                   const std::string& statement);

/// The rows of a select in the binary protocol, as the server sends them: none are kept.
base::Result<std::unique_ptr<sql::RowStream>> OpenStatementStream(const Libmariadb& my,
                                                                  MYSQL* connection,
                                                                  const std::string& select,
                                                                  const SchemaPtr& schema);

}  // namespace streampark::connectors::mariadb
