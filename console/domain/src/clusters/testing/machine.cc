// SPDX-License-Identifier: Apache-2.0
#include "clusters/testing/machine.h"

#include <algorithm>
#include <csignal>
#include <filesystem>

namespace streampark::console::testing {
namespace {

constexpr int kSlotsEach = 2;

base::Error Over() { return {base::ErrorCode::kUnavailable, "this life is over"}; }

}  // namespace

Machine::Machine() = default;

Machine::~Machine() {
  for (const auto& [place, id] : processes_) {
    base::Terminate(id, base::Millis(0));
  }
}

base::Result<base::ProcessId> Machine::Start(const std::string& cluster, engines::ProcessRole role,
                                             int index) {
  const std::lock_guard lock(mutex_);
  const bool broken = broken_.contains(role);
  const base::ProcessId id = SP_TRY(base::SpawnDetached({.argv = {"sleep", broken ? "0" : "600"}},
                                                        std::filesystem::path("/dev/null")));
  if (broken) {
    base::Terminate(id, base::Millis(0));
  }
  processes_.emplace(std::tuple(cluster, role, index), id);
  ++starts_;
  return id;
}

std::vector<engines::ClusterProcess> Machine::Living(const std::string& cluster) const {
  const std::lock_guard lock(mutex_);
  std::vector<engines::ClusterProcess> living;
  for (const auto& [place, id] : processes_) {
    if (std::get<0>(place) == cluster && base::IsAlive(id)) {
      living.push_back({.role = std::get<1>(place), .index = std::get<2>(place), .id = id});
    }
  }
  return living;
}

void Machine::Kill(const std::string& cluster, engines::ProcessRole role, int index) {
  for (const engines::ClusterProcess& process : Living(cluster)) {
    if (process.role == role && process.index == index) {
      base::Terminate(process.id, base::Millis(0));
    }
  }
}

int Machine::starts() const {
  const std::lock_guard lock(mutex_);
  return starts_;
}

void Machine::Break(engines::ProcessRole role, std::string last_words) {
  const std::lock_guard lock(mutex_);
  broken_.insert(role);
  last_words_ = std::move(last_words);
}

void Machine::Mend() {
  const std::lock_guard lock(mutex_);
  broken_.clear();
}

void Machine::CountTheDead() {
  const std::lock_guard lock(mutex_);
  counts_the_dead_ = true;
}

void Machine::AddJob(const std::string& cluster, engines::JobObservation job) {
  const std::lock_guard lock(mutex_);
  jobs_[cluster].push_back(std::move(job));
}

base::Result<engines::ClusterObservation> Machine::Observe(const std::string& cluster,
                                                           int slots_each,
                                                           base::Timestamp now) const {
  engines::ClusterObservation seen{.observed_at = now, .version = "1.20.5"};
  const std::vector<engines::ClusterProcess> living = Living(cluster);
  if (std::none_of(living.begin(), living.end(), [](const engines::ClusterProcess& process) {
        return process.role == engines::ProcessRole::kJobManager;
      })) {
    return base::Error(base::ErrorCode::kClusterUnreachable, "nobody answers");
  }
  seen.task_managers = static_cast<int>(TaskManagers(cluster, now).size());
  seen.slots_total = seen.task_managers * slots_each;
  seen.slots_free = seen.slots_total;
  const std::lock_guard lock(mutex_);
  if (const auto found = jobs_.find(cluster); found != jobs_.end()) {
    seen.jobs = found->second;
  }
  return seen;
}

std::vector<engines::TaskManagerObservation> Machine::TaskManagers(const std::string& cluster,
                                                                   base::Timestamp now) const {
  const std::lock_guard lock(mutex_);
  std::map<int, engines::TaskManagerObservation> registered;  // by place: a new one takes it over
  for (const auto& [place, id] : processes_) {
    const auto& [home, role, index] = place;
    if (home != cluster || role != engines::ProcessRole::kTaskManager) {
      continue;
    }
    if (base::IsAlive(id)) {
      registered[index].last_heartbeat_at = now;
    } else if (counts_the_dead_) {
      registered.try_emplace(index);
    }
  }
  std::vector<engines::TaskManagerObservation> managers;
  for (const auto& [index, manager] : registered) {
    managers.push_back(manager);
  }
  return managers;
}

std::string Machine::last_words() const {
  const std::lock_guard lock(mutex_);
  return last_words_;
}

// --- the adapters

base::Result<engines::InstallationDriver::Inspection> MachineEngine::Inspect(
    const std::filesystem::path& home, std::stop_token /*stop*/) {
  std::error_code error;
  if (!std::filesystem::is_directory(home, error)) {
    return base::Error(base::ErrorCode::kInstallationInvalid, "there is no " + home.string());
  }
  return Inspection{
      .version = "1.20.5", .line = "1.20", .vendor = "", .digest = digest, .size_bytes = 1};
}

base::Result<std::vector<std::string>> MachineEngine::ListAvailable(std::stop_token /*stop*/) {
  return std::vector<std::string>{"1.19.3", "2.3.0", "1.20.5", "2.0.2", "1.20.10"};
}

base::Status MachineEngine::Fetch(const std::string& /*version*/, const std::filesystem::path& home,
                                  const engines::Progress& progress, std::stop_token stop) {
  if (life_->over) {
    return Over();
  }
  ++fetches;
  progress("download", 1, 2);
  progress("download", 2, 2);
  if (stop.stop_requested()) {
    return base::Error(base::ErrorCode::kCancelled, "cancelled");
  }
  progress("unpack", 0, 0);
  std::error_code error;
  std::filesystem::create_directories(home, error);
  progress("verify", 1, 1);
  return base::Ok();
}

base::Result<engines::ClusterCheck> MachineEngine::Check(const engines::ClusterPlan& plan,
                                                         std::stop_token /*stop*/) {
  engines::ClusterCheck check;
  if (plan.task_manager_memory == "1m") {
    check.errors.push_back({"task_manager_memory", "too little", "1g, say"});
  }
  for (const auto& [key, value] : plan.options) {
    if (key == "no/such") {
      check.errors.push_back({key, "there is no such option", ""});
    }
  }
  return check;
}

base::Status MachineEngine::Prepare(engines::ClusterPlan& plan) {
  if (life_->over) {
    return Over();
  }
  plan.rest_port = plan.rest_port == 0 ? 4711 : plan.rest_port;
  plan.rpc_port = plan.rpc_port == 0 ? 4712 : plan.rpc_port;
  return base::Ok();
}

base::Result<base::ProcessId> MachineEngine::StartProcess(const engines::ClusterPlan& plan,
                                                          engines::ProcessRole role, int index) {
  if (life_->over) {
    return Over();
  }
  return machine_.Start(plan.cluster_id, role, index);
}

std::vector<engines::ClusterProcess> MachineEngine::FindProcesses(const std::string& cluster_id) {
  return life_->over ? std::vector<engines::ClusterProcess>() : machine_.Living(cluster_id);
}

engines::Endpoint MachineEngine::EndpointOf(const engines::ClusterPlan& plan) {
  return {.cluster_id = plan.cluster_id,
          .addresses = {"http://127.0.0.1:" + std::to_string(plan.rest_port)}};
}

base::Result<std::vector<engines::LogFile>> MachineEngine::ListLogs(
    const engines::ClusterPlan& /*plan*/) {
  return std::vector<engines::LogFile>{
      {.id = "jm", .title = "jobmanager.log", .role = "JOB_MANAGER", .size_bytes = 1},
      {.id = "tm", .title = "taskmanager-0.log", .role = "TASK_MANAGER", .size_bytes = 1}};
}

base::Result<engines::LogPiece> MachineEngine::ReadLog(const engines::ClusterPlan& /*plan*/,
                                                       std::string_view /*log_id*/,
                                                       std::optional<std::int64_t> /*offset*/,
                                                       std::int64_t /*bytes*/) {
  return engines::LogPiece{.text = machine_.last_words()};
}

base::Result<engines::ClusterObservation> MachineEngine::Observe(const engines::Endpoint& cluster,
                                                                 base::Millis /*deadline*/,
                                                                 std::stop_token /*stop*/) {
  if (life_->over) {
    return Over();
  }
  return machine_.Observe(cluster.cluster_id, kSlotsEach, clock_.Now());
}

}  // namespace streampark::console::testing
