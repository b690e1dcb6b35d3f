// SPDX-License-Identifier: Apache-2.0
#include "automation/automation.h"

#include <algorithm>

#include "streampark/base/json.h"
#include "streampark/base/log.h"

#include "automation/facts.h"

namespace streampark::console {
namespace {

constexpr std::string_view kLine = "automation";

const Requester& Self() {
  static const Requester self{"automation", "automation", Requester::Via::kAutomation};
  return self;
}

/// Where it lives, or lived last; before that, where it is to.
const std::string& ClusterOf(const JobState& state) {
  return state.attempt ? state.attempt->cluster_id : state.job.cluster_id;
}

void LogFailure(const char* what, const std::string& job_id, const base::Error& error) {
  base::LogError(what, {{"job", job_id}, {"error", error}});
}

bool Sends(DecisionKind kind) {
  return kind == DecisionKind::kRestart || kind == DecisionKind::kFence;
}

}  // namespace

base::Status Automation::Load() {
  std::vector<Pause> pauses = SP_TRY(store_.ListPauses());
  std::vector<Attention> open = SP_TRY(store_.ListOpenAttentions());
  std::vector<Decision> pending = SP_TRY(store_.ListPending());
  const std::lock_guard lock(mutex_);
  for (Pause& one : pauses) {
    pauses_[{one.scope, one.subject_id}] = std::move(one);
  }
  for (Attention& one : open) {
    attentions_[one.job_id][one.rule] = std::move(one);
  }
  for (Decision& one : pending) {
    pending_[one.job_id] = std::move(one);
  }
  return base::Ok();
}

void Automation::Start() {
  {
    const std::lock_guard lock(mutex_);
    for (const JobViewPtr& view : system_.board.Select([](const JobView&) { return true; })) {
      changed_.insert(view->state.job.id);
    }
  }
  turns_.Begin(std::string(kLine), [this](const std::stop_token& stop) { return Turn(stop); });
}

void Automation::Changed(const std::string& job_id) {
  {
    const std::lock_guard lock(mutex_);
    changed_.insert(job_id);
  }
  turns_.Wake(kLine);
}

base::Millis Automation::Turn(const std::stop_token& stop) {
  for (const std::string& job_id : TakeDue()) {
    if (stop.stop_requested()) {
      break;
    }
    Consider(job_id);
  }
  const std::lock_guard lock(mutex_);
  base::Millis wait = Turns::kWhenWoken;
  const base::Timestamp now = system_.clock.Now();
  for (const auto& [job_id, at] : due_) {
    wait = std::min(wait, std::max(at - now, base::Millis(0)));
  }
  return wait;
}

std::vector<std::string> Automation::TakeDue() {
  const base::Timestamp now = system_.clock.Now();
  const std::lock_guard lock(mutex_);
  std::vector<std::string> due(changed_.begin(), changed_.end());
  for (auto one = due_.begin(); one != due_.end();) {
    const bool come = one->second <= now;
    if (come && !changed_.contains(one->first)) {
      due.push_back(one->first);
    }
    one = come || changed_.contains(one->first) ? due_.erase(one) : std::next(one);
  }
  changed_.clear();
  return due;
}

void Automation::LookAgain(const std::string& job_id, base::Timestamp at) {
  const std::lock_guard lock(mutex_);
  const auto [place, added] = due_.try_emplace(job_id, at);
  place->second = std::min(place->second, at);
}

void Automation::Consider(const std::string& job_id) {
  const JobViewPtr view = system_.board.Find(job_id);
  if (view == nullptr) {
    Drop(job_id);
    return;
  }
  const AutomationLimits& limits = system_.options.automation;
  const auto gathered = GatherFacts(system_, view->state, IsPaused(view->state));
  if (!gathered.ok()) {
    LogFailure("a job could not be judged", job_id, gathered.error());
    LookAgain(job_id, system_.clock.Now() + limits.after_refusal);
    return;
  }
  const JudgedFacts& facts = gathered->judged;
  if (facts.paused) {
    Withdraw(job_id);
  } else {
    SendPending(*view, facts.answers || view->state.operation);
  }
  const Judgement judged = Judge(facts);
  const auto held = not_before_.find(job_id);
  const bool waits = held != not_before_.end() && held->second > facts.now;
  const bool acts = Sends(judged.kind) && !pending_.contains(job_id);
  const bool says = judged.kind == DecisionKind::kQuarantine || judged.kind == DecisionKind::kAsk;
  if (waits) {
    LookAgain(job_id, held->second);
  } else if (acts || says || (!Sends(judged.kind) && judged.recovery != facts.recovery)) {
    Decide(job_id);
  }
  const AttentionVerdict attention = Attentions(gathered->attention);
  Attend(*view, attention.rules);
  for (const auto& at : {judged.again, attention.again, gathered->overdue_at}) {
    if (at && *at > facts.now) {
      LookAgain(job_id, *at);
    }
  }
  // Of these nobody tells when they are over.
  const bool unseen = judged.rule == "silent" || judged.rule == "in-flight";
  if (pending_.contains(job_id) || (unseen && (facts.end || (!facts.wanted && facts.runs)))) {
    LookAgain(job_id, facts.now + limits.look_again);
  }
}

void Automation::Decide(const std::string& job_id) {
  std::optional<Decision> made;
  const auto edited = system_.book.Edit(job_id, [&](JobEdit& edit) -> base::Status {
    JobState& state = edit.state;
    JudgedFacts facts = SP_TRY(GatherFacts(system_, state, IsPaused(state))).judged;
    const Judgement judged = Judge(facts);
    const bool other = judged.recovery != facts.recovery;
    const bool only_again = judged.kind == DecisionKind::kWait && !other;
    if ((judged.kind == DecisionKind::kNothing || only_again) && !other) {
      return base::Ok();
    }
    state.job.recovery = judged.recovery;
    facts.recovery = judged.recovery;  // what is told counts this end
    if (judged.kind == DecisionKind::kQuarantine || judged.kind == DecisionKind::kAsk) {
      state.job.standing = Standing{
          judged.kind == DecisionKind::kAsk ? Standing::Kind::kAsks : Standing::Kind::kQuarantined,
          std::string(judged.rule), facts.now};
    }
    edit.SaveJob();
    if (judged.kind == DecisionKind::kNothing) {
      return base::Ok();
    }
    Decision decision{.id = system_.ids.Next(),
                      .job_id = job_id,
                      .team_id = state.job.team_id,
                      .kind = judged.kind,
                      .rule = std::string(judged.rule),
                      .facts = FactsToText(state, facts),
                      .at = facts.now,
                      .due = judged.kind == DecisionKind::kWait ? judged.again : std::nullopt};
    if (Sends(judged.kind)) {
      decision.command =
          json::serialize(CommandToJson(SP_TRY(CommandOf(system_, state, judged.kind))));
    }
    edit.changes.decisions.push_back(decision);
    made = std::move(decision);
    return base::Ok();
  });
  if (!edited.ok()) {
    LogFailure("a decision could not be saved", job_id, edited.error());
    LookAgain(job_id, system_.clock.Now() + system_.options.automation.after_refusal);
    return;
  }
  if (!made) {
    return;
  }
  base::LogInfo("automation has decided", {{"job", job_id},
                                           {"decision", made->id},
                                           {"kind", ToString(made->kind)},
                                           {"rule", made->rule}});
  Tell(*made);
  if (made->pending()) {
    pending_[job_id] = *std::move(made);
    SendPending(**edited, true);
  }
}

void Automation::SendPending(const JobView& view, bool answers) {
  const std::string& job_id = view.state.job.id;
  const auto found = pending_.find(job_id);
  if (found == pending_.end() || !answers) {
    return;
  }
  Decision& decision = found->second;
  const auto command = CommandFromText(decision.command);
  const base::Result<Operation> sent = command.ok()
                                           ? jobs_.Command(job_id, *command, Self(), decision.id)
                                           : base::Result<Operation>(command.error());
  if (sent.ok()) {
    decision.operation_id = sent->id;
  } else if (sent.error().code() == base::ErrorCode::kStorageFull ||
             sent.error().code() == base::ErrorCode::kStorageFailed) {
    return;  // sent again with the same key
  } else {
    decision.refusal = sent.error().ToString();
    not_before_[job_id] = system_.clock.Now() + system_.options.automation.after_refusal;
    LookAgain(job_id, not_before_[job_id]);
  }
  if (const base::Status saved = store_.Save(decision); !saved.ok()) {
    LogFailure("a decision's outcome could not be saved", job_id, saved.error());
  }
  Tell(decision);
  pending_.erase(found);
}

void Automation::Withdraw(const std::string& job_id) {
  const auto found = pending_.find(job_id);
  if (found == pending_.end()) {
    return;
  }
  found->second.refusal = "automation was paused before the command was sent";
  if (const base::Status saved = store_.Save(found->second); !saved.ok()) {
    LogFailure("a decision's outcome could not be saved", job_id, saved.error());
    return;  // it is withdrawn when it is looked at again
  }
  Tell(found->second);
  pending_.erase(found);
}

void Automation::Tell(const Decision& decision) const {
  if (listeners_.decided) {
    listeners_.decided(decision);
  }
}

void Automation::Attend(const JobView& view, const std::set<AttentionRule>& rules) {
  const Job& job = view.state.job;
  std::vector<Attention> changes;
  {
    const std::lock_guard lock(mutex_);
    const auto known = attentions_.find(job.id);
    if (known == attentions_.end() && rules.empty()) {
      return;
    }
    const std::map<AttentionRule, Attention> none;
    const auto& open = known == attentions_.end() ? none : known->second;
    const base::Timestamp now = system_.clock.Now();
    for (const auto& [rule, attention] : open) {
      if (!rules.contains(rule)) {
        changes.push_back(attention);
        changes.back().resolved_at = now;
      }
    }
    for (const AttentionRule rule : rules) {
      if (!open.contains(rule)) {
        changes.push_back({system_.ids.Next(), job.id, job.team_id, rule, now, std::nullopt});
      }
    }
  }
  if (changes.empty()) {
    return;
  }
  if (const base::Status saved = store_.Save(changes); !saved.ok()) {
    LogFailure("attentions could not be saved", job.id, saved.error());
    LookAgain(job.id, system_.clock.Now() + system_.options.automation.after_refusal);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    auto& open = attentions_[job.id];
    for (const Attention& one : changes) {
      if (one.resolved_at) {
        open.erase(one.rule);
      } else {
        open[one.rule] = one;
      }
    }
    if (open.empty()) {
      attentions_.erase(job.id);
    }
  }
  for (const Attention& one : changes) {
    if (listeners_.attended) {
      listeners_.attended(one);
    }
  }
}

void Automation::Drop(const std::string& job_id) {
  pending_.erase(job_id);
  not_before_.erase(job_id);
  const std::lock_guard lock(mutex_);
  due_.erase(job_id);
  attentions_.erase(job_id);
  pauses_.erase({Pause::Scope::kJob, job_id});
}

base::Result<StoredPage<Decision>> Automation::Decisions(std::string_view job_id, int limit,
                                                         std::string_view after) {
  return store_.ListDecisions(job_id, limit, after);
}

std::vector<Attention> Automation::OpenAttentions(const TeamSet& teams) const {
  std::vector<Attention> open;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [job_id, by_rule] : attentions_) {
      for (const auto& [rule, one] : by_rule) {
        if (teams.Contains(one.team_id)) {
          open.push_back(one);
        }
      }
    }
  }
  std::sort(open.begin(), open.end(), [](const Attention& a, const Attention& b) {
    return std::pair(a.opened_at, a.id) > std::pair(b.opened_at, b.id);
  });
  return open;
}

