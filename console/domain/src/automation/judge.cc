// SPDX-License-Identifier: Apache-2.0
#include "automation/judge.h"

#include <algorithm>

namespace streampark::console {
namespace {

Judgement Say(const JudgedFacts& facts, DecisionKind kind, std::string_view rule) {
  return {kind, rule, facts.recovery, std::nullopt};
}

Judgement Nothing(const JudgedFacts& facts, std::string_view rule) {
  return Say(facts, DecisionKind::kNothing, rule);
}

bool IsNew(const JudgedFacts& facts) {
  return facts.end && facts.end->id != facts.recovery.answered;
}

Judgement JudgeEnd(const JudgedFacts& facts) {
  Judgement judged = Say(facts, DecisionKind::kWait, "ended");
  if (IsNew(facts)) {
    judged.recovery.answered = facts.end->id;
    ++judged.recovery.ends;
    judged.recovery.due = facts.now + BackoffOf(facts.policy, judged.recovery.ends);
  }
  if (judged.recovery.due && *judged.recovery.due > facts.now) {
    judged.again = judged.recovery.due;
    return judged;
  }
  judged.kind = DecisionKind::kRestart;
  judged.recovery.due.reset();
  return judged;
}

Judgement JudgeLoop(const JudgedFacts& facts) {
  if (facts.recovery.looped) {
    return Say(facts, DecisionKind::kQuarantine, "loop");
  }
  Judgement judged = Say(facts, DecisionKind::kRestart, "loop");
  judged.recovery.looped = true;
  return judged;
}

Judgement JudgeWell(const JudgedFacts& facts) {
  Judgement judged = Nothing(facts, "well");
  const Recovery& window = facts.recovery;
  const bool open = window.ends > 0 || window.looped || window.due;
  if (!facts.runs || !facts.healthy_since || !open) {
    return judged;
  }
  const base::Timestamp stable_at = *facts.healthy_since + facts.stable_after;
  if (stable_at > facts.now) {
    judged.again = stable_at;
    return judged;
  }
  judged.rule = "stable";
  judged.recovery = {.fenced_at = window.fenced_at};
  return judged;
}

}  // namespace

base::Millis BackoffOf(const RestartPolicy& policy, int n) {
  base::Millis wait = policy.first;
  for (int i = 1; i < n && wait < policy.longest; ++i) {
    wait *= 2;
  }
  return std::min(wait, policy.longest);
}

Judgement Judge(const JudgedFacts& facts) {
  if (facts.paused) {
    return Nothing(facts, "paused");
  }
  if (facts.in_flight) {
    return Nothing(facts, "in-flight");
  }
  if (!facts.answers) {
    return Nothing(facts, "silent");
  }
  if (!facts.wanted && facts.runs) {
    Judgement judged = Say(facts, DecisionKind::kFence, "fence");
    judged.recovery.fenced_at = facts.now;
    return judged;
  }
  if (!facts.wanted) {
    return Nothing(facts, "unwanted");
  }
  if (facts.standing) {
    return Nothing(facts, "standing");
  }
  if (facts.policy.attempts == 0) {
    return Nothing(facts, "never");
  }
  if (facts.end && facts.end->why == End::Why::kHopeless) {
    return Say(facts, DecisionKind::kAsk, "hopeless");
  }
  const bool loops = facts.runs && facts.loops;
  const bool nothing_to_restore = facts.has_state && !facts.restorable;
  if ((facts.end && facts.end->why == End::Why::kNoChoice) ||
      ((facts.end || loops) && nothing_to_restore)) {
    return Say(facts, DecisionKind::kAsk, "no-state");
  }
  if (IsNew(facts) && facts.recovery.ends >= facts.policy.attempts) {
    return Say(facts, DecisionKind::kQuarantine, "spent");
  }
  if (facts.end) {
    return JudgeEnd(facts);
  }
  return loops ? JudgeLoop(facts) : JudgeWell(facts);
}

}  // namespace streampark::console
