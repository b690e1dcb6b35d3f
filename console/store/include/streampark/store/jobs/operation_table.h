// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/console/operations/operation_store.h"
#include "streampark/store/database.h"

namespace streampark::store {

/// Operations and the journal of all subjects in the database.
class OperationTable : public console::OperationStore {
 public:
  explicit OperationTable(Database& database) : database_(database) {}

  base::Result<console::Operation> Begin(const console::Operation& operation) override;
  base::Status Save(const console::Operation& operation) override;
  base::Result<std::optional<console::Operation>> Find(std::string_view operation_id) override;
  base::Result<std::optional<console::Operation>> FindByKey(
      const console::Subject& subject, std::string_view idempotency_key) override;
  base::Result<console::OperationPage> List(console::SubjectKind kind, std::string_view subject_id,
                                            int limit, std::string_view after) override;
  base::Result<std::vector<console::Operation>> Recent(
      const std::optional<std::vector<std::string>>& teams, int limit) override;
  base::Result<std::vector<console::Operation>> ListOpen(console::SubjectKind kind) override;

  base::Status Open(const console::JournalEntry& entry) override;
  base::Status Close(const console::JournalEntry& entry) override;
  base::Result<std::optional<console::JournalEntry>> FindEntry(std::string_view operation_id,
                                                               std::string_view step,
                                                               std::string_view verb,
                                                               std::string_view key) override;
  base::Result<std::vector<console::JournalEntry>> ListEntries(
      std::string_view operation_id) override;

 private:
  Database& database_;
};

}  // namespace streampark::store
