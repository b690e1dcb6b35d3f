// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/engines/engine.h"

#include "planner/agent.h"

namespace streampark::flink {

/// The living agents, one a key, bounded in number: when another key needs one, the one that is
/// idle for longest goes. Agents that nobody used for a while end. An agent that died or hangs is
/// replaced at the next use. Thread-safe.
class AgentPool {
 public:
  using Starter = std::function<base::Result<std::unique_ptr<Agent>>(const engines::PlannerKey&)>;
  struct Limits {
    std::size_t agents = 4;
    base::Millis idle{600'000};
  };
  struct Observation {
    std::string name;
    int pid = 0;
    std::uint64_t resident_bytes = 0;
    int requests_in_flight = 0;
  };

  AgentPool(Starter starter, Limits limits);
  ~AgentPool();

  /// One call to the agent of `key`, which is started when there is none. Waits for a place when
  /// all agents are busy with other keys: at most a minute, then AGENT_FAILED.
  base::Result<boost::json::object> Call(const engines::PlannerKey& key, const AgentMethod& method,
                                         boost::json::object params, const std::stop_token& stop);
  std::vector<Observation> Observe() const;
  /// From now on; what lives beyond it ends when it is idle.
  void Allow(std::size_t agents);

 private:
  struct Slot {
    std::shared_ptr<Agent> agent;
    int users = 0;
    base::SteadyTime last_used;
  };

  base::Result<std::shared_ptr<Agent>> Acquire(const engines::PlannerKey& key,
                                               const std::string& name,
                                               const std::stop_token& stop);
  void Release(const std::string& name, const std::shared_ptr<Agent>& agent);
  /// Takes the idle agent that was used least recently, before `used_before`, out of the pool.
  std::shared_ptr<Agent> TakeIdle(base::SteadyTime used_before);
  void EndIdle(const std::stop_token& stop);

  const Starter starter_;
  Limits limits_;  // agents: guarded by mutex_
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, Slot> slots_;
  std::jthread janitor_;
};

}  // namespace streampark::flink
