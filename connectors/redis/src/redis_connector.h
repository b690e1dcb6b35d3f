// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "streampark/connectors/connector.h"

namespace streampark::connectors::redis {

/// `before_sending` is called by sinks before anything is sent: where tests end the process.
std::unique_ptr<Connector> MakeRedisConnector(std::function<void()> before_sending);

}  // namespace streampark::connectors::redis
