// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "streampark/base/clock.h"
#include "streampark/console/jobs/job.h"

/// What automation did and why, what needs a person, and where automation is held. Plain values.
namespace streampark::console {

/// NOTHING; WAIT until a time, then judge anew; RESTART from the newest restore point; QUARANTINE:
/// give up until a person starts the job; ASK: only a person can decide; FENCE: end what runs though
/// it should not.
enum class DecisionKind { kNothing, kWait, kRestart, kQuarantine, kAsk, kFence };
std::string_view ToString(DecisionKind kind);  // QUARANTINE
std::optional<DecisionKind> ParseDecisionKind(std::string_view text);

/// A decision that changed something: one row.
struct Decision {
  std::string id;  // also the idempotency key of its command
  std::string job_id;
  std::string team_id;
  DecisionKind kind = DecisionKind::kNothing;
  std::string rule;          // of judge.h
  std::string facts = "{}";  // JSON: what it was judged by
  base::Timestamp at;
  std::optional<base::Timestamp> due;  // WAIT: until when
  std::string command;                 // JSON; empty: it sends none
  std::string operation_id;            // the command, once accepted
  std::string refusal;                 // why it was not accepted

  /// Whether its command is still to be sent.
  bool pending() const { return !command.empty() && operation_id.empty() && refusal.empty(); }
};

enum class AttentionRule { kNoCheckpoint, kQuarantined, kAsks, kUnreachable, kFenced, kLeftDown };
inline constexpr int kAttentionRuleCount = 6;
std::string_view ToString(AttentionRule rule);  // LEFT_DOWN
std::optional<AttentionRule> ParseAttentionRule(std::string_view text);

/// Something that a person should look at; at most one open a job and rule.
struct Attention {
  std::string id;
  std::string job_id;
  std::string team_id;
  AttentionRule rule = AttentionRule::kAsks;
  base::Timestamp opened_at;
  std::optional<base::Timestamp> resolved_at;
};

/// A hold on automation: of one job, of all jobs on a cluster, or of every job.
struct Pause {
  enum class Scope { kJob, kCluster, kFleet };
  Scope scope = Scope::kJob;
  std::string subject_id;  // empty for the fleet
  Person by;
  base::Timestamp at;
  std::string reason;
};
std::string_view ToString(Pause::Scope scope);
std::optional<Pause::Scope> ParsePauseScope(std::string_view text);

}  // namespace streampark::console
