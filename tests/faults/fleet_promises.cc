// SPDX-License-Identifier: Apache-2.0
#include "fleet_promises.h"

#include <algorithm>

namespace streampark::faults {

using console::FleetItem;
using console::FleetKind;
using console::FleetOperation;
using console::OperationState;
using console::SubjectKind;
using store::testing::FakeMachine;
using store::testing::JobLife;

void FleetPromises::Break(const std::string& what) {
  if (broken_.empty()) {
    broken_ = what;
  }
}

std::set<std::string> FleetPromises::Noted(JobLife& life) {
  std::set<std::string> noted;
  const auto loaded = life.managed()->fleet_store.LoadSuspended().value();
  for (const console::FleetSubject& subject : loaded) {
    noted.insert(subject.id);
  }
  return noted;
}

bool FleetPromises::IsWantedRunning(JobLife& life, const std::string& id) {
  if (const auto cluster = life.managed()->clusters->Find(id)) {
    return cluster->desired == console::ClusterDesired::kRunning;
  }
  const auto job = life.jobs().board().Find(id);
  return job != nullptr && job->state.job.desired == console::DesiredState::kRunning;
}

bool FleetPromises::DecidedSince(const Command& command, const std::string& id) const {
  const auto found = decided_.find(id);
  return found != decided_.end() && found->second > command.decisions;
}

bool FleetPromises::IsBusy() const {
  return std::any_of(commands_.begin(), commands_.end(),
                     [](const auto& one) { return !one.second.ended; });
}

std::string FleetPromises::KindOf(const std::string& operation_id) const {
  return std::string(ToString(commands_.at(by_id_.at(operation_id)).command.kind));
}

void FleetPromises::Accepted(JobLife& life, const std::string& key, console::FleetCommand command,
                             const FleetOperation& operation) {
  Command accepted{command, operation.id, decisions_, Noted(life)};
  const auto cluster = life.managed()->clusters->Find(life.cluster_id());
  const bool stands =
      cluster->operation == nullptr && cluster->desired == console::ClusterDesired::kRunning;
  for (const auto& view : life.jobs().board().Select([](const auto&) { return true; })) {
    const console::JobState& state = view->state;
    if (state.operation || (state.live() && !stands)) {
      continue;  // somebody's word of before may be carried out still
    }
    const bool runs = state.live() && IsWantedRunning(life, state.job.id);
    if (runs || !state.live()) {
      (runs ? accepted.ran : accepted.stood_still).insert(state.job.id);
    }
  }
  if (stands) {
    accepted.ran.insert(cluster->id);
  }
  if (command.kind == FleetKind::kResume) {
    accepted.ran = accepted.noted;
  }
  commands_[key] = accepted;
  by_id_[operation.id] = key;
}

void FleetPromises::Repeated(const std::string& key, const base::Result<FleetOperation>& answer) {
  if (!answer.ok()) {
    Break("the repeat of " + key + " is refused: " + answer.error().ToString());
  } else if (answer->id != commands_.at(key).operation_id) {
    Break("the repeat of " + key + " is another operation");
  }
}

void FleetPromises::CheckTurn(JobLife& life, const std::string& line) {
  if (const auto found = by_id_.find(line); found != by_id_.end()) {
    Look(life, commands_.at(found->second));
  }
}

void FleetPromises::CheckNewLife(JobLife& life) {
  for (auto& [key, command] : commands_) {
    Look(life, command);
  }
}

void FleetPromises::Look(JobLife& life, Command& command) {
  const auto found = life.managed()->fleet_store.Find(command.operation_id);
  if (!found.ok() || !*found) {
    Break("the accepted operation " + command.operation_id + " of the fleet is not known any more");
    return;
  }
  const FleetOperation& operation = **found;
  if (command.ended || console::IsOpen(operation.state)) {
    return;
  }
  command.ended = true;
  last_words_ = operation.error ? operation.error->message() : "";
  for (const FleetItem& item : operation.items) {
    last_words_ +=
        "; " + item.subject.id + " " + std::string(ToString(item.state)) + " " + item.message;
  }
  if (operation.state == OperationState::kFailed && !operation.error) {
    Break("the " + KindOf(operation.id) + " of the fleet failed and does not say why");
  }
  if (command.command.kind == FleetKind::kSuspend) {
    CheckSuspended(life, command, operation);
  } else {
    CheckResumed(life, command, operation);
  }
}

void FleetPromises::CheckSuspended(JobLife& life, const Command& command,
                                   const FleetOperation& operation) {
  const std::set<std::string> noted = Noted(life);
  const bool succeeded = operation.state == OperationState::kSucceeded;
  const auto& processes = machine_.processes();
  if (succeeded && !DecidedSince(command, life.cluster_id()) &&
      std::any_of(processes.begin(), processes.end(),
                  [](const FakeMachine::Process& one) { return !one.died; })) {
    Break("everything is suspended, and a process lives");
  }
  const auto item_of = [&](const std::string& id) -> const FleetItem* {
    const auto found = std::find_if(operation.items.begin(), operation.items.end(),
                                    [&](const FleetItem& item) { return item.subject.id == id; });
    return found == operation.items.end() ? nullptr : &*found;
  };
  for (const std::string& id : command.ran) {
    const FleetItem* item = item_of(id);
    if (DecidedSince(command, id)) {
      continue;
    }
    if (item == nullptr) {
      Break(id + " ran, and a SUSPEND of the fleet leaves it out");
      continue;
    }
    const bool dies = command.command.force && item->state == OperationState::kFailed;
    if (!IsWantedRunning(life, id) && !noted.contains(id) && !dies) {
      Break("the fleet has stopped " + id + ", and it is not noted");
    }
    if (succeeded && !command.command.force && IsWantedRunning(life, id)) {
      Break("everything is suspended, and " + id + " is wanted running");
    }
    if (!succeeded && !command.command.force && noted.contains(id) && !command.noted.contains(id) &&
        item->message.empty()) {
      Break("a SUSPEND of the fleet has failed and leaves " + id + " stopped without a word");
    }
  }
  for (const FleetItem& item : operation.items) {
    const std::string& id = item.subject.id;
    if (command.stood_still.contains(id) && noted.contains(id) && !command.noted.contains(id)) {
      Break(id + " did not run, and the fleet has noted it");
    }
  }
}

void FleetPromises::CheckResumed(JobLife& life, const Command& command,
                                 const FleetOperation& operation) {
  const std::set<std::string> noted = Noted(life);
  const bool succeeded = operation.state == OperationState::kSucceeded;
  for (const std::string& id : command.ran) {
    if (decided_.contains(id)) {
      // Since it was suspended: what a person said before was said of what ran.
      int suspended = 0;
      for (const auto& [key, other] : commands_) {
        if (other.command.kind == FleetKind::kSuspend && other.ran.contains(id) &&
            other.decisions <= command.decisions) {
          suspended = std::max(suspended, other.decisions);
        }
      }
      if (decided_.at(id) > suspended) {
        continue;
      }
    }
    if (!IsWantedRunning(life, id) && (succeeded || !noted.contains(id))) {
      Break("everything was resumed, and " + id +
            (noted.contains(id) ? " is not" : " is forgotten"));
    }
    if (succeeded && noted.contains(id)) {
      Break("everything was resumed, and " + id + " is noted as suspended still");
    }
  }
}

void FleetPromises::CheckEnd(JobLife& life) {
  CheckNewLife(life);
  for (const auto& [key, command] : commands_) {
    if (!command.ended) {
      Break("the accepted " + KindOf(command.operation_id) + " of the fleet never ends");
    }
  }
  for (const std::string& id : Noted(life)) {
    Break("in the end " + id + " is noted as suspended, and nothing resumes it: " + last_words_);
  }
}

}  // namespace streampark::faults
