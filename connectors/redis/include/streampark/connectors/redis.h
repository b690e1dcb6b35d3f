// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "streampark/connectors/connector.h"

namespace streampark::connectors {

/// `redis`: streams, lists, strings and hashes of one Redis server (ADR 27).
std::unique_ptr<Connector> MakeRedisConnector();

}  // namespace streampark::connectors
