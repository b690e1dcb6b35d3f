// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "streampark/connectors/connector.h"

namespace streampark::connectors {

/// `http`: answers of servers as rows, and rows as requests (ADR 28).
std::unique_ptr<Connector> MakeHttpConnector();

}  // namespace streampark::connectors
