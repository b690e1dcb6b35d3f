// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/builtin.h"

#include "streampark/connectors/file.h"
#include "streampark/connectors/generator.h"
#include "streampark/connectors/kafka.h"
#include "streampark/connectors/postgres.h"
#include "streampark/connectors/print.h"

namespace streampark::connectors {

ConnectorRegistry BuiltinConnectors() {
  ConnectorRegistry registry;
  registry.Add(MakeFileConnector());
  registry.Add(MakeGeneratorConnector());
  registry.Add(MakeKafkaConnector());
  registry.Add(MakePostgresConnector());
  registry.Add(MakePrintConnector());
  return registry;
}

}  // namespace streampark::connectors
