// SPDX-License-Identifier: Apache-2.0
#include "promises.h"

#include <algorithm>

namespace streampark::faults {
namespace {

using console::OperationState;
using store::testing::Call;
using store::testing::FakeEngine;
using store::testing::JobLife;

bool Acts(const Call& call) {
  return call.name == "SUBMIT" || call.name == "TRIGGER" || call.name == "CANCEL" ||
         call.name == "DELETE_SNAPSHOT";
}

/// A repeat of these is safe for the engine's own dedup alone; ours has to look first. A cancel or a
/// deletion of what is gone has no second effect.
bool NeedsALook(const Call& call) { return call.name == "SUBMIT" || call.name == "TRIGGER"; }

std::vector<console::JobViewPtr> All(JobLife& life) {
  return life.jobs().board().Select([](const console::JobView&) { return true; });
}

}  // namespace

void Promises::Break(const std::string& what) {
  if (broken_.empty()) {
    broken_ = what;
  }
}

void Promises::Asked(JobLife& life, const Call& call) {
  if (!Acts(call)) {
    return;
  }
  CheckIntent(life, call);
  if (call.name == "CANCEL") {
    CheckFence(life, call.key);
  }
  if (call.name == "DELETE_SNAPSHOT") {
    CheckDeletion(life, call.key);
  }
  if (NeedsALook(call) && !untold_.insert(std::string(call.name) + " " + call.key).second) {
    Break(std::string(call.name) + " " + call.key + " is repeated without a look");
  }
}

void Promises::Answered(const Call& call) {
  if (call.name == "FIND") {
    untold_.erase("SUBMIT " + call.key);
  } else if (call.name == "OBSERVE_TRIGGER") {
    untold_.erase("TRIGGER " + call.key);
  }
}

void Promises::CheckFence(JobLife& life, const std::string& engine_job_id) {
  using Scope = console::Pause::Scope;
  const auto newest = life.jobs().board().FindByEngineId(engine_job_id);
  if (newest != nullptr) {
    if (!newest->state.operation) {
      Break("the newest attempt " + engine_job_id + " is cancelled by nobody's word");
    }
    return;
  }
  const auto older = life.jobs().store().FindAttemptByEngineId(engine_job_id);
  if (older.ok() && *older &&
      !life.jobs().automation().HoldsOn(Scope::kJob, (*older)->job_id).empty() &&
      life.jobs().board().Find((*older)->job_id) != nullptr &&
      !life.jobs().board().Find((*older)->job_id)->state.operation) {
    Break("the older attempt " + engine_job_id + " is ended while automation is paused");
  }
}

void Promises::CheckIntent(JobLife& life, const Call& call) {
  auto reader = life.database().Read();
  if (!reader.ok()) {
    return;
  }
  // A deletion may be done by two at once, and has been by one of them then.
  const auto open = (*reader)->SelectOne(
      "SELECT COUNT(*) FROM journal WHERE act_key = ? AND (state = 'OPEN' OR verb = "
      "'DELETE_SNAPSHOT')",
      [](const store::Row& row) { return row.integer(0); }, call.key);
  if (open.ok() && *open && **open == 0) {
    Break(std::string(call.name) + " " + call.key + " without its intent");
  }
}

void Promises::CheckDeletion(JobLife& life, const std::string& path) {
  for (const console::JobViewPtr& view : All(life)) {
    const console::JobState& state = view->state;
    const auto resumed = life.jobs().store().FindSnapshot(state.job.resume_snapshot_id);
    if (resumed.ok() && *resumed && (*resumed)->path == path &&
        state.job.desired != console::DesiredState::kDeleted) {
      Break(path + " is deleted, and the next start of " + state.job.id + " needs it");
    }
    if (state.operation) {
      const auto operation = life.operations().Find(state.operation->id);
      if (operation.ok() && *operation && (*operation)->memory.contains("restore") &&
          (*operation)->memory.at("restore") == path) {
        Break(path + " is deleted under a start that restores it");
      }
    }
  }
  for (const auto& [id, job] : engine_.jobs) {
    if (!engines::IsTerminal(job.state) && !job.ran_again && job.restored_from == path) {
      Break(path + " is deleted, and the living " + id + " was restored from it");
    }
  }
}

void Promises::Accepted(const std::string& job_id, const std::string& key, const std::string& text,
                        const console::Operation& operation) {
  commands_[key] = {job_id, text, operation.id};
  if (operation.kind == console::OperationKind::kStart ||
      operation.kind == console::OperationKind::kRestart) {
    if (text.find("NOTHING") != std::string::npos) {
      empty_by_choice_.insert(job_id);
    } else {
      empty_by_choice_.erase(job_id);
    }
  }
}

void Promises::Repeated(const std::string& key, const base::Result<console::Operation>& answer) {
  const Command& first = commands_.at(key);
  if (!answer.ok()) {
    Break("the repeat of " + key + " is refused: " + answer.error().ToString());
  } else if (answer->id != first.operation_id) {
    Break("the repeat of " + key + " is another operation");
  }
}

void Promises::Announced(JobLife* life, const console::Operation& operation) {
  const bool begins = known_.insert(operation.id).second;
  if (begins && life != nullptr &&
      operation.requested_by.via == console::Requester::Via::kAutomation &&
      !life->jobs()
           .automation()
           .HoldsOn(console::Pause::Scope::kJob, operation.subject.id)
           .empty()) {
    Break("automation begins " + operation.id + " while it is paused");
  }
  if (operation.state == OperationState::kSucceeded) {
    succeeded_.push_back(operation.id);
  }
}

void Promises::CheckSubmits() {
  for (; submits_checked_ < engine_.submitted.size(); ++submits_checked_) {
    const auto found = engine_.jobs.find(engine_.submitted[submits_checked_]);
    if (found == engine_.jobs.end()) {
      continue;  // the JobManager died within the same turn
    }
    const FakeEngine::Job& job = found->second;
    if (job.restored_from.empty()) {
      const bool chosen = empty_by_choice_.contains(job.job_parameter);
      if (!chosen && stateful_.contains(job.job_parameter)) {
        Break(job.job_parameter + " has state and was started empty by itself");
      }
      stateful_.erase(job.job_parameter);
    } else if (std::find(engine_.deleted.begin(), engine_.deleted.end(), job.restored_from) !=
               engine_.deleted.end()) {
      Break(job.job_parameter + " was restored from a deleted snapshot");
    }
  }
}

void Promises::CheckTurn(JobLife& life) {
  CheckSubmits();
  std::map<std::string, int> alive;
  for (const auto& [id, job] : engine_.jobs) {
    if (job.job_parameter.empty()) {
      continue;  // not ours
    }
    if (!engines::IsTerminal(job.state) && !job.ran_again && ++alive[job.job_parameter] > 1) {
      Break("two attempts of " + job.job_parameter + " live");
    }
    // What one gathers that the engine runs again by itself was never to be.
    if (job.has_state && !job.ran_again) {
      stateful_.insert(job.job_parameter);
    }
  }
  for (const console::JobViewPtr& view : All(life)) {
    const auto& attempt = view->state.attempt;
    const auto job = attempt ? engine_.jobs.find(attempt->engine_job_id) : engine_.jobs.end();
    if (job != engine_.jobs.end() && !engines::IsTerminal(job->second.state) &&
        !job->second.ran_again && attempt->ran &&
        attempt->outcome == console::AttemptOutcome::kLost) {
      Break("attempt " + attempt->engine_job_id + " is given up as lost, and lives");
    }
  }
  for (const std::string& id : std::exchange(succeeded_, {})) {
    const auto entries = life.operations().ListEntries(id);
    for (const console::JournalEntry& entry :
         entries.ok() ? *entries : decltype(entries)::value_type{}) {
      if (entry.state == console::JournalEntry::State::kOpen) {
        Break("operation " + id + " succeeded and left " + entry.verb + " open");
      }
    }
  }
}

void Promises::CheckNewLife(JobLife& life) {
  for (const auto& [key, command] : commands_) {
    const auto found = life.operations().Find(command.operation_id);
    if (!found.ok() || !*found) {
      Break("the accepted command " + key + " is not known any more");
    }
  }
}

void Promises::CheckEnd(JobLife& life) {
  for (const auto& [key, command] : commands_) {
    const auto found = life.operations().Find(command.operation_id);
    if (found.ok() && *found && (*found)->open()) {
      const console::Step* step = (*found)->running_step();
      Break("the accepted command " + key + " " + command.text + " never ends; it is in " +
            (step == nullptr ? "no step" : step->name + ": " + step->message));
    }
  }
  for (const console::JobViewPtr& view : All(life)) {
    if (OlderLives(view->state)) {
      Break("an older attempt of " + view->state.job.id + " lives in the end");
    }
    if (!IsShownAsItIs(view->state)) {
      Break("job " + view->state.job.id + " is shown as " +
            (view->state.live() ? "living" : "ended") + ", and the engine has " +
            std::to_string(engine_.Alive(view->state.job.id)));
    }
  }
}

bool Promises::OlderLives(const console::JobState& state) {
  engine_.Progress();
  return std::any_of(engine_.jobs.begin(), engine_.jobs.end(), [&](const auto& one) {
    return one.second.job_parameter == state.job.id && !engines::IsTerminal(one.second.state) &&
           (!state.attempt || state.attempt->engine_job_id != one.first);
  });
}

bool Promises::IsShownAsItIs(const console::JobState& state) {
  engine_.Progress();
  bool lives = false;
  for (const auto& [id, job] : engine_.jobs) {
    const bool newest = state.attempt && state.attempt->engine_job_id == id;
    lives |= job.job_parameter == state.job.id && !engines::IsTerminal(job.state) &&
             (newest || !job.ran_again);
  }
  return lives == state.live();
}

}  // namespace streampark::faults