bool Automation::IsPaused(const JobState& state) const {
  const std::lock_guard lock(mutex_);
  return !pauses_.empty() && (pauses_.contains({Pause::Scope::kFleet, ""}) ||
                              pauses_.contains({Pause::Scope::kJob, state.job.id}) ||
                              pauses_.contains({Pause::Scope::kCluster, ClusterOf(state)}));
}

std::vector<Pause> Automation::HoldsOn(Pause::Scope scope, std::string_view subject_id) const {
  std::vector<Subject> subjects;
  switch (scope) {
    case Pause::Scope::kJob:
      subjects.emplace_back(Pause::Scope::kJob, subject_id);
      if (const JobViewPtr view = system_.board.Find(subject_id)) {
        subjects.emplace_back(Pause::Scope::kCluster, ClusterOf(view->state));
      }
      break;
    case Pause::Scope::kCluster:
      subjects.emplace_back(Pause::Scope::kCluster, subject_id);
      break;
    case Pause::Scope::kFleet:
      break;
  }
  subjects.emplace_back(Pause::Scope::kFleet, "");
  std::vector<Pause> holds;
  const std::lock_guard lock(mutex_);
  for (const Subject& one : subjects) {
    if (const auto found = pauses_.find(one); found != pauses_.end()) {
      holds.push_back(found->second);
    }
  }
  return holds;
}

