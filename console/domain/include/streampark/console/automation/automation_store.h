// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/console/automation/decision.h"
#include "streampark/console/jobs/job_store.h"

namespace streampark::console {

/// Decisions, attentions and pauses on disk. New decisions are written with the job that they are
/// about (JobChanges). Durable when a call returns; thread-safe.
class AutomationStore {
 public:
  virtual ~AutomationStore() = default;

  /// Of a job, newest first; `after`: a decision's id (empty: from the newest).
  virtual base::Result<StoredPage<Decision>> ListDecisions(std::string_view job_id, int limit,
                                                           std::string_view after) = 0;
  /// Those whose command is still to be sent, oldest first.
  virtual base::Result<std::vector<Decision>> ListPending() = 0;
  /// Writes what became of a decision's command.
  virtual base::Status Save(const Decision& decision) = 0;

  virtual base::Result<std::vector<Attention>> ListOpenAttentions() = 0;
  virtual base::Status Save(const std::vector<Attention>& attentions) = 0;

  virtual base::Result<std::vector<Pause>> ListPauses() = 0;
  /// Replaces the one of the same subject.
  virtual base::Status Save(const Pause& pause) = 0;
  virtual base::Status RemovePause(Pause::Scope scope, std::string_view subject_id) = 0;

  /// Forgets decisions and resolved attentions from before; of each job the newest 50 decisions
  /// stay, and so does one whose command is still to be sent.
  virtual base::Status Prune(base::Timestamp before) = 0;
};

}  // namespace streampark::console
