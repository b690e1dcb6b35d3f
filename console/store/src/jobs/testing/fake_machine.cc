// SPDX-License-Identifier: Apache-2.0
#include "jobs/testing/fake_machine.h"

#include <algorithm>
#include <map>
#include <system_error>

namespace streampark::store::testing {

using engines::EngineState;
using engines::ProcessRole;

namespace {

std::string ConfigurationOf(const engines::ClusterPlan& plan) {
  std::string text = std::to_string(plan.task_managers);
  for (const auto& [key, value] : plan.options) {
    text += " " + key + "=" + value;
  }
  return text;
}

}  // namespace

FakeMachine::Process* FakeMachine::Find(const base::ProcessId& id) {
  const auto found = std::find_if(processes_.begin(), processes_.end(),
                                  [&](const Process& one) { return one.place.id == id; });
  return found == processes_.end() ? nullptr : &*found;
}

int FakeMachine::Alive(ProcessRole role, int index) const {
  return static_cast<int>(
      std::count_if(processes_.begin(), processes_.end(), [&](const Process& one) {
        return !one.died && one.place.role == role && one.place.index == index;
      }));
}

void FakeMachine::Die(Process& process) {
  process.died = clock_.SteadyNow();
  if (process.place.role == ProcessRole::kJobManager && job_manager_gone) {
    job_manager_gone(process);
  }
}

bool FakeMachine::Strike(ProcessRole role, std::uint64_t which) {
  std::vector<Process*> living;
  for (Process& one : processes_) {
    if (!one.died && one.place.role == role) {
      living.push_back(&one);
    }
  }
  if (living.empty()) {
    return false;
  }
  Die(*living[which % living.size()]);
  Progress();
  return true;
}

std::vector<engines::TaskManagerObservation> FakeMachine::Registered() const {
  std::map<int, engines::TaskManagerObservation> by_place;  // a new one takes the place over
  const base::SteadyTime now = clock_.SteadyNow();
  for (const Process& one : processes_) {
    if (one.place.role != ProcessRole::kTaskManager || now < one.ready) {
      continue;
    }
    if (!one.died) {
      by_place[one.place.index].last_heartbeat_at = clock_.Now();
    } else if (now < *one.died + missed_after) {
      by_place.try_emplace(one.place.index);
    }
  }
  std::vector<engines::TaskManagerObservation> managers;
  for (const auto& [index, manager] : by_place) {
    managers.push_back(manager);
  }
  return managers;
}

void FakeMachine::Progress() {
  const base::SteadyTime now = clock_.SteadyNow();
  const Process* answers = nullptr;
  int working = 0;  // TaskManagers that live and have registered
  for (Process& one : processes_) {
    if (!one.died && one.dies && now >= *one.dies) {
      Die(one);
    }
    if (one.died || one.asked || now < one.ready) {
      continue;
    }
    if (one.place.role == ProcessRole::kJobManager) {
      answers = &one;
    } else {
      ++working;
    }
  }
  engine_.reachable = answers != nullptr && !silent;
  engine_.task_managers = static_cast<int>(Registered().size());
  engine_.slots_total = 2 * engine_.task_managers;
  if (working < registered_) {
    for (auto& [id, job] : engine_.jobs) {
      if (job.state == EngineState::kRunning) {
        job.state = EngineState::kPending;  // and runs again elsewhere, from its last checkpoint
        job.changes = now + engine_.start_takes;
        ++job.restarts;
      }
    }
  }
  registered_ = working;
  engine_.keeps_pending = working == 0 || answers == nullptr;
}

// ------------------------------------------------------------------------------------------------

base::Status FakeMachineDriver::Prepare(engines::ClusterPlan& plan) {
  for (int* port : {&plan.rest_port, &plan.rpc_port}) {
    *port = *port == 0 ? machine_.next_port_++ : *port;
  }
  return base::Ok();
}

base::Result<base::ProcessId> FakeMachineDriver::StartProcess(const engines::ClusterPlan& plan,
                                                              ProcessRole role, int index) {
  if (machine_.starts_fail) {
    return base::Error(base::ErrorCode::kClusterStartFailed, "no memory for another process");
  }
  const bool job_manager = role == ProcessRole::kJobManager;
  const base::SteadyTime now = machine_.clock_.SteadyNow();
  const int number = static_cast<int>(machine_.processes_.size()) + 1;
  FakeMachine::Process process{
      .place = {role, index, {number, static_cast<std::uint64_t>(number)}},
      .cluster_id = plan.cluster_id,
      .rest_port = plan.rest_port,
      .configuration = ConfigurationOf(plan),
      .task_managers = plan.task_managers,
      .ready = now + (job_manager ? machine_.job_manager_takes : machine_.task_manager_takes)};
  machine_.port_was_taken_ = job_manager && machine_.taken_ports.contains(plan.rest_port);
  if (machine_.port_was_taken_ || machine_.dies_at_once) {
    process.dies = process.ready;
    process.ready = base::SteadyTime::max();
  }
  machine_.processes_.push_back(process);
  machine_.Progress();
  return process.place.id;
}

std::vector<engines::ClusterProcess> FakeMachineDriver::FindProcesses(
    const std::string& cluster_id) {
  std::vector<engines::ClusterProcess> living;
  for (const FakeMachine::Process& one : machine_.processes_) {
    if (!one.died && one.cluster_id == cluster_id && !machine_.hides) {
      living.push_back(one.place);
    }
  }
  return living;
}

bool FakeMachineDriver::IsAlive(const base::ProcessId& id) const {
  const FakeMachine::Process* found = machine_.Find(id);
  return found != nullptr && !found->died;
}

void FakeMachineDriver::AskToEnd(const base::ProcessId& id) {
  if (FakeMachine::Process* found = machine_.Find(id); found != nullptr && !found->asked) {
    found->asked = true;
    found->dies = machine_.clock_.SteadyNow() + machine_.end_takes;
    machine_.Progress();
  }
}

void FakeMachineDriver::Kill(const base::ProcessId& id) {
  if (FakeMachine::Process* found = machine_.Find(id); found != nullptr && !found->died) {
    found->asked = true;
    machine_.Die(*found);
    machine_.Progress();
  }
}

engines::Endpoint FakeMachineDriver::EndpointOf(const engines::ClusterPlan& plan) {
  return {.cluster_id = plan.cluster_id,
          .addresses = {"http://127.0.0.1:" + std::to_string(plan.rest_port)}};
}

base::Result<std::vector<engines::LogFile>> FakeMachineDriver::ListLogs(
    const engines::ClusterPlan&) {
  return std::vector<engines::LogFile>{
      {.id = "jm", .title = "jobmanager.log", .role = "JOB_MANAGER", .size_bytes = 1},
      {.id = "tm", .title = "taskmanager-0.log", .role = "TASK_MANAGER", .size_bytes = 1}};
}

base::Result<engines::LogPiece> FakeMachineDriver::ReadLog(const engines::ClusterPlan&,
                                                           std::string_view log_id,
                                                           std::optional<std::int64_t>,
                                                           std::int64_t) {
  return engines::LogPiece{.text = log_id == "jm" && machine_.port_was_taken_
                                       ? "java.net.BindException: Address already in use"
                                       : "java.lang.OutOfMemoryError"};
}

base::Result<engines::InstallationDriver::Inspection> FakeMachineDriver::Inspect(
    const std::filesystem::path& home, std::stop_token) {
  std::error_code error;
  if (!std::filesystem::is_directory(home, error)) {
    return base::Error(base::ErrorCode::kInstallationInvalid, "there is no " + home.string());
  }
  return Inspection{.version = "1.20.5",
                    .line = "1.20",
                    .vendor = "",
                    .digest = machine_.digest,
                    .size_bytes = 1};
}

base::Status FakeMachineDriver::Fetch(const std::string&, const std::filesystem::path& home,
                                      const engines::Progress& progress, std::stop_token) {
  progress("download", 1, 2);
  if (machine_.fetches_fail) {
    return base::Error(base::ErrorCode::kFetchFailed, "the repository does not answer");
  }
  progress("unpack", 0, 0);
  std::error_code error;
  std::filesystem::create_directories(home, error);
  progress("verify", 1, 1);
  return base::Ok();
}

}  // namespace streampark::store::testing
