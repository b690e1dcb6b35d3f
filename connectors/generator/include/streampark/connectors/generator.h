// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "streampark/connectors/connector.h"

namespace streampark::connectors {

/// `generator`: rows by rule, the same each time.
std::unique_ptr<Connector> MakeGeneratorConnector();

}  // namespace streampark::connectors
