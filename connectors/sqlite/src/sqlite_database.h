// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/connectors/connector.h"
#include "streampark/connectors/sql/session.h"
#include "streampark/connectors/sql/sql_connector.h"

namespace streampark::connectors::sqlite {

sql::DatabasePtr OpenSqlite(sql::Address address);

/// The connector over databases that `open` gives: where tests stand between.
std::unique_ptr<Connector> MakeSqliteConnectorOver(
    std::function<base::Result<sql::DatabasePtr>(sql::Address)> open);

}  // namespace streampark::connectors::sqlite
