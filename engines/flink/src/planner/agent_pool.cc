// SPDX-License-Identifier: Apache-2.0
#include "planner/agent_pool.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "planner/agent_launcher.h"

namespace streampark::flink {
namespace {

constexpr base::Millis kPlaceDeadline{60'000};
constexpr base::Millis kJanitorPeriod{30'000};
constexpr std::uintmax_t kLongestRunningLog = 8U << 20U;

/// The process appends, so cutting its log to nothing is safe while it runs.
void BoundLog(const std::filesystem::path& log) {
  std::error_code error;
  if (std::filesystem::file_size(log, error) > kLongestRunningLog && !error) {
    std::filesystem::resize_file(log, 0, error);
  }
}

}  // namespace

AgentPool::AgentPool(Starter starter, Limits limits)
    : starter_(std::move(starter)),
      limits_(limits),
      janitor_([this](const std::stop_token& stop) { EndIdle(stop); }) {}

AgentPool::~AgentPool() {
  janitor_.request_stop();
  janitor_.join();
}

base::Result<boost::json::object> AgentPool::Call(const engines::PlannerKey& key,
                                                  const AgentMethod& method,
                                                  boost::json::object params,
                                                  const std::stop_token& stop) {
  const std::string name = AgentNameOf(key);
  const auto agent = SP_TRY(Acquire(key, name, stop));
  auto result = agent->Call(method, std::move(params), stop);
  Release(name, agent);
  return result;
}

base::Result<std::shared_ptr<Agent>> AgentPool::Acquire(const engines::PlannerKey& key,
                                                        const std::string& name,
                                                        const std::stop_token& stop) {
  const auto deadline = std::chrono::steady_clock::now() + kPlaceDeadline;
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto found = slots_.find(name);
    if (found != slots_.end() && found->second.agent->usable()) {
      ++found->second.users;
      return found->second.agent;
    }
    if (found != slots_.end()) {
      // Those who still use it keep it alive; it ends when the last of them lets go.
      auto broken = std::move(found->second.agent);
      slots_.erase(found);
      lock.unlock();
      broken.reset();
      lock.lock();
      continue;
    }
    if (slots_.size() < limits_.agents) {
      std::shared_ptr<Agent> agent = SP_TRY(starter_(key));
      slots_[name] = {.agent = agent, .users = 1, .last_used = std::chrono::steady_clock::now()};
      return agent;
    }
    if (auto evicted = TakeIdle(base::SteadyTime::max())) {
      lock.unlock();
      evicted.reset();  // its memory is free before another one starts
      lock.lock();
      continue;
    }
    if (!changed_.wait_until(lock, stop, deadline, [this] {
          return slots_.size() < limits_.agents ||
                 std::any_of(slots_.begin(), slots_.end(),
                             [](const auto& slot) { return slot.second.users == 0; });
        })) {
      return stop.stop_requested()
                 ? base::Error(base::ErrorCode::kCancelled, "cancelled")
                 : base::Error(base::ErrorCode::kAgentFailed,
                               "all " + std::to_string(limits_.agents) + " SQL agents are busy")
                       .WithHint("Try again, or allow more of them in the settings");
    }
  }
}

void AgentPool::Release(const std::string& name, const std::shared_ptr<Agent>& agent) {
  {
    const std::lock_guard lock(mutex_);
    const auto slot = slots_.find(name);
    if (slot == slots_.end() || slot->second.agent != agent) {
      return;  // replaced meanwhile
    }
    --slot->second.users;
    slot->second.last_used = std::chrono::steady_clock::now();
  }
  changed_.notify_all();
}

std::shared_ptr<Agent> AgentPool::TakeIdle(base::SteadyTime used_before) {
  auto oldest = slots_.end();
  for (auto slot = slots_.begin(); slot != slots_.end(); ++slot) {
    if (slot->second.users == 0 && slot->second.last_used < used_before &&
        (oldest == slots_.end() || slot->second.last_used < oldest->second.last_used)) {
      oldest = slot;
    }
  }
  if (oldest == slots_.end()) {
    return nullptr;
  }
  auto agent = std::move(oldest->second.agent);
  slots_.erase(oldest);
  return agent;
}

void AgentPool::EndIdle(const std::stop_token& stop) {
  const auto period = std::min(kJanitorPeriod, std::max(limits_.idle / 4, base::Millis(10)));
  while (!stop.stop_requested()) {
    std::vector<std::shared_ptr<Agent>> ended;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, period, [] { return false; });
    while (auto agent = TakeIdle(slots_.size() > limits_.agents
                                     ? base::SteadyTime::max()
                                     : std::chrono::steady_clock::now() - limits_.idle)) {
      ended.push_back(std::move(agent));
    }
    for (const auto& [name, slot] : slots_) {
      BoundLog(slot.agent->error_log());
    }
    lock.unlock();  // agents end without holding up those who call
  }
}

void AgentPool::Allow(std::size_t agents) {
  {
    const std::lock_guard lock(mutex_);
    limits_.agents = agents;
  }
  changed_.notify_all();
}

std::vector<AgentPool::Observation> AgentPool::Observe() const {
  std::vector<Observation> observations;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, slot] : slots_) {
    if (!slot.agent->usable()) {
      continue;  // it only waits to be replaced
    }
    const base::ProcessId& process = slot.agent->process();
    observations.push_back({.name = name,
                            .pid = process.pid,
                            .resident_bytes = base::ResidentBytes(process),
                            .requests_in_flight = slot.users});
  }
  return observations;
}

}  // namespace streampark::flink
