// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/connectors/connector.h"

namespace streampark::connectors {

/// All connectors of this tree, each by its name.
ConnectorRegistry BuiltinConnectors();

}  // namespace streampark::connectors
