// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>

#include "streampark/connectors/connector.h"
#include "streampark/connectors/sql/address.h"

namespace streampark::connectors {

/// One of `databases`, by the address: see connectors/jdbc/README.md.
std::unique_ptr<Connector> MakeJdbcConnector(
    std::map<sql::DatabaseKind, std::unique_ptr<Connector>> databases);

}  // namespace streampark::connectors
