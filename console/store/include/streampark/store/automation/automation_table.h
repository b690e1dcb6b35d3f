// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/console/automation/automation_store.h"
#include "streampark/store/database.h"

namespace streampark::store {

/// Decisions, attentions and pauses in the database.
class AutomationTable final : public console::AutomationStore {
 public:
  explicit AutomationTable(Database& database) : database_(database) {}

  base::Result<console::StoredPage<console::Decision>> ListDecisions(
      std::string_view job_id, int limit, std::string_view after) override;
  base::Result<std::vector<console::Decision>> ListPending() override;
  base::Status Save(const console::Decision& decision) override;
  base::Result<std::vector<console::Attention>> ListOpenAttentions() override;
  base::Status Save(const std::vector<console::Attention>& attentions) override;
  base::Result<std::vector<console::Pause>> ListPauses() override;
  base::Status Save(const console::Pause& pause) override;
  base::Status RemovePause(console::Pause::Scope scope, std::string_view subject_id) override;
  base::Status Prune(base::Timestamp before) override;

 private:
  Database& database_;
};

}  // namespace streampark::store
