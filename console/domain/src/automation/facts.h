// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <stop_token>
#include <vector>

#include "streampark/console/jobs/job_command.h"

#include "automation/attention.h"
#include "automation/judge.h"
#include "jobs/job_system.h"

/// From a job's state to what it is judged by, and from a decision to its command. Reads memory and
/// the database; asks no engine.
namespace streampark::console {

/// How a job that does not live came to be down; absent when somebody wished it, or it runs.
std::optional<End> EndOf(const JobState& state);

/// After how long without a completed checkpoint a job is unwell: max(interval, timeout) ×
/// (tolerable failures + 2); absent when it takes none. The cluster's own settings count where the
/// attempt's say nothing.
std::optional<base::Millis> CheckpointLimit(const engines::Options& attempt,
                                            const engines::Options& cluster);

struct Gathered {
  JudgedFacts judged;
  AttentionFacts attention;
  std::optional<base::Timestamp> overdue_at;  // when a missing checkpoint makes a loop
};
base::Result<Gathered> GatherFacts(const JobSystem& system, const JobState& state, bool paused);

/// What was judged by, for people: members of a flat JSON object.
std::string FactsToText(const JobState& state, const JudgedFacts& facts);

/// What the decision sends: the deployed revision as it was started, from the newest restore point.
base::Result<JobCommand> CommandOf(const JobSystem& system, const JobState& state,
                                   DecisionKind kind);

}  // namespace streampark::console
