// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <thread>
#include <vector>

#include "streampark/base/bounded_queue.h"
#include "streampark/engines/engine.h"

#include "clusters/flink_clusters.h"
#include "planner/agent_pool.h"

namespace streampark::flink {

/// SQL, snapshots and option rules by way of the agents.
class FlinkPlanner final : public engines::Planner, public ClusterRules {
 public:
  explicit FlinkPlanner(AgentPool& agents);

  void Warm(const engines::PlannerKey& key) override;
  base::Result<engines::SqlVerdict> Validate(const engines::PlannerKey& key, const std::string& sql,
                                             const engines::Options& options,
                                             std::stop_token stop) override;
  base::Result<std::string> Explain(const engines::PlannerKey& key, const std::string& sql,
                                    const engines::Options& options, std::stop_token stop) override;
  base::Result<engines::CompiledSql> Compile(const engines::PlannerKey& key, const std::string& sql,
                                             const engines::Options& options, int parallelism,
                                             std::stop_token stop) override;
  base::Result<engines::CompiledSql> Recompile(const engines::PlannerKey& key,
                                               const std::string& sql,
                                               const engines::Options& options, int parallelism,
                                               const engines::PlanHistory& history,
                                               std::stop_token stop) override;
  base::Status Submit(const engines::PlannerKey& key, const engines::SubmitRequest& request,
                      std::stop_token stop) override;
  base::Result<engines::SqlVocabulary> Vocabulary(const engines::PlannerKey& key,
                                                  std::stop_token stop) override;
  base::Result<std::vector<engines::OptionProblem>> CheckJobOptions(const engines::PlannerKey& key,
                                                                    const engines::Options& options,
                                                                    std::stop_token stop) override;
  base::Result<engines::SnapshotInspection> InspectSnapshot(const engines::PlannerKey& key,
                                                            const std::string& path,
                                                            std::stop_token stop) override;
  base::Result<std::vector<engines::FoundSnapshot>> ListSnapshots(const engines::PlannerKey& key,
                                                                  const std::string& folder,
                                                                  std::stop_token stop) override;
  base::Result<engines::FolderTrial> TryFolder(const engines::PlannerKey& key,
                                               const std::string& folder,
                                               std::stop_token stop) override;
  base::Status DeleteSnapshot(const engines::PlannerKey& key, const std::string& path,
                              std::stop_token stop) override;
  base::Result<engines::ClusterCheck> CheckClusterOptions(const engines::Installation& installation,
                                                          const engines::Options& configuration,
                                                          std::stop_token stop) override;

 private:
  AgentPool& agents_;
  base::BoundedQueue<engines::PlannerKey> to_warm_;
  std::jthread warmer_;
};

}  // namespace streampark::flink
