// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "streampark/connectors/connector.h"

namespace streampark::connectors {

/// PostgreSQL: see connectors/postgres/README.md.
std::unique_ptr<Connector> MakePostgresConnector();

}  // namespace streampark::connectors
