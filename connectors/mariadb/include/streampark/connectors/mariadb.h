// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "streampark/connectors/connector.h"

namespace streampark::connectors {

/// MariaDB and MySQL: see connectors/mariadb/README.md.
std::unique_ptr<Connector> MakeMariadbConnector();

}  // namespace streampark::connectors
