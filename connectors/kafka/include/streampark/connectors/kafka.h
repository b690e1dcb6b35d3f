// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "streampark/connectors/connector.h"

namespace streampark::connectors {

/// Topics of Kafka: see README.md of this module. librdkafka is loaded when a source or sink is first made.
std::unique_ptr<Connector> MakeKafkaConnector();

}  // namespace streampark::connectors
