// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

#include "streampark/base/os_user.h"
#include "streampark/base/random.h"
#include "streampark/engines/engine.h"

namespace streampark::flink {

/// Flink's own rules over a cluster's options; the planner's helper process knows them.
class ClusterRules {
 public:
  virtual ~ClusterRules() = default;
  virtual base::Result<engines::ClusterCheck> CheckClusterOptions(
      const engines::Installation& installation, const engines::Options& configuration,
      std::stop_token stop) = 0;
};

/// Standalone clusters on this machine. Each process is a JVM started directly, so that its pid and
/// start time are known from the first moment; none of Flink's scripts or pid files take part.
/// Thread-safe for different clusters; calls for one cluster come one after another.
class FlinkClusters final : public engines::ClusterDriver {
 public:
  /// Processes run as `user`; as ours when absent.
  FlinkClusters(ClusterRules& rules, base::Random& random, std::filesystem::path java_home,
                std::optional<base::OsUser> user)
      : rules_(rules), random_(random), java_home_(std::move(java_home)), user_(std::move(user)) {}

  base::Result<engines::ClusterCheck> Check(const engines::ClusterPlan& plan,
                                            std::stop_token stop) override;
  base::Status Prepare(engines::ClusterPlan& plan) override;
  base::Result<base::ProcessId> StartProcess(const engines::ClusterPlan& plan,
                                             engines::ProcessRole role, int index) override;
  std::vector<engines::ClusterProcess> FindProcesses(const std::string& cluster_id) override;
  engines::Endpoint EndpointOf(const engines::ClusterPlan& plan) override;
  base::Result<std::vector<engines::LogFile>> ListLogs(const engines::ClusterPlan& plan) override;
  base::Result<engines::LogPiece> ReadLog(const engines::ClusterPlan& plan, std::string_view log_id,
                                          std::optional<std::int64_t> offset,
                                          std::int64_t bytes) override;

 private:
  /// Hands what the processes write, and read of it alone, to their user.
  base::Status HandOver(const engines::ClusterPlan& plan, const std::string& configuration) const;
  std::vector<engines::ClusterProcess> Find(std::string_view cluster_id) const;

  ClusterRules& rules_;
  base::Random& random_;
  const std::filesystem::path java_home_;
  const std::optional<base::OsUser> user_;
};

}  // namespace streampark::flink