base::Status Automation::Hold(Pause pause) {
  SP_TRY(store_.Save(pause));
  const Subject subject{pause.scope, pause.subject_id};
  {
    const std::lock_guard lock(mutex_);
    pauses_[subject] = std::move(pause);
  }
  HoldChanged(subject.first, subject.second);
  return base::Ok();
}

base::Status Automation::Release(Pause::Scope scope, std::string_view subject_id) {
  SP_TRY(store_.RemovePause(scope, subject_id));
  {
    const std::lock_guard lock(mutex_);
    pauses_.erase({scope, std::string(subject_id)});
  }
  HoldChanged(scope, std::string(subject_id));
  return base::Ok();
}

void Automation::HoldChanged(Pause::Scope scope, const std::string& subject_id) {
  std::string team_id;
  for (const JobViewPtr& view : system_.board.Select([&](const JobView& one) {
         return scope == Pause::Scope::kFleet ||
                (scope == Pause::Scope::kJob ? one.state.job.id : ClusterOf(one.state)) ==
                    subject_id;
       })) {
    team_id = scope == Pause::Scope::kJob ? view->state.job.team_id : "";
    Changed(view->state.job.id);
  }
  if (listeners_.held) {
    listeners_.held(scope, subject_id, team_id);
  }
}

}  // namespace streampark::console
