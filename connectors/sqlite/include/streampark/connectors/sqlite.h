// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "streampark/connectors/connector.h"

namespace streampark::connectors {

/// SQLite: see connectors/sqlite/README.md.
std::unique_ptr<Connector> MakeSqliteConnector();

}  // namespace streampark::connectors
