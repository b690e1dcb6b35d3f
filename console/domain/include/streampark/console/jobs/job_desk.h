// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/console/jobs/job_board.h"
#include "streampark/console/jobs/job_command.h"
#include "streampark/console/jobs/job_store.h"

namespace streampark::console {

/// What a person writes of a job; JobDraft of the API.
struct JobDraft {
  std::string name;
  std::string team_id;
  std::string description;
  std::vector<std::string> tags;
  JobSpec spec;
  std::string message;  // why this revision
};

/// Everything that people and programs ask of jobs. Editing moves the wanted revision and touches
/// nothing that runs; commands become operations. Knows no permissions: callers have checked them.
/// Thread-safe.
class JobDesk {
 public:
  virtual ~JobDesk() = default;

  /// NAME_TAKEN, VALIDATION_FAILED (also: no such cluster for the team, VERSION_MISMATCH). The same
  /// key with the same draft answers the job of the first time.
  virtual base::Result<JobViewPtr> Create(const JobDraft& draft, const Requester& author,
                                          std::string_view idempotency_key = {}) = 0;
  /// STALE_EDIT when `edition` is not the job's; absent: whatever it is now. A spec equal to the
  /// wanted one makes no revision.
  virtual base::Result<JobViewPtr> Edit(std::string_view job_id, const JobDraft& draft,
                                        std::optional<std::int64_t> edition,
                                        const Requester& author) = 0;
  virtual base::Result<JobViewPtr> Copy(std::string_view job_id, std::string_view name,
                                        std::string_view team_id, const Requester& author) = 0;
  /// OPERATION_IN_FLIGHT while its deletion is under way, ILLEGAL_STATE when it is not deleted,
  /// NAME_TAKEN when its name is used again.
  virtual base::Result<JobViewPtr> Undelete(std::string_view job_id, const Requester& author) = 0;
  /// Whether Command would accept it now; changes nothing. Its errors.
  virtual base::Status Allows(std::string_view job_id, const JobCommand& command) const = 0;
  /// Accepts a command: the operation is on disk when this returns. OPERATION_IN_FLIGHT with the
  /// related id, ILLEGAL_STATE, RESTORE_CHOICE_REQUIRED, SNAPSHOT_UNCONFIRMED,
  /// IDEMPOTENCY_MISMATCH.
  virtual base::Result<Operation> Command(std::string_view job_id, const JobCommand& command,
                                          const Requester& requester,
                                          std::string_view idempotency_key = {}) = 0;
  /// Asks an open operation of a job to end. ILLEGAL_STATE when it cannot be cancelled now.
  virtual base::Result<Operation> Cancel(std::string_view operation_id) = 0;

  virtual JobViewPtr Find(std::string_view job_id) const = 0;
  virtual JobViewPtr FindByName(std::string_view team_id, std::string_view name) const = 0;
  /// The spec of a revision; the wanted one when `number` is absent. NOT_FOUND.
  virtual base::Result<Revision> FindRevision(std::string_view job_id,
                                              std::optional<int> number = {}) = 0;
};

/// The rules for a draft that need no database. VALIDATION_FAILED with pointers.
base::Result<JobDraft> CheckedJobDraft(JobDraft draft);

}  // namespace streampark::console
