// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "streampark/base/result.h"
#include "streampark/connectors/abi/connector_abi.h"
#include "streampark/connectors/connector.h"

namespace streampark::connectors {

/// The connector behind a C face, as any other; `connector` is taken over. INVALID_REQUEST when its option table contradicts itself.
base::Result<std::unique_ptr<Connector>> ImportConnector(SpConnector connector);

/// Adds the connectors of a library to those of the program. The library runs in this process and stays in it. NOT_FOUND or IO_ERROR
/// when it cannot be loaded, VERSION_MISMATCH when it speaks another version, NAME_TAKEN when there is a connector of that
/// name: then none of it is added.
base::Status LoadConnectors(const std::filesystem::path& library, ConnectorRegistry& registry);

}  // namespace streampark::connectors
