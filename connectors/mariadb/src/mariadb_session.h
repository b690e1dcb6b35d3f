// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "streampark/connectors/sql/address.h"
#include "streampark/connectors/sql/session.h"

#include "libmariadb.h"

namespace streampark::connectors::mariadb {

/// A connection in UTF-8 and UTC, strict about values, in which a backslash is nothing special.
class MariadbSession final : public sql::Session {
 public:
  static base::Result<std::unique_ptr<MariadbSession>> Connect(const sql::Address& address);

  base::Status Execute(const std::string& statement) override;
  base::Result<std::vector<sql::TextRow>> Query(const std::string& query) override;
  base::Result<std::vector<sql::NativeColumn>> Describe(const std::string& select) override;
  base::Result<sql::Names> PrimaryKey(const sql::TableName& table) override;
  base::Result<std::vector<sql::Names>> UniqueKeys(const sql::TableName& table) override;
  base::Status DescribeStructure(CatalogTable& described) override;
  base::Status RequireTransactions(const sql::TableName& table) override;
  base::Status Lock(const std::string& job) override;
  base::Status Unlock(const std::string& job) override;
  base::Result<std::optional<std::int64_t>> EstimateRows(const sql::TableName& table) override;
  base::Result<std::vector<sql::TableName>> Tables() override;
  base::Result<std::string> OwnSchema() override;
  base::Result<sql::Names> TablesLike(const std::string& schema,
                                      const std::string& prefix) override;
  base::Status BeginReading(const std::string& snapshot) override;
  base::Status EndReading() override;
  base::Result<std::unique_ptr<sql::RowStream>> Stream(const std::string& select,
                                                       const SchemaPtr& schema) override;
  base::Result<std::unique_ptr<sql::Loader>> Load(const sql::LoadTarget& target,
                                                  const SchemaPtr& schema) override;

 private:
  MariadbSession(const Libmariadb& my, ConnectionPtr connection)
      : my_(my), connection_(std::move(connection)) {}

  const Libmariadb& my_;
  const ConnectionPtr connection_;
  std::size_t most_bytes_ = 0;  // that one statement may have
};

}  // namespace streampark::connectors::mariadb
