// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/builtin.h"

#include "streampark/connectors/file.h"
#include "streampark/connectors/generator.h"
#include "streampark/connectors/http.h"
#include "streampark/connectors/jdbc.h"
#include "streampark/connectors/kafka.h"
#include "streampark/connectors/mariadb.h"
#include "streampark/connectors/postgres.h"
#include "streampark/connectors/print.h"
#include "streampark/connectors/redis.h"
#include "streampark/connectors/sqlite.h"

namespace streampark::connectors {

namespace {

std::map<sql::DatabaseKind, std::unique_ptr<Connector>> Databases() {
  std::map<sql::DatabaseKind, std::unique_ptr<Connector>> databases;
  databases[sql::DatabaseKind::kPostgres] = MakePostgresConnector();
  databases[sql::DatabaseKind::kMariadb] = MakeMariadbConnector();
  databases[sql::DatabaseKind::kSqlite] = MakeSqliteConnector();
  return databases;
}

}  // namespace

ConnectorRegistry BuiltinConnectors() {
  ConnectorRegistry registry;
  registry.Add(MakeFileConnector());
  registry.Add(MakeGeneratorConnector());
  registry.Add(MakeHttpConnector());
  registry.Add(MakeJdbcConnector(Databases()));
  registry.Add(MakeKafkaConnector());
  registry.Add(MakeMariadbConnector());
  registry.Add(MakePostgresConnector());
  registry.Add(MakePrintConnector());
  registry.Add(MakeRedisConnector());
  registry.Add(MakeSqliteConnector());
  return registry;
}

}  // namespace streampark::connectors
