// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/console/jobs/job.h"

namespace streampark::console {

/// The only state of a job that people see.
enum class Badge {
  kDraft,
  kReleasing,
  kReady,
  kStarting,
  kRunning,
  kRestarting,
  kDegraded,
  kUnreachable,
  kSaving,
  kStopping,
  kSuspended,
  kStopped,
  kFinished,
  kFailed,
  kQuarantined,
  kNeedsYou
};
inline constexpr int kBadgeCount = 16;
std::string_view ToString(Badge badge);  // NEEDS_YOU
std::optional<Badge> ParseBadge(std::string_view text);
/// Worst first: the order of lists sorted by badge and of the attention list.
int UrgencyOf(Badge badge);
/// Whether somebody should look at a job with this badge.
bool NeedsAttention(Badge badge);

enum class JobAction {
  kEdit,
  kRelease,
  kStart,
  kStop,
  kSavepoint,
  kRestart,
  kUpgrade,
  kRescale,
  kRollback,
  kDelete,
  kUndelete
};
inline constexpr int kJobActionCount = 11;
std::string_view ToString(JobAction action);

struct ActionVerdict {
  JobAction action = JobAction::kEdit;
  bool allowed = false;
  std::string reason;  // why not; or what is special about it; may be empty
  std::string code;    // of the reason; translated as job.actionReason.<code>
  std::map<std::string, std::string> parameters;
};

struct BadgeReason {
  std::string code;     // translated as job.reason.<code>
  std::string message;  // one sentence
  std::map<std::string, std::string> parameters;
};

struct BadgeVerdict {
  Badge badge = Badge::kDraft;
  BadgeReason reason;
};

/// The badge as a function of the facts and of nothing else: no clock, no lookup. badge.cc begins
/// with its table.
BadgeVerdict JudgeBadge(const JobState& facts);

/// What can be done now and why the rest cannot, in the order of JobAction.
std::vector<ActionVerdict> JudgeActions(const JobState& facts);

}  // namespace streampark::console
