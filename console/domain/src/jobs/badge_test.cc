// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/jobs/badge.h"

#include <set>

#include <gtest/gtest.h>

namespace streampark::console {
namespace {

using engines::EngineState;

JobState Idle() {
  JobState state;
  state.job.id = "job";
  state.job.wanted = 2;
  return state;
}

JobState Ended(AttemptOutcome outcome, DesiredState desired) {
  JobState state = Idle();
  state.job.desired = desired;
  state.job.ran = true;
  state.attempt = Attempt{.id = "a", .job_id = "job", .outcome = outcome, .message = "the cause"};
  state.attempts = {{"a", outcome}};
  return state;
}

JobState Live(std::optional<EngineState> seen) {
  JobState state = Ended(AttemptOutcome::kLive, DesiredState::kRunning);
  state.attempt->message.clear();
  state.observed.state = seen;
  state.observed.reachability = Reachability::kReachable;
  return state;
}

JobState LiveWith(int running, int total) {
  JobState state = Live(EngineState::kRunning);
  state.observed.tasks = engines::TaskCounts{.total = total, .running = running};
  return state;
}

JobState With(JobState state, OperationKind kind, std::string step = "",
              std::string savepoint = "") {
  state.operation = OperationMark{
      .id = "op", .kind = kind, .savepoint = std::move(savepoint), .step = std::move(step)};
  return state;
}

struct Row {
  const char* name;
  JobState facts;
  Badge badge;
  const char* reason;
};

std::vector<Row> Table() {
  std::vector<Row> rows;
  const auto add = [&](const char* name, JobState facts, Badge badge, const char* reason) {
    rows.push_back({name, std::move(facts), badge, reason});
  };
  // no operation, not live
  add("never ran", Idle(), Badge::kDraft, "DRAFT");
  JobState ready = Idle();
  ready.job.released = 2;
  add("released", ready, Badge::kReady, "READY");
  JobState stale = Idle();
  stale.job.released = 1;
  add("an older revision is released", stale, Badge::kDraft, "DRAFT");
  JobState release_failed = Idle();
  release_failed.job.last_failure =
      LastFailure{OperationKind::kRelease, "op", "SQL_INVALID", "no table"};
  add("release failed", release_failed, Badge::kDraft, "RELEASE_FAILED");
  JobState start_failed = Idle();
  start_failed.job.last_failure =
      LastFailure{OperationKind::kStart, "op", "NOT_ENOUGH_SLOTS", "0 free"};
  add("start failed", start_failed, Badge::kFailed, "START_FAILED");
  JobState restart_failed = Ended(AttemptOutcome::kSuspended, DesiredState::kSuspended);
  restart_failed.job.last_failure = LastFailure{OperationKind::kRestart, "op", "ENGINE_ERROR", "x"};
  add("restart failed", restart_failed, Badge::kFailed, "START_FAILED");
  JobState unproven = Ended(AttemptOutcome::kStopped, DesiredState::kSuspended);
  unproven.job.resume_unconfirmed = true;
  add("savepoint unproven", unproven, Badge::kNeedsYou, "SAVEPOINT_UNCONFIRMED");
  add("finished", Ended(AttemptOutcome::kFinished, DesiredState::kRunning), Badge::kFinished,
      "FINISHED");
  add("failed", Ended(AttemptOutcome::kFailed, DesiredState::kRunning), Badge::kFailed,
      "ENGINE_FAILED");
  add("lost", Ended(AttemptOutcome::kLost, DesiredState::kRunning), Badge::kFailed, "LOST");
  add("suspended", Ended(AttemptOutcome::kSuspended, DesiredState::kSuspended), Badge::kSuspended,
      "SUSPENDED");
  add("suspended elsewhere", Ended(AttemptOutcome::kSuspended, DesiredState::kRunning),
      Badge::kSuspended, "SUSPENDED_ELSEWHERE");
  add("stopped", Ended(AttemptOutcome::kStopped, DesiredState::kStopped), Badge::kStopped,
      "STOPPED");
  add("cancelled elsewhere", Ended(AttemptOutcome::kStopped, DesiredState::kRunning),
      Badge::kStopped, "STOPPED_ELSEWHERE");
  add("stopped where it was suspended", Ended(AttemptOutcome::kStopped, DesiredState::kSuspended),
      Badge::kSuspended, "SUSPENDED");
  JobState quarantined = Ended(AttemptOutcome::kFailed, DesiredState::kRunning);
  quarantined.job.standing = Standing{Standing::Kind::kQuarantined, "spent", {}};
  add("automation gave up", quarantined, Badge::kQuarantined, "QUARANTINED");
  JobState asked = Ended(AttemptOutcome::kLost, DesiredState::kRunning);
  asked.job.standing = Standing{Standing::Kind::kAsks, "no-state", {}};
  add("automation asks", asked, Badge::kNeedsYou, "AUTOMATION_ASKS");
  JobState stopped_since = quarantined;
  stopped_since.job.desired = DesiredState::kStopped;
  add("automation gave up, nobody wants it", stopped_since, Badge::kFailed, "ENGINE_FAILED");
  JobState waits = Ended(AttemptOutcome::kFailed, DesiredState::kRunning);
  waits.job.recovery = {.ends = 2, .due = base::Timestamp()};
  add("a restart waits", waits, Badge::kRestarting, "RESTART_DUE");
  JobState elsewhere = Ended(AttemptOutcome::kStopped, DesiredState::kRunning);
  elsewhere.job.recovery = waits.job.recovery;
  add("a restart waited before somebody stopped it", elsewhere, Badge::kStopped,
      "STOPPED_ELSEWHERE");
  JobState loops = LiveWith(2, 2);
  loops.job.standing = Standing{Standing::Kind::kQuarantined, "loop", {}};
  add("automation gave up what loops", loops, Badge::kQuarantined, "QUARANTINED");
  add("deleted", Ended(AttemptOutcome::kStopped, DesiredState::kDeleted), Badge::kStopped,
      "DELETED");
  // no operation, live
  add("not seen", Live(std::nullopt), Badge::kStarting, "NOT_SEEN_YET");
  add("pending", Live(EngineState::kPending), Badge::kStarting, "WAITING_FOR_TASKS");
  add("in part", LiveWith(1, 2), Badge::kStarting, "WAITING_FOR_TASKS");
  JobState again = LiveWith(1, 2);
  again.attempt->ran = true;
  add("in part again", again, Badge::kRestarting, "TASKS_RESTARTING");
  add("running", LiveWith(2, 2), Badge::kRunning, "RUNNING");
  JobState some_done = LiveWith(1, 2);
  some_done.observed.tasks->finished = 1;
  add("some tasks finished", some_done, Badge::kRunning, "RUNNING");
  JobState failing = LiveWith(2, 2);
  failing.health.checkpoint_failures_in_a_row = 3;
  add("checkpoints fail", failing, Badge::kDegraded, "CHECKPOINTS_FAIL");
  JobState two_failed = LiveWith(2, 2);
  two_failed.health.checkpoint_failures_in_a_row = 2;
  add("two checkpoints failed", two_failed, Badge::kRunning, "RUNNING");
  JobState restless = LiveWith(2, 2);
  restless.health.restarts_lately = 3;
  add("restarts often", restless, Badge::kDegraded, "RESTARTS_OFTEN");
  add("restarting", Live(EngineState::kRestarting), Badge::kRestarting, "ENGINE_RESTARTING");
  add("JobManager changes", Live(EngineState::kSuspended), Badge::kRestarting,
      "JOB_MANAGER_CHANGING");
  add("stopping elsewhere", Live(EngineState::kStopping), Badge::kStopping, "ENGINE_STOPPING");
  add("failed, not recorded", Live(EngineState::kFailed), Badge::kFailed, "ENGINE_FAILED");
  add("finished, not recorded", Live(EngineState::kFinished), Badge::kFinished, "FINISHED");
  add("cancelled, not recorded", Live(EngineState::kCanceled), Badge::kStopped,
      "STOPPED_ELSEWHERE");
  JobState silent = LiveWith(2, 2);
  silent.observed.reachability = Reachability::kUnreachable;
  add("unreachable", silent, Badge::kUnreachable, "UNREACHABLE");
  JobState unwanted = LiveWith(2, 2);
  unwanted.job.desired = DesiredState::kSuspended;
  add("runs unwanted", unwanted, Badge::kNeedsYou, "RUNS_UNWANTED");
  // operations in flight
  add("releasing", With(Idle(), OperationKind::kRelease, "COMPILE"), Badge::kReleasing,
      "RELEASING");
  add("releasing while it runs", With(LiveWith(2, 2), OperationKind::kRelease, "COMPILE"),
      Badge::kRunning, "RUNNING");
  add("starting", With(Idle(), OperationKind::kStart, "SUBMIT"), Badge::kStarting, "STARTING");
  add("starting after a failure", With(start_failed, OperationKind::kStart, "SLOTS"),
      Badge::kStarting, "STARTING");
  add("saving", With(LiveWith(2, 2), OperationKind::kSavepoint, "AWAIT_SAVEPOINT"), Badge::kSaving,
      "SAVING");
  add("stopping with savepoint", With(LiveWith(2, 2), OperationKind::kStop, "SAVEPOINT", "YES"),
      Badge::kStopping, "STOPPING_WITH_SAVEPOINT");
  add("draining", With(LiveWith(2, 2), OperationKind::kStop, "SAVEPOINT", "DRAIN"),
      Badge::kStopping, "STOPPING_WITH_SAVEPOINT");
  add("stopping", With(LiveWith(2, 2), OperationKind::kStop, "CANCEL", "NO"), Badge::kStopping,
      "STOPPING");
  add("deleting", With(LiveWith(2, 2), OperationKind::kDelete, "CANCEL"), Badge::kStopping,
      "DELETING");
  add("restart, releasing", With(LiveWith(2, 2), OperationKind::kRestart, "COMPILE", "YES"),
      Badge::kRunning, "RUNNING");
  add("restart, stopping", With(LiveWith(2, 2), OperationKind::kRestart, "AWAIT_END", "YES"),
      Badge::kStopping, "STOPPING_WITH_SAVEPOINT");
  add("restart, starting",
      With(Ended(AttemptOutcome::kSuspended, DesiredState::kRunning), OperationKind::kRestart,
           "SUBMIT", "YES"),
      Badge::kStarting, "STARTING");
  add("stopping, cluster silent", With(silent, OperationKind::kStop, "SAVEPOINT", "YES"),
      Badge::kStopping, "STOPPING_WITH_SAVEPOINT");
  return rows;
}

TEST(Badge, FollowsItsTable) {
  for (const Row& row : Table()) {
    const BadgeVerdict verdict = JudgeBadge(row.facts);
    EXPECT_EQ(ToString(verdict.badge), ToString(row.badge)) << row.name;
    EXPECT_EQ(verdict.reason.code, row.reason) << row.name;
  }
}

/// Every combination of the facts, likely or not.
template <typename Visit>
void ForEachCombination(Visit visit) {
  const std::vector<std::optional<EngineState>> seen = {
      std::nullopt,           EngineState::kPending,
      EngineState::kRunning,  EngineState::kRestarting,
      EngineState::kStopping, EngineState::kFinished,
      EngineState::kFailed,   EngineState::kCanceled,
      EngineState::kSuspended};
  const std::vector<std::optional<OperationKind>> operations = {
      std::nullopt,          OperationKind::kRelease, OperationKind::kStart,
      OperationKind::kStop,  OperationKind::kRestart, OperationKind::kSavepoint,
      OperationKind::kDelete};
  for (int desired = 0; desired < 4; ++desired) {
    for (int outcome = -1; outcome < 7; ++outcome) {
      for (const auto& state : seen) {
        for (int reachability = 0; reachability < 4; ++reachability) {
          for (const auto& operation : operations) {
            for (const char* step : {"", "CHECK", "AWAIT_SAVEPOINT", "RUN"}) {
              JobState facts = Idle();
              facts.job.desired = static_cast<DesiredState>(desired);
              if (outcome >= 0) {
                facts.attempt = Attempt{.id = "a", .outcome = static_cast<AttemptOutcome>(outcome)};
              }
              facts.observed.state = state;
              facts.observed.reachability = static_cast<Reachability>(reachability);
              if (operation) {
                facts = With(std::move(facts), *operation, step, "YES");
              }
              visit(facts);
            }
          }
        }
      }
    }
  }
}

TEST(Badge, EveryCombinationHasOneSentenceAndKeepsThePromises) {
  std::set<Badge> met;
  ForEachCombination([&](const JobState& facts) {
    const BadgeVerdict verdict = JudgeBadge(facts);
    met.insert(verdict.badge);
    ASSERT_FALSE(verdict.reason.code.empty());
    ASSERT_FALSE(verdict.reason.message.empty());
    ASSERT_EQ(verdict.reason.message.find('\n'), std::string::npos);
    const bool terminal = facts.observed.state && engines::IsTerminal(*facts.observed.state);
    if (verdict.badge == Badge::kRunning) {
      // Running is never claimed of what nobody has seen running.
      ASSERT_TRUE(facts.live());
      ASSERT_EQ(facts.observed.state, EngineState::kRunning);
      ASSERT_NE(facts.observed.reachability, Reachability::kUnreachable);
    }
    if (facts.live() && !facts.operation && !terminal &&
        facts.observed.reachability == Reachability::kUnreachable &&
        facts.job.desired != DesiredState::kDeleted) {
      ASSERT_EQ(verdict.badge, Badge::kUnreachable);  // never a verdict on the job
    }
    if (verdict.badge == Badge::kFailed && !facts.operation && facts.live()) {
      ASSERT_EQ(facts.observed.state, EngineState::kFailed);
    }
  });
  for (const Badge badge :
       {Badge::kDraft, Badge::kReleasing, Badge::kStarting, Badge::kRunning, Badge::kRestarting,
        Badge::kUnreachable, Badge::kSaving, Badge::kStopping, Badge::kSuspended, Badge::kStopped,
        Badge::kFinished, Badge::kFailed, Badge::kNeedsYou}) {
    EXPECT_TRUE(met.contains(badge)) << ToString(badge);
  }
}

TEST(Actions, AreCompleteAndSayWhyNot) {
  ForEachCombination([&](const JobState& facts) {
    const std::vector<ActionVerdict> actions = JudgeActions(facts);
    ASSERT_EQ(actions.size(), static_cast<std::size_t>(kJobActionCount));
    for (int i = 0; i < kJobActionCount; ++i) {
      ASSERT_EQ(actions[static_cast<std::size_t>(i)].action, static_cast<JobAction>(i));
      if (!actions[static_cast<std::size_t>(i)].allowed) {
        ASSERT_FALSE(actions[static_cast<std::size_t>(i)].reason.empty());
      }
    }
    const bool start = actions[static_cast<std::size_t>(JobAction::kStart)].allowed;
    ASSERT_FALSE(start && facts.live()) << "never two live attempts";
    ASSERT_FALSE(start && facts.operation) << "at most one operation";
  });
}

TEST(Badge, UrgencyIsAnOrder) {
  std::set<int> places;
  for (int i = 0; i < kBadgeCount; ++i) {
    const auto badge = static_cast<Badge>(i);
    places.insert(UrgencyOf(badge));
    EXPECT_EQ(ParseBadge(ToString(badge)), badge);
  }
  EXPECT_EQ(places.size(), static_cast<std::size_t>(kBadgeCount));
  EXPECT_TRUE(NeedsAttention(Badge::kFailed));
  EXPECT_FALSE(NeedsAttention(Badge::kRunning));
}

}  // namespace
}  // namespace streampark::console
