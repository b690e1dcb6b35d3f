// SPDX-License-Identifier: Apache-2.0
#include "streampark/flink/flink_engine.h"

#include "clusters/flink_clusters.h"
#include "installations/flink_installations.h"
#include "jobs/flink_jobs.h"
#include "planner/agent_launcher.h"
#include "planner/agent_pool.h"
#include "planner/flink_planner.h"
#include "rest/flink_rest.h"

namespace streampark::flink {

struct FlinkEngine::Parts {
  Parts(Options options, const base::Clock& clock, base::Random& random)
      : launcher({.agent_jar = options.agent_jar,
                  .java_home = options.java_home,
                  .log_folder = options.log_folder,
                  .memory_mib = options.agent_memory_mib,
                  .user = options.user}),
        agents([this](const engines::PlannerKey& key) { return launcher.Start(key); },
               {.agents = options.agent_limit, .idle = options.agent_idle}),
        planner(agents),
        installations({.fetch_script = options.fetch_script,
                       .python = options.python,
                       .cache_folder = options.download_cache,
                       .user = options.user}),
        clusters(planner, random, options.java_home, options.user),
        jobs(rest, clock) {}

  AgentLauncher launcher;
  AgentPool agents;
  FlinkPlanner planner;
  FlinkInstallations installations;
  FlinkClusters clusters;
  FlinkRest rest;
  FlinkJobs jobs;
};

FlinkEngine::FlinkEngine(Options options, const base::Clock& clock, base::Random& random)
    : parts_(std::make_unique<Parts>(std::move(options), clock, random)) {}

FlinkEngine::~FlinkEngine() = default;

engines::Engine FlinkEngine::engine() {
  return {parts_->installations, parts_->clusters, parts_->jobs, parts_->planner};
}

void FlinkEngine::AllowAgents(std::size_t limit, int memory_mib) {
  parts_->launcher.UseMemory(memory_mib);
  parts_->agents.Allow(limit);
}

std::vector<FlinkEngine::AgentObservation> FlinkEngine::Agents() const {
  std::vector<AgentObservation> observations;
  for (AgentPool::Observation& agent : parts_->agents.Observe()) {
    observations.push_back({.name = std::move(agent.name),
                            .pid = agent.pid,
                            .resident_bytes = agent.resident_bytes,
                            .requests_in_flight = agent.requests_in_flight});
  }
  return observations;
}

}  // namespace streampark::flink
