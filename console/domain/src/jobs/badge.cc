// SPDX-License-Identifier: Apache-2.0
// The badge of a job. The first row that fits decides; "live" means that the newest attempt has not
// ended, "stop step" that the operation in flight is about to end it.
//
//   operation in flight       | anything                         | badge        | reason code
//   --------------------------+----------------------------------+--------------+----------------------
//   (desired DELETED, none)   |                                  | STOPPED      | DELETED
//   RELEASE                   | live                             | (as without) |
//   RELEASE                   | not live                         | RELEASING    | RELEASING
//   START                     |                                  | STARTING     | STARTING
//   RESTART                   | before its stop: as without; stop step: STOPPING; after: STARTING
//   UPGRADE RESCALE ROLLBACK  | as RESTART; while it is watched: as without
//   SAVEPOINT                 |                                  | SAVING       | SAVING
//   STOP YES, DRAIN           |                                  | STOPPING     | STOPPING_WITH_SAVEPOINT
//   STOP NO                   |                                  | STOPPING     | STOPPING
//   DELETE                    |                                  | STOPPING     | DELETING
//
//   no operation, live        | engine's word                    | badge        | reason code
//   --------------------------+----------------------------------+--------------+----------------------
//   UNREACHABLE               |                                  | UNREACHABLE  | UNREACHABLE
//   desired not RUNNING       | not terminal                     | NEEDS_YOU    | RUNS_UNWANTED
//   automation gave up, asks  |                                  | as in the table of ends
//   never seen                |                                  | STARTING     | NOT_SEEN_YET
//   PENDING, RUNNING in part  | all tasks never ran              | STARTING     | WAITING_FOR_TASKS
//   PENDING, RUNNING in part  | all tasks ran before             | RESTARTING   | TASKS_RESTARTING
//   RESTARTING                |                                  | RESTARTING   | ENGINE_RESTARTING
//   SUSPENDED                 |                                  | RESTARTING   | JOB_MANAGER_CHANGING
//   STOPPING                  |                                  | STOPPING     | ENGINE_STOPPING
//   RUNNING                   | checkpoints fail                 | DEGRADED     | CHECKPOINTS_FAIL
//   RUNNING                   | restarts often                   | DEGRADED     | RESTARTS_OFTEN
//   RUNNING                   |                                  | RUNNING      | RUNNING
//   FINISHED, FAILED, CANCELED| as the attempt's end below
//
//   no operation, not live    | newest attempt that was started  | badge        | reason code
//   --------------------------+----------------------------------+--------------+----------------------
//   last savepoint unproven   |                                  | NEEDS_YOU    | SAVEPOINT_UNCONFIRMED
//   wanted RUNNING, automation gave it up                        | QUARANTINED  | QUARANTINED
//   wanted RUNNING, automation needs a choice                    | NEEDS_YOU    | AUTOMATION_ASKS
//   wanted RUNNING, a restart waits                              | RESTARTING   | RESTART_DUE
//   last START failed         |                                  | FAILED       | START_FAILED
//   –                         | none; last RELEASE failed        | DRAFT        | RELEASE_FAILED
//   –                         | none; wanted is released         | READY        | READY
//   –                         | none                             | DRAFT        | DRAFT
//   –                         | FINISHED                         | FINISHED     | FINISHED
//   –                         | FAILED                           | FAILED       | ENGINE_FAILED
//   –                         | LOST                             | FAILED       | LOST
//   –                         | SUSPENDED, desired RUNNING       | SUSPENDED    | SUSPENDED_ELSEWHERE
//   –                         | SUSPENDED                        | SUSPENDED    | SUSPENDED
//   –                         | STOPPED, desired RUNNING         | STOPPED      | STOPPED_ELSEWHERE
//   –                         | STOPPED, desired SUSPENDED       | SUSPENDED    | SUSPENDED
//   –                         | STOPPED                          | STOPPED      | STOPPED
#include "streampark/console/jobs/badge.h"

#include <algorithm>
#include <array>

#include "operations/words.h"

