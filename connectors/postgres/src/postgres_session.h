// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "streampark/connectors/sql/address.h"
#include "streampark/connectors/sql/session.h"

#include "libpq.h"

namespace streampark::connectors::postgres {

/// A connection whose texts are UTF-8, dates ISO's and time zone UTC. `replication`: it also takes the commands of the replication protocol.
enum class Use : std::uint8_t { kStatements, kReplication };
base::Result<ConnectionPtr> ConnectTo(const Libpq& pq, const sql::Address& address, Use use);

/// The number of the table of that name, as the server finds it, in a statement.
std::string ClassOf(const sql::TableName& table);

/// Runs statements; the last one's result, which is of `expected`.
base::Result<ResultPtr> Run(const Libpq& pq, PGconn* connection, const std::string& statements);

class PostgresSession final : public sql::Session {
 public:
  static base::Result<std::unique_ptr<PostgresSession>> Connect(const sql::Address& address);

  base::Status Execute(const std::string& statement) override;
  base::Result<std::vector<sql::TextRow>> Query(const std::string& query) override;
  base::Result<std::vector<sql::NativeColumn>> Describe(const std::string& select) override;
  base::Result<sql::Names> PrimaryKey(const sql::TableName& table) override;
  base::Result<std::vector<sql::Names>> UniqueKeys(const sql::TableName& table) override;
  base::Status DescribeStructure(CatalogTable& described) override;
  base::Status Lock(const std::string& job) override;
  base::Status Unlock(const std::string& job) override;
  base::Result<std::optional<std::int64_t>> EstimateRows(const sql::TableName& table) override;
  base::Result<std::vector<sql::TableName>> Tables() override;
  base::Result<std::string> OwnSchema() override;
  base::Result<sql::Names> TablesLike(const std::string& schema,
                                      const std::string& prefix) override;
  base::Result<std::optional<PhysicalOrder>> FindPhysicalOrder(const sql::TableName& table,
                                                               std::int64_t rows) override;
  base::Result<std::string> ExportSnapshot() override;
  base::Status BeginReading(const std::string& snapshot) override;
  base::Status EndReading() override;
  base::Result<std::unique_ptr<sql::RowStream>> Stream(const std::string& select,
                                                       const SchemaPtr& schema) override;
  base::Result<std::unique_ptr<sql::Loader>> Load(const sql::LoadTarget& target,
                                                  const SchemaPtr& schema) override;

 private:
  PostgresSession(const Libpq& pq, ConnectionPtr connection)
      : pq_(pq), connection_(std::move(connection)) {}
  /// The types of a select's columns.
  base::Result<ResultPtr> DescribeOnServer(const std::string& select);

  const Libpq& pq_;
  const ConnectionPtr connection_;
};

}  // namespace streampark::connectors::postgres
