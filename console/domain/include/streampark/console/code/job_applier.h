// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/console/accounts/directory.h"
#include "streampark/console/caller.h"
#include "streampark/console/clusters/cluster_directory.h"
#include "streampark/console/code/job_file.h"
#include "streampark/console/jobs/job_desk.h"

namespace streampark::console {

/// What applying one document does, or would do.
enum class ApplyAction { kCreate, kEdit, kUpgrade, kStart, kSuspend, kStop, kNone };
std::string_view ToString(ApplyAction action);

/// One difference between the job there is and the one asked for.
struct ApplyChange {
  std::string path;  // sql, options.parallelism.default, tags
  std::optional<std::string> before;
  std::optional<std::string> after;
};

struct ApplyItem {
  std::string name;
  std::string team;
  ApplyAction action = ApplyAction::kNone;
  std::vector<ApplyChange> changes;
  std::string job_id;        // empty: it would be made
  std::string operation_id;  // empty: none was begun
  std::string message;       // what will happen, in words
  std::vector<std::string> warnings;
  std::optional<base::Error> error;  // of this document: what is asked for is refused
};

/// Brings jobs to what their files say. A job is found by team and name. What runs is changed only
/// when the file has a state; a job runs when its newest attempt is alive, whatever is wanted:
///
///   state      | job runs                            | job does not run
///   -----------+-------------------------------------+-----------------------------------------
///   absent     | edit only                           | create or edit only
///   running    | as wanted, nothing changed: nothing | finished, nothing changed: nothing
///              | else UPGRADE, as the spec says      | else START from where it was left; what
///              |                                     | it restores is never decided here
///   suspended  | STOP with savepoint YES             | nothing
///   stopped    | STOP with savepoint NO              | nothing
///
/// While a start of the wanted revision is under way the job counts as running. Applying the same
/// file again does nothing. Thread-safe.
class JobApplier {
 public:
  JobApplier(JobDesk& desk, const ClusterDirectory& clusters, const Directory& directory)
      : desk_(desk), clusters_(clusters), directory_(directory) {}

  /// Changes nothing. Errors as Apply; an item has the error that its command would meet now.
  base::Result<std::vector<ApplyItem>> Plan(const std::vector<JobFile>& files,
                                            const Caller& caller);

  /// All documents are checked before the first is applied: NOT_FOUND (team, cluster), FORBIDDEN,
  /// VALIDATION_FAILED, VERSION_MISMATCH. What goes wrong after that is the error of its item; an
  /// edit stays when its command is refused, and the other documents are applied.
  /// `idempotency_key` may be empty.
  base::Result<std::vector<ApplyItem>> Apply(const std::vector<JobFile>& files,
                                             const Caller& caller, const Requester& requester,
                                             std::string_view idempotency_key);

 private:
  struct Step;
  base::Result<Step> Decide(const JobFile& file, const Caller& caller, api::Permission permission);
  base::Result<std::vector<Step>> DecideAll(const std::vector<JobFile>& files, const Caller& caller,
                                            api::Permission permission);
  base::Status Carry(Step& step, const Requester& requester, const std::string& idempotency_key);

  JobDesk& desk_;
  const ClusterDirectory& clusters_;
  const Directory& directory_;
};

/// The job of the board as a document; `spec` is that of a revision.
JobFile JobFileOf(const Job& job, const JobSpec& spec, std::string_view team,
                  std::string_view cluster);

}  // namespace streampark::console
