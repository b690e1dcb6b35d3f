// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "streampark/connectors/connector.h"

namespace streampark::connectors {

/// `print`: rows as lines for people, on a stream of this process.
std::unique_ptr<Connector> MakePrintConnector();

}  // namespace streampark::connectors
