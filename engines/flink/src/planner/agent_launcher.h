// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "streampark/base/result.h"
#include "streampark/engines/engine.h"

#include "planner/agent.h"

namespace streampark::flink {

/// Names an agent: the installation and the set of jars, whatever their order.
std::string AgentNameOf(const engines::PlannerKey& key);

/// Knows how to start an agent for a key.
class AgentLauncher {
 public:
  struct Options {
    std::filesystem::path agent_jar;
    std::filesystem::path java_home;
    std::filesystem::path log_folder;
    int memory_mib = 512;
    std::optional<base::OsUser> user = {};
  };
  explicit AgentLauncher(Options options)
      : options_(std::move(options)), memory_mib_(options_.memory_mib) {}

  base::Result<std::unique_ptr<Agent>> Start(const engines::PlannerKey& key) const;
  /// The heap of those started from now on.
  void UseMemory(int mib) { memory_mib_ = mib; }

 private:
  const Options options_;
  std::atomic<int> memory_mib_;
};

}  // namespace streampark::flink
