// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/error.h"

/// A command being carried out on a job, a cluster or an installation: what was asked, by whom, how
/// far it is, how it ended. Plain values.
namespace streampark::console {

enum class OperationKind {
  kRelease,
  kStart,
  kStop,
  kSavepoint,
  kRestart,
  kDelete,
  kFetch,
  kVerify,
  kUpgrade,
  kRescale,
  kRollback,
  kAdopt
};
std::string_view ToString(OperationKind kind);  // START
/// UPGRADE, RESCALE, ROLLBACK: from what runs to something else, proven and watched.
constexpr bool IsRenewal(OperationKind kind) {
  return kind == OperationKind::kUpgrade || kind == OperationKind::kRescale ||
         kind == OperationKind::kRollback;
}
std::optional<OperationKind> ParseOperationKind(std::string_view text);

enum class OperationState { kPending, kRunning, kSucceeded, kFailed, kCancelled };
std::string_view ToString(OperationState state);
std::optional<OperationState> ParseOperationState(std::string_view text);
bool IsOpen(OperationState state);  // pending or running

enum class StepState { kWaiting, kRunning, kSucceeded, kFailed, kSkipped };
std::string_view ToString(StepState state);
std::optional<StepState> ParseStepState(std::string_view text);

enum class SubjectKind { kJob, kCluster, kInstallation };
std::string_view ToString(SubjectKind kind);
std::optional<SubjectKind> ParseSubjectKind(std::string_view text);

/// What an operation is about. `team_id` decides who may see it; empty: shared.
struct Subject {
  SubjectKind kind = SubjectKind::kJob;
  std::string id;
  std::string name;
  std::string team_id;
};

/// Who asked, and by which way.
struct Requester {
  enum class Via { kWeb, kToken, kFleet, kAutomation };
  std::string id;
  std::string name;
  Via via = Via::kWeb;
};
std::string_view ToString(Requester::Via via);
std::optional<Requester::Via> ParseVia(std::string_view text);

struct Step {
  std::string name;  // CHECK_SLOTS; the web app translates it
  StepState state = StepState::kWaiting;
  std::optional<base::Timestamp> started_at;
  std::optional<base::Timestamp> finished_at;
  std::string message;  // for people: "waiting for 2 slots"
  std::optional<std::int64_t> done;
  std::optional<std::int64_t> total;
};

/// What came out of it; empty members: nothing of the kind.
struct OperationResult {
  std::string snapshot_id;
  std::string attempt_id;
  std::optional<int> revision;
  std::optional<int> rolled_back_to;  // the revision that runs again after a failed upgrade
};

struct Operation {
  std::string id;
  Subject subject;
  OperationKind kind = OperationKind::kStart;
  OperationState state = OperationState::kPending;
  std::string parameters = "{}";  // JSON: the command as it was given
  Requester requested_by;
  base::Timestamp requested_at;
  std::optional<base::Timestamp> started_at;
  std::optional<base::Timestamp> finished_at;
  bool cancellable = true;
  bool cancel_requested = false;
  std::vector<Step> steps;
  std::optional<base::Error> error;
  OperationResult result;
  /// What the steps hand to each other and to a later life of the console.
  std::map<std::string, std::string> memory;
  std::string idempotency_key;  // empty: none was given
  std::string request_digest;   // of the command, for telling a repeat from another request
  std::string preempts;         // the operation that must end before this one begins; mostly empty

  bool open() const { return IsOpen(state); }
  const Step* running_step() const;
  Step* FindStep(std::string_view name);
};

}  // namespace streampark::console
