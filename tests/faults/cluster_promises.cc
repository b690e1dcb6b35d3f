// SPDX-License-Identifier: Apache-2.0
#include "cluster_promises.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace streampark::faults {
namespace {

using console::OperationKind;
using console::OperationState;
using engines::ProcessRole;
using store::testing::FakeMachine;
using store::testing::JobLife;

std::string Recall(const console::Operation& operation, const std::string& key) {
  const auto found = operation.memory.find(key);
  return found == operation.memory.end() ? "" : found->second;
}

}  // namespace

void ClusterPromises::Break(const std::string& what) {
  if (broken_.empty()) {
    broken_ = what;
  }
}

int ClusterPromises::Living() const {
  return static_cast<int>(std::count_if(machine_.processes().begin(), machine_.processes().end(),
                                        [](const FakeMachine::Process& one) { return !one.died; }));
}

std::vector<std::string> ClusterPromises::Operations() const {
  std::vector<std::string> all = others_;
  for (const auto& [key, command] : commands_) {
    all.push_back(command.operation_id);
  }
  return all;
}

void ClusterPromises::Repeated(const std::string& key,
                               const base::Result<console::Operation>& answer) {
  if (!answer.ok()) {
    Break("the repeat of " + key + " is refused: " + answer.error().ToString());
  } else if (answer->id != commands_.at(key).operation_id) {
    Break("the repeat of " + key + " is another operation");
  }
}

void ClusterPromises::Announced(const console::Operation& operation) {
  if (operation.subject.kind != console::SubjectKind::kCluster || operation.open()) {
    return;
  }
  const bool succeeded = operation.state == OperationState::kSucceeded;
  const bool stopped = operation.kind == OperationKind::kStop && succeeded;
  const bool withdrawn = operation.kind == OperationKind::kStart &&
                         operation.state == OperationState::kCancelled &&
                         Recall(operation, "completes") == "no";
  if ((stopped || withdrawn) && Living() > 0) {
    Break("the cluster's " + std::string(ToString(operation.kind)) + " is " +
          std::string(ToString(operation.state)) + " and " + std::to_string(Living()) +
          " processes live");
  }
  if (operation.kind == OperationKind::kRestart && succeeded) {
    restarted_.push_back(operation);
  }
}

bool ClusterPromises::IsIdle(JobLife& life) const {
  return Living() == 0 && life.jobs()
                              .board()
                              .Select([](const console::JobView& view) {
                                return view.state.live() || view.state.operation;
                              })
                              .empty();
}

void ClusterPromises::Deleted(JobLife& life, const std::string& cluster_id,
                              const base::Status& answer, bool idle) {
  if (!answer.ok()) {
    if (idle) {
      Break("nothing runs on the cluster, and it cannot be deleted: " + answer.error().ToString());
    }
    return;
  }
  for (const auto& view : life.jobs().board().Select([](const auto&) { return true; })) {
    const console::JobState& state = view->state;
    const bool lives = state.live() && state.attempt->cluster_id == cluster_id;
    const bool targets =
        state.job.cluster_id == cluster_id && state.job.desired != console::DesiredState::kDeleted;
    if (lives || targets) {
      Break("the cluster is deleted under " + state.job.id);
    }
  }
}

void ClusterPromises::Ended(JobLife& life) {
  const auto cluster = life.managed()->clusters->Find(life.cluster_id());
  const auto& operation = cluster->operation;
  const bool kills = operation == nullptr || operation->kind == OperationKind::kStart ||
                     operation->parameters.find("KILL") != std::string::npos;
  if (kills) {
    return;
  }
  for (const auto& [id, job] : engine_.jobs) {
    if (!job.job_parameter.empty() && job.state == engines::EngineState::kRunning &&
        job.has_state && !job.ran_again) {
      Break("the running " + id + " dies with its cluster, which was to spare it");
    }
  }
}

void ClusterPromises::CheckTurn(JobLife& life) {
  std::map<std::pair<ProcessRole, int>, int> alive;
  const FakeMachine::Process* first = nullptr;
  for (const FakeMachine::Process& one : machine_.processes()) {
    if (one.died) {
      continue;
    }
    if (!life.managed()->clusters->Find(one.cluster_id)) {
      Break("a process lives, and its cluster is deleted");
    }
    first = first == nullptr ? &one : first;
    if (one.configuration != first->configuration) {
      Break("a process runs by \"" + one.configuration + "\" beside one by \"" +
            first->configuration + "\"");
    }
    if (++alive[{one.place.role, one.place.index}] > 1) {
      Break(std::string(one.place.role == ProcessRole::kJobManager ? "two JobManagers"
                                                                   : "two TaskManagers") +
            " live in one place");
    }
  }
  for (const console::Operation& restart : std::exchange(restarted_, {})) {
    std::istringstream suspended(Recall(restart, "suspended"));
    for (std::string id; suspended >> id;) {
      const auto view = life.jobs().board().Find(id);
      const auto decided = decided_.find(id);
      const bool otherwise = decided != decided_.end() && decided->second >= restart.requested_at;
      if (view != nullptr && view->state.job.desired != console::DesiredState::kRunning &&
          !otherwise) {
        Break("the cluster was restarted, and " + id + " stays suspended");
      }
    }
  }
}

void ClusterPromises::CheckNewLife(JobLife& life) {
  for (const std::string& id : Operations()) {
    const auto found = life.operations().Find(id);
    if (!found.ok() || !*found) {
      Break("the accepted operation " + id + " of a cluster is not known any more");
    }
  }
}

bool ClusterPromises::Stands(JobLife& life) const {
  const auto cluster = life.managed()->clusters->Find(life.cluster_id());
  const auto& processes = machine_.processes();
  const auto living = std::find_if(processes.begin(), processes.end(),
                                   [](const FakeMachine::Process& one) { return !one.died; });
  return cluster->operation == nullptr && cluster->desired == console::ClusterDesired::kRunning &&
         cluster->state == console::ClusterState::kRunning && living != processes.end() &&
         Living() == 1 + living->task_managers;
}

void ClusterPromises::CheckEnd(JobLife& life) {
  for (const std::string& id : Operations()) {
    const auto found = life.operations().Find(id);
    if (found.ok() && *found && (*found)->open()) {
      const console::Step* step = (*found)->running_step();
      Break("the accepted " + std::string(ToString((*found)->kind)) + " of a cluster never ends" +
            (step == nullptr ? "" : "; it is in " + step->name + ": " + step->message));
    }
  }
  const auto cluster = life.managed()->clusters->Find(life.cluster_id());
  if (!Stands(life)) {
    Break("in the end the cluster is " + std::string(ToString(cluster->state)) + " (" +
          cluster->message + ") with " + std::to_string(Living()) + " processes");
  }
  for (const FakeMachine::Process& one : machine_.processes()) {
    const bool known =
        std::any_of(cluster->processes.begin(), cluster->processes.end(),
                    [&](const console::ManagedProcess& p) { return p.id == one.place.id; });
    if (!one.died && !known) {
      Break("process " + std::to_string(one.place.id.pid) + " lives and nobody knows of it");
    }
  }
}

}  // namespace streampark::faults
