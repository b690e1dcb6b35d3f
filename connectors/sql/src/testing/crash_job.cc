// SPDX-License-Identifier: Apache-2.0
#include "streampark/connectors/sql/testing/crash_job.h"

#include <utility>

#include "streampark/connectors/testing/crash_job.h"

namespace streampark::connectors::sql::testing {
namespace {

using connectors::testing::Fate;

class MortalLoader final : public Loader {
 public:
  MortalLoader(std::unique_ptr<Loader> loader, Fate& fate)
      : loader_(std::move(loader)), fate_(fate) {}
  std::optional<std::string> Append(const Batch& batch, std::int64_t row,
                                    std::int64_t number) override {
    return loader_->Append(batch, row, number);
  }
  std::size_t rows() const override { return loader_->rows(); }
  base::Status Send(std::size_t first, std::size_t last) override {
    fate_.Pass();
    return loader_->Send(first, last);
  }
  void Clear() override { loader_->Clear(); }

 private:
  const std::unique_ptr<Loader> loader_;
  Fate& fate_;
};

/// A session with a point before each change and, since the next call has one too, after it.
class MortalSession final : public Session {
 public:
  MortalSession(std::unique_ptr<Session> session, Fate& fate)
      : session_(std::move(session)), fate_(fate) {}
  base::Status Execute(const std::string& statement) override {
    fate_.Pass();
    return session_->Execute(statement);
  }
  base::Result<std::vector<TextRow>> Query(const std::string& query) override {
    return session_->Query(query);
  }
  base::Result<std::vector<NativeColumn>> Describe(const std::string& select) override {
    return session_->Describe(select);
  }
  base::Result<Names> PrimaryKey(const TableName& table) override {
    return session_->PrimaryKey(table);
  }
  base::Result<std::vector<Names>> UniqueKeys(const TableName& table) override {
    return session_->UniqueKeys(table);
  }
  base::Status DescribeStructure(CatalogTable& described) override {
    return session_->DescribeStructure(described);
  }
  base::Status RequireTransactions(const TableName& table) override {
    return session_->RequireTransactions(table);
  }
  base::Status Lock(const std::string& job) override {
    fate_.Pass();
    return session_->Lock(job);
  }
  base::Status Unlock(const std::string& job) override {
    fate_.Pass();
    return session_->Unlock(job);
  }
  base::Result<std::optional<std::int64_t>> EstimateRows(const TableName& table) override {
    return session_->EstimateRows(table);
  }
  base::Result<std::vector<TableName>> Tables() override { return session_->Tables(); }
  base::Result<std::string> OwnSchema() override { return session_->OwnSchema(); }
  base::Result<Names> TablesLike(const std::string& schema, const std::string& prefix) override {
    return session_->TablesLike(schema, prefix);
  }
  base::Status BeginReading(const std::string& snapshot) override {
    return session_->BeginReading(snapshot);
  }
  base::Status EndReading() override { return session_->EndReading(); }
  base::Result<std::unique_ptr<RowStream>> Stream(const std::string& select,
                                                  const SchemaPtr& schema) override {
    return session_->Stream(select, schema);
  }
  base::Result<std::unique_ptr<Loader>> Load(const LoadTarget& target,
                                             const SchemaPtr& schema) override {
    return std::make_unique<MortalLoader>(SP_TRY(session_->Load(target, schema)), fate_);
  }

 private:
  const std::unique_ptr<Session> session_;
  Fate& fate_;
};

class MortalDatabase final : public Database {
 public:
  MortalDatabase(DatabasePtr database, Fate& fate) : database_(std::move(database)), fate_(fate) {}
  const Dialect& dialect() const override { return database_->dialect(); }
  std::string address() const override { return database_->address(); }
  base::Result<std::unique_ptr<Session>> Connect() const override {
    return std::make_unique<MortalSession>(SP_TRY(database_->Connect()), fate_);
  }

 private:
  const DatabasePtr database_;
  Fate& fate_;
};

connectors::testing::CrashTarget OverMortals(const CrashTarget& target) {
  return {.make_connector =
              [make = target.make_connector](Fate& fate) {
                return make([&fate](DatabasePtr database) {
                  return std::make_shared<MortalDatabase>(std::move(database), fate);
                });
              },
          .options = target.options,
          .visible = target.visible,
          .staged = target.staged,
          .clear = target.clear};
}

}  // namespace

void ExpectEachRowOnceWhereverItIsKilled(const CrashTarget& target) {
  connectors::testing::ExpectEachRowOnceWhereverItIsKilled(OverMortals(target), 30);
}

void ExpectEachRowOnceWheneverItIsKilled(const CrashTarget& target, int kills) {
  connectors::testing::ExpectEachRowOnceWheneverItIsKilled(OverMortals(target), kills);
}

}  // namespace streampark::connectors::sql::testing