namespace streampark::console {
namespace {

using engines::EngineState;

constexpr auto kBadges = MakeWords<Badge>(
    "DRAFT", "RELEASING", "READY", "STARTING", "RUNNING", "RESTARTING", "DEGRADED", "UNREACHABLE",
    "SAVING", "STOPPING", "SUSPENDED", "STOPPED", "FINISHED", "FAILED", "QUARANTINED", "NEEDS_YOU");
constexpr auto kActions =
    MakeWords<JobAction>("EDIT", "RELEASE", "START", "STOP", "SAVEPOINT", "RESTART", "UPGRADE",
                         "RESCALE", "ROLLBACK", "DELETE", "UNDELETE");
static_assert(kBadges.names.size() == kBadgeCount);
static_assert(kActions.names.size() == kJobActionCount);

constexpr int kFailuresThatDegrade = 3;
constexpr int kRestartsThatDegrade = 3;

BadgeVerdict Say(Badge badge, std::string code, std::string message,
                 std::map<std::string, std::string> parameters = {}) {
  return {badge, {std::move(code), std::move(message), std::move(parameters)}};
}

std::string WithCause(std::string sentence, const std::string& cause) {
  if (!cause.empty()) {
    sentence.append(" ").append(cause);
  }
  return sentence;
}

/// The operation's own words where it has some: "Waiting for 2 slots."
BadgeVerdict SayOperation(Badge badge, std::string code, std::string sentence,
                          const OperationMark& operation) {
  std::map<std::string, std::string> parameters{{"step", operation.step}};
  if (!operation.message.empty()) {
    sentence.append(" Now: ").append(operation.message).append(".");
    parameters["message"] = operation.message;
  }
  return Say(badge, std::move(code), std::move(sentence), std::move(parameters));
}

bool IsStopStep(std::string_view step) {
  return step == "SAVEPOINT" || step == "AWAIT_SAVEPOINT" || step == "CANCEL" ||
         step == "AWAIT_END";
}
bool IsReleaseStep(std::string_view step) {
  return step.empty() || step == "CHECK" || step == "RESOLVE" || step == "VALIDATE" ||
         step == "COMPILE" || step == "CHOOSE_PATH" || step == "ARTIFACTS" || step == "CAPACITY" ||
         step == "FOLDER" || step == "REHEARSE" || step == "WAY_BACK";
}
bool IsInPlaceStep(std::string_view step) {
  return step == "RESCALE" || step == "AWAIT_RESCALE" || step == "WATCH";
}

/// Why the job is down, or what is wrong with it: the newest that is known.
std::string ProblemOf(const JobState& facts) {
  if (facts.live()) {
    return facts.health.last_problem;
  }
  if (facts.job.last_failure && facts.job.last_failure->kind != OperationKind::kRelease) {
    return facts.job.last_failure->message;
  }
  return facts.attempt ? facts.attempt->message : "";
}

/// Where automation stands still; absent when it does not, or when the job is not wanted running.
std::optional<BadgeVerdict> JudgeStanding(const JobState& facts) {
  if (!facts.job.standing || facts.job.desired != DesiredState::kRunning) {
    return std::nullopt;
  }
  const std::string problem = ProblemOf(facts);
  const std::map<std::string, std::string> parameters{{"rule", facts.job.standing->rule},
                                                      {"message", problem}};
  if (facts.job.standing->kind == Standing::Kind::kQuarantined) {
    return Say(Badge::kQuarantined, "QUARANTINED",
               WithCause("Automation gave it up: its restarts did not help. Mend the cause, then "
                         "start it.",
                         problem),
               parameters);
  }
  return Say(Badge::kNeedsYou, "AUTOMATION_ASKS",
             WithCause("Automation cannot bring it back without a choice of yours: look at the "
                       "cause, then start it.",
                       problem),
             parameters);
}

/// Down, wanted running, and not what somebody stopped elsewhere: automation is at it.
bool IsBroughtBack(const JobState& facts) {
  const bool ended = facts.attempt && (facts.attempt->outcome == AttemptOutcome::kFailed ||
                                       facts.attempt->outcome == AttemptOutcome::kLost ||
                                       facts.attempt->outcome == AttemptOutcome::kNeverStarted);
  return ended && !facts.live() && facts.job.desired == DesiredState::kRunning;
}

BadgeVerdict JudgeEnd(const JobState& facts) {
  const Job& job = facts.job;
  const std::string message = facts.attempt ? facts.attempt->message : "";
  if (job.resume_unconfirmed) {
    return Say(
        Badge::kNeedsYou, "SAVEPOINT_UNCONFIRMED",
        "It was stopped, but nothing proves that its savepoint is complete: choose what the next "
        "start restores.");
  }
  if (auto standing = JudgeStanding(facts)) {
    return *std::move(standing);
  }
  if (IsBroughtBack(facts) && job.recovery.due) {
    const std::string count = std::to_string(job.recovery.ends);
    const std::string problem = ProblemOf(facts);
    return Say(
        Badge::kRestarting, "RESTART_DUE",
        WithCause("It is down and is about to be restarted (restart " + count + ").", problem),
        {{"count", count}, {"at", base::FormatTimestamp(*job.recovery.due)}, {"cause", problem}});
  }
  if (job.last_failure &&
      (job.last_failure->kind == OperationKind::kStart ||
       job.last_failure->kind == OperationKind::kRestart || IsRenewal(job.last_failure->kind))) {
    return Say(Badge::kFailed, "START_FAILED",
               WithCause("The last start failed.", job.last_failure->message),
               {{"code", job.last_failure->code}, {"message", job.last_failure->message}});
  }
  const bool wanted = job.desired == DesiredState::kRunning;
  switch (facts.attempt ? facts.attempt->outcome : AttemptOutcome::kNeverStarted) {
    case AttemptOutcome::kNeverStarted:
      if (job.last_failure && job.last_failure->kind == OperationKind::kRelease) {
        return Say(Badge::kDraft, "RELEASE_FAILED",
                   WithCause("The last release failed.", job.last_failure->message),
                   {{"code", job.last_failure->code}, {"message", job.last_failure->message}});
      }
      if (job.released == job.wanted) {
        return Say(Badge::kReady, "READY", "It is released and can be started.");
      }
      return Say(Badge::kDraft, "DRAFT", "It has never run; its newest revision is not released.");
    case AttemptOutcome::kFinished:
      return Say(Badge::kFinished, "FINISHED", "It has read all its input and ended by itself.");
    case AttemptOutcome::kLost:
      return Say(Badge::kFailed, "LOST",
                 "The cluster answers and does not know it any more. Its snapshots are kept.");
    case AttemptOutcome::kSuspended:
      return wanted ? Say(Badge::kSuspended, "SUSPENDED_ELSEWHERE",
                          "Somebody stopped it with a savepoint on the engine, though it is wanted "
                          "running.")
                    : Say(Badge::kSuspended, "SUSPENDED",
                          "It is stopped with its state kept; a start goes on from there.");
    case AttemptOutcome::kStopped:
      if (job.desired == DesiredState::kSuspended) {
        return Say(Badge::kSuspended, "SUSPENDED",
                   "It is stopped with its state kept; a start goes on from there.");
      }
      return wanted ? Say(Badge::kStopped, "STOPPED_ELSEWHERE",
                          "Somebody cancelled it on the engine, though it is wanted running.")
                    : Say(Badge::kStopped, "STOPPED",
                          "It ended without a savepoint; the next start asks what to restore.");
    case AttemptOutcome::kFailed:
    case AttemptOutcome::kLive:
      break;
  }
  return Say(Badge::kFailed, "ENGINE_FAILED", WithCause("The engine gave it up.", message),
             {{"message", message}});
}

std::string InPart(const engines::TaskCounts& tasks) {
  return std::to_string(tasks.running + tasks.finished) + " of " + std::to_string(tasks.total);
}

/// Ended on the engine, though nothing has recorded that yet.
BadgeVerdict JudgeUnrecordedEnd(JobState facts, EngineState state) {
  facts.attempt->outcome = state == EngineState::kFinished   ? AttemptOutcome::kFinished
                           : state == EngineState::kCanceled ? AttemptOutcome::kStopped
                                                             : AttemptOutcome::kFailed;
  return JudgeEnd(facts);
}

BadgeVerdict JudgeLive(const JobState& facts) {
  const ObservedFact& seen = facts.observed;
  const bool terminal = seen.state && engines::IsTerminal(*seen.state);
  if (terminal) {
    return JudgeUnrecordedEnd(facts, *seen.state);
  }
  if (seen.reachability == Reachability::kUnreachable) {
    const std::string word = seen.state ? std::string(engines::ToString(*seen.state)) : "";
    return Say(
        Badge::kUnreachable, "UNREACHABLE",
        "The cluster does not answer, so nothing is known of the job since then." +
            (word.empty() ? "" : " Last seen " + word + "."),
        {{"since", seen.unreachable_since ? base::FormatTimestamp(*seen.unreachable_since) : ""},
         {"lastState", word}});
  }
  if (facts.job.desired != DesiredState::kRunning) {
    return Say(
        Badge::kNeedsYou, "RUNS_UNWANTED",
        "It runs on the engine, though it is not wanted running: stop it, or start it here.");
  }
  if (auto standing = JudgeStanding(facts)) {
    return *std::move(standing);
  }
  if (!seen.state) {
    return Say(Badge::kStarting, "NOT_SEEN_YET", "It was submitted and has not been seen yet.");
  }
  switch (*seen.state) {
    case EngineState::kRestarting:
      return Say(Badge::kRestarting, "ENGINE_RESTARTING",
                 WithCause("The engine restarts it.", facts.health.last_problem),
                 {{"cause", facts.health.last_problem}});
    case EngineState::kSuspended:
      return Say(Badge::kRestarting, "JOB_MANAGER_CHANGING",
                 "Its JobManager gave it up and another one takes it over.");
    case EngineState::kStopping:
      return Say(Badge::kStopping, "ENGINE_STOPPING", "It is being stopped on the engine.");
    default:
      break;
  }
  const bool whole =
      *seen.state == EngineState::kRunning &&
      (!seen.tasks || seen.tasks->running + seen.tasks->finished >= seen.tasks->total);
  if (!whole) {
    const std::string part = seen.tasks ? InPart(*seen.tasks) : "0";
    if (facts.attempt->ran) {
      return Say(Badge::kRestarting, "TASKS_RESTARTING",
                 WithCause(part + " tasks run again.", facts.health.last_problem),
                 {{"part", part}, {"cause", facts.health.last_problem}});
    }
    return Say(Badge::kStarting, "WAITING_FOR_TASKS", part + " tasks run.", {{"part", part}});
  }
  if (facts.health.checkpoint_failures_in_a_row >= kFailuresThatDegrade) {
    const std::string count = std::to_string(facts.health.checkpoint_failures_in_a_row);
    return Say(Badge::kDegraded, "CHECKPOINTS_FAIL",
               "It runs, but the last " + count + " checkpoints failed.", {{"count", count}});
  }
  if (facts.health.restarts_lately >= kRestartsThatDegrade) {
    const std::string count = std::to_string(facts.health.restarts_lately);
    return Say(Badge::kDegraded, "RESTARTS_OFTEN",
               WithCause("It runs, but restarted " + count + " times within ten minutes.",
                         facts.health.last_problem),
               {{"count", count}, {"cause", facts.health.last_problem}});
  }
  return Say(Badge::kRunning, "RUNNING", "All its tasks run.");
}

BadgeVerdict JudgeWithoutOperation(const JobState& facts) {
  if (facts.job.desired == DesiredState::kDeleted) {
    return Say(Badge::kStopped, "DELETED", "It is deleted and can be brought back for a while.");
  }
  return facts.live() ? JudgeLive(facts) : JudgeEnd(facts);
}

}  // namespace

std::string_view ToString(Badge badge) { return kBadges[badge]; }
std::optional<Badge> ParseBadge(std::string_view text) { return kBadges.Parse(text); }
std::string_view ToString(JobAction action) { return kActions[action]; }

int UrgencyOf(Badge badge) {
  constexpr std::array<Badge, kBadgeCount> kWorstFirst = {
      Badge::kNeedsYou, Badge::kFailed,     Badge::kQuarantined, Badge::kUnreachable,
      Badge::kDegraded, Badge::kRestarting, Badge::kStarting,    Badge::kStopping,
      Badge::kSaving,   Badge::kReleasing,  Badge::kRunning,     Badge::kSuspended,
      Badge::kReady,    Badge::kDraft,      Badge::kStopped,     Badge::kFinished};
  return static_cast<int>(std::find(kWorstFirst.begin(), kWorstFirst.end(), badge) -
                          kWorstFirst.begin());
}

bool NeedsAttention(Badge badge) { return UrgencyOf(badge) <= UrgencyOf(Badge::kRestarting); }

BadgeVerdict JudgeBadge(const JobState& facts) {
  if (!facts.operation) {
    return JudgeWithoutOperation(facts);
  }
  const OperationMark& operation = *facts.operation;
  switch (operation.kind) {
    case OperationKind::kRelease:
      return facts.live() ? JudgeWithoutOperation(facts)
                          : SayOperation(Badge::kReleasing, "RELEASING",
                                         "It is being made startable.", operation);
    case OperationKind::kSavepoint:
      return SayOperation(Badge::kSaving, "SAVING", "A savepoint is being written.", operation);
    case OperationKind::kStop:
      return operation.savepoint == "NO"
                 ? SayOperation(Badge::kStopping, "STOPPING", "It is being cancelled.", operation)
                 : SayOperation(Badge::kStopping, "STOPPING_WITH_SAVEPOINT",
                                "It is being stopped with a savepoint.", operation);
    case OperationKind::kDelete:
      return SayOperation(Badge::kStopping, "DELETING", "It is being deleted.", operation);
    case OperationKind::kRestart:
    case OperationKind::kUpgrade:
    case OperationKind::kRescale:
    case OperationKind::kRollback:
      if (facts.live() && (IsReleaseStep(operation.step) || IsInPlaceStep(operation.step))) {
        return JudgeWithoutOperation(facts);
      }
      if (IsStopStep(operation.step)) {
        return SayOperation(Badge::kStopping, "STOPPING_WITH_SAVEPOINT",
                            "It is being stopped to be started again.", operation);
      }
      break;
    default:
      break;
  }
  return SayOperation(Badge::kStarting, "STARTING", "It is being started.", operation);
}

std::vector<ActionVerdict> JudgeActions(const JobState& facts) {
  struct Why {
    std::string code;
    std::string text;
    std::map<std::string, std::string> parameters = {};
  };
  std::vector<ActionVerdict> verdicts;
  verdicts.reserve(kJobActionCount);
  const auto say = [&](JobAction action, bool allowed, const Why& why = {}) {
    verdicts.push_back({action, allowed, why.text, why.code, why.parameters});
  };
  if (facts.job.desired == DesiredState::kDeleted && !facts.operation) {
    for (int i = 0; i < kJobActionCount; ++i) {
      const auto action = static_cast<JobAction>(i);
      const bool undelete = action == JobAction::kUndelete;
      say(action, undelete, undelete ? Why() : Why{"DELETED", "It is deleted."});
    }
    return verdicts;
  }
  const std::string kind = facts.operation ? std::string(ToString(facts.operation->kind)) : "";
  const Why busy{"BUSY", kind + " is under way.", {{"kind", kind}}};
  const Why idle{"IDLE", "It does not run."};
  const Why none;
  const bool free = !facts.operation;
  const bool live = facts.live();
  const bool running = live && facts.observed.state == EngineState::kRunning;
  const bool deleting = facts.operation && facts.operation->kind == OperationKind::kDelete;

  say(JobAction::kEdit, !deleting, deleting ? busy : none);
  say(JobAction::kRelease, free, free ? none : busy);
  say(JobAction::kStart, free && !live,
      !free  ? busy
      : live ? Why{"RUNS_ALREADY", "It runs already."}
             : none);
  if (free && !live && IsBroughtBack(facts)) {
    say(JobAction::kStop, true, {"LEAVES_IT_DOWN", "Automation does not bring it back then."});
  } else if (free) {
    say(JobAction::kStop, live, live ? none : idle);
  } else {
    say(JobAction::kStop, !deleting,
        deleting ? busy
                 : Why{"ONLY_WITHOUT_SAVEPOINT",
                       "Only without a savepoint: " + busy.text,
                       {{"kind", kind}}});
  }
  say(JobAction::kSavepoint, free && running,
      !free     ? busy
      : !live   ? idle
      : running ? none
                : Why{"TASKS_DO_NOT_RUN", "Its tasks do not all run."});
  say(JobAction::kRestart, free && live, !free ? busy : live ? none : idle);
  const bool newer = facts.job.wanted != facts.job.deployed;
  say(JobAction::kUpgrade, free && live && newer,
      !free   ? busy
      : !live ? idle
      : newer ? none
              : Why{"UP_TO_DATE", "It runs the newest revision."});
  say(JobAction::kRescale, free && live, !free ? busy : live ? none : idle);
  const bool can_go_back = facts.job.rollback_revision.has_value();
  say(JobAction::kRollback, free && can_go_back,
      !free         ? busy
      : can_go_back ? none
                    : Why{"NOTHING_TO_ROLL_BACK", "No upgrade of it can be rolled back."});
  say(JobAction::kDelete, !deleting, deleting ? busy : none);
  say(JobAction::kUndelete, false, Why{"NOT_DELETED", "It is not deleted."});
  return verdicts;
}

}  // namespace streampark::console
