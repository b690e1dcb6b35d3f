// SPDX-License-Identifier: Apache-2.0
#include "automation/facts.h"

#include <algorithm>

#include "streampark/base/json.h"
#include "streampark/console/jobs/job_options.h"

#include "jobs/restore_choice.h"
#include "jobs/settlement.h"

namespace streampark::console {
namespace {

using engines::EngineState;

constexpr int kFailuresThatWorry = 3;
constexpr base::Millis kUsualTimeout{600'000};  // of a checkpoint, where nobody set one

std::string Find(const engines::Options& attempt, const engines::Options& cluster,
                 const std::string& key) {
  for (const engines::Options* options : {&attempt, &cluster}) {
    if (const auto found = options->find(key); found != options->end()) {
      return found->second;
    }
  }
  return "";
}

End::Why WhyOf(std::string_view code) {
  using base::ErrorCode;
  const auto known = base::ParseErrorCode(code);
  if (!known) {
    return End::Why::kEnded;
  }
  switch (*known) {
    case ErrorCode::kRestoreChoiceRequired:
    case ErrorCode::kSnapshotInvalid:
    case ErrorCode::kSnapshotUnconfirmed:
      return End::Why::kNoChoice;
    case ErrorCode::kIllegalState:  // its last attempt turned out to live: looked at anew
      return End::Why::kEnded;
    case ErrorCode::kInternal:
      return End::Why::kHopeless;
    default:
      break;
  }
  const base::ErrorCodeTraits& traits = base::Traits(*known);
  return traits.fault == base::Fault::kUser && !traits.retryable ? End::Why::kHopeless
                                                                 : End::Why::kEnded;
}

RestartPolicy PolicyOf(const JobSpec& spec) {
  RestartPolicy policy{.attempts = spec.restart_attempts};
  const std::size_t dots = spec.restart_backoff.find("..");
  if (dots != std::string::npos) {
    policy.first = base::ParseDuration(spec.restart_backoff.substr(0, dots)).value_or(policy.first);
    policy.longest =
        base::ParseDuration(spec.restart_backoff.substr(dots + 2)).value_or(policy.longest);
  }
  return policy;
}

base::Result<bool> IsRestorable(const JobSystem& system, const std::string& job_id) {
  const std::vector<Snapshot> all =
      Candidates(SP_TRY(system.store.ListSnapshots(job_id, 0, "")).items);
  return std::any_of(all.begin(), all.end(), [](const Snapshot& one) {
    return one.verification != Verification::kInvalid;
  });
}

base::Result<JobSpec> SpecOf(const JobSystem& system, const std::string& job_id, int number) {
  std::optional<Revision> revision = SP_TRY(system.store.FindRevision(job_id, number));
  if (!revision) {
    return base::Error(base::ErrorCode::kNotFound, "the revision does not exist");
  }
  return std::move(revision->spec);
}

}  // namespace

std::optional<End> EndOf(const JobState& state) {
  if (!state.attempt || state.live()) {
    return std::nullopt;
  }
  const Attempt& attempt = *state.attempt;
  const std::optional<LastFailure>& failure = state.job.last_failure;
  if (failure && StartsTheJob(failure->kind) &&
      failure->at >= attempt.ended_at.value_or(attempt.started_at)) {
    return End{failure->operation_id, WhyOf(failure->code)};
  }
  if (attempt.outcome == AttemptOutcome::kFailed || attempt.outcome == AttemptOutcome::kLost) {
    return End{attempt.id, End::Why::kEnded};
  }
  return std::nullopt;
}

std::optional<base::Millis> CheckpointLimit(const engines::Options& attempt,
                                            const engines::Options& cluster) {
  const auto interval = EngineDuration(Find(attempt, cluster, "execution.checkpointing.interval"));
  if (!interval || interval->count() == 0) {
    return std::nullopt;
  }
  const base::Millis timeout =
      EngineDuration(Find(attempt, cluster, "execution.checkpointing.timeout"))
          .value_or(kUsualTimeout);
  const std::string tolerable =
      Find(attempt, cluster, "execution.checkpointing.tolerable-failed-checkpoints");
  const bool number = !tolerable.empty() && tolerable.size() < 7 &&
                      tolerable.find_first_not_of("0123456789") == std::string::npos;
  return std::max(*interval, timeout) * ((number ? std::stoll(tolerable) : 0) + 2);
}

base::Result<Gathered> GatherFacts(const JobSystem& system, const JobState& state, bool paused) {
  const Job& job = state.job;
  const Health& health = state.health;
  const ObservedFact& seen = state.observed;
  const AutomationLimits& limits = system.options.automation;
  Gathered gathered;
  JudgedFacts& facts = gathered.judged;
  AttentionFacts& attention = gathered.attention;
  facts.now = system.clock.Now();
  facts.paused = paused;
  facts.wanted = job.desired == DesiredState::kRunning;
  facts.recovery = job.recovery;
  facts.stable_after = limits.stable_after;
  if (job.standing) {
    facts.standing = job.standing->kind;
  }
  attention.now = facts.now;
  attention.wanted = facts.wanted;
  attention.standing = facts.standing;
  attention.fenced_at = job.recovery.fenced_at;
  attention.patience = limits.unreachable_patience;
  if (!state.attempt) {
    facts.in_flight = state.operation.has_value();
    return gathered;
  }
  const Attempt& attempt = *state.attempt;
  const ClusterPtr cluster = system.clusters.Find(attempt.cluster_id);
  facts.end = EndOf(state);
  // A restart beside dead TaskManagers would find no slots, and be one of the budget.
  const bool mended = cluster != nullptr && cluster->managed() &&
                      cluster->state == ClusterState::kDegraded &&
                      facts.now - cluster->since < limits.mending_patience;
  facts.in_flight = state.operation || (cluster != nullptr && cluster->operation != nullptr) ||
                    (facts.end && mended) || (facts.end && system.ended.Awaits(job.id));
  facts.answers = cluster != nullptr && cluster->reachability == Reachability::kReachable &&
                  (!state.live() || seen.reachability == Reachability::kReachable);
  facts.runs = state.live() && attempt.submitted && seen.state && !engines::IsTerminal(*seen.state);
  facts.has_state = job.ran && !job.stateless;
  if (state.live() && seen.reachability == Reachability::kUnreachable) {
    attention.unreachable_since = seen.unreachable_since;
  }
  if (facts.runs) {
    const base::Timestamp since =
        std::max(attempt.started_at, health.last_checkpoint_at.value_or(attempt.started_at));
    const base::Timestamp calm =
        std::max(attempt.started_at, health.last_restart_at.value_or(attempt.started_at));
    const engines::Options no_options;
    const auto limit =
        CheckpointLimit(attempt.options, cluster != nullptr ? cluster->spec.options : no_options);
    bool overdue = false;
    if (limit && health.looked_at) {
      gathered.overdue_at = since + *limit;
      overdue = *health.looked_at - since > *limit;
    }
    facts.loops = overdue || health.restarts_at_once >= limits.loop_restarts;
    const bool checkpointed = !limit || job.stateless ||
                              (health.last_checkpoint_at && *health.last_checkpoint_at >= calm);
    if (seen.state == EngineState::kRunning && checkpointed) {
      facts.healthy_since = calm;
    }
    attention.no_checkpoint = overdue || health.checkpoint_failures_in_a_row >= kFailuresThatWorry;
  }
  if (facts.wanted && (facts.end || facts.loops)) {
    facts.policy = PolicyOf(SP_TRY(SpecOf(system, job.id, job.wanted)));
    facts.restorable = SP_TRY(IsRestorable(system, job.id));
    attention.left_down = facts.end && (paused || facts.policy.attempts == 0);
  }
  return gathered;
}

std::string FactsToText(const JobState& state, const JudgedFacts& facts) {
  json::object out{{"desired", ToString(state.job.desired)},
                   {"ends", facts.recovery.ends},
                   {"attempts", facts.policy.attempts}};
  if (state.attempt) {
    out["attempt"] = state.attempt->number;
    out["outcome"] = ToString(state.attempt->outcome);
    if (!state.attempt->message.empty()) {
      out["message"] = state.attempt->message.substr(0, 300);
    }
  }
  const std::optional<LastFailure>& failure = state.job.last_failure;
  if (failure && facts.end && facts.end->id == failure->operation_id) {
    out["code"] = failure->code;
    out["message"] = failure->message.substr(0, 300);
  }
  if (facts.runs) {
    out["engineState"] = state.observed.native_state;
    out["restarts"] = state.health.restarts_at_once;
    out["lastCheckpointAt"] = json::TimeOrNull(state.health.last_checkpoint_at);
  }
  if (facts.wanted) {
    out["hasState"] = facts.has_state;
    out["restorable"] = facts.restorable;
  }
  return json::serialize(out);
}

base::Result<JobCommand> CommandOf(const JobSystem& system, const JobState& state,
                                   DecisionKind kind) {
  JobCommand command;
  if (kind == DecisionKind::kFence) {
    command.kind = OperationKind::kStop;
    command.savepoint = SavepointChoice::kNo;
    return command;
  }
  const Attempt& attempt = *state.attempt;
  const JobSpec spec = SP_TRY(SpecOf(system, state.job.id, attempt.revision));
  command.kind = state.live() ? OperationKind::kRestart : OperationKind::kStart;
  if (state.live()) {
    command.savepoint = SavepointChoice::kNo;
  }
  if (state.job.ran && !state.job.stateless) {
    command.restore = Restore{};
  }
  command.revision = attempt.revision;
  if (attempt.parallelism != spec.parallelism) {
    command.parallelism = attempt.parallelism;
  }
  // What was laid over the spec for this attempt is laid over it again.
  if (const ClusterPtr cluster = system.clusters.Find(attempt.cluster_id)) {
    const engines::Options usual = OptionsOf(EffectiveOptions(spec, {}, *cluster, state.job.id));
    for (const auto& [key, value] : attempt.options) {
      const auto known = usual.find(key);
      if (known == usual.end() || known->second != value) {
        command.options[key] = value;
      }
    }
  }
  return command;
}

}  // namespace streampark::console
