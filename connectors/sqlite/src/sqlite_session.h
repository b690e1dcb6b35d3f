// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <sqlite3.h>

#include "streampark/connectors/sql/address.h"
#include "streampark/connectors/sql/session.h"

namespace streampark::connectors::sqlite {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
using DatabaseHandle = std::unique_ptr<sqlite3, CloseDatabase>;
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using StatementHandle = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

base::Error ErrorOf(sqlite3* database);
base::Result<StatementHandle> Prepare(sqlite3* database, const std::string& statement);

/// A connection to a file. Names of schemas are `main` and those of attached databases.
class SqliteSession final : public sql::Session {
 public:
  static base::Result<std::unique_ptr<SqliteSession>> Connect(const sql::Address& address);

  base::Status Execute(const std::string& statement) override;
  base::Result<std::vector<sql::TextRow>> Query(const std::string& query) override;
  base::Result<std::vector<sql::NativeColumn>> Describe(const std::string& select) override;
  base::Result<sql::Names> PrimaryKey(const sql::TableName& table) override;
  base::Result<std::vector<sql::Names>> UniqueKeys(const sql::TableName& table) override;
  base::Status DescribeStructure(CatalogTable& described) override;
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
  explicit SqliteSession(DatabaseHandle database) : database_(std::move(database)) {}

  const DatabaseHandle database_;
};

}  // namespace streampark::connectors::sqlite
