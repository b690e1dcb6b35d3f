// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <utility>

#include "streampark/base/os_user.h"
#include "streampark/engines/engine.h"

namespace streampark::native {

/// A cluster is a folder: nothing of it runs but jobs. Thread-safe.
///
///   FOLDER/cluster.json   how many slots it has, and whose version its jobs run with
///   FOLDER/jobs/ID/       of each job
///   FOLDER/submits/       where a job's folder is made before it is one
///   FOLDER/checkpoints/, FOLDER/savepoints/   the jobs' user's
class NativeClusters final : public engines::ClusterDriver {
 public:
  explicit NativeClusters(std::optional<base::OsUser> user) : user_(std::move(user)) {}

  base::Result<engines::ClusterCheck> Check(const engines::ClusterPlan& plan,
                                            std::stop_token stop) override;
  base::Status Prepare(engines::ClusterPlan& plan) override;
  /// ILLEGAL_STATE: there is none.
  base::Result<base::ProcessId> StartProcess(const engines::ClusterPlan& plan,
                                             engines::ProcessRole role, int index) override;
  std::vector<engines::ClusterProcess> FindProcesses(const std::string&) override { return {}; }
  engines::Endpoint EndpointOf(const engines::ClusterPlan& plan) override;
  base::Result<std::vector<engines::LogFile>> ListLogs(const engines::ClusterPlan&) override {
    return std::vector<engines::LogFile>();
  }
  base::Result<engines::LogPiece> ReadLog(const engines::ClusterPlan& plan, std::string_view log_id,
                                          std::optional<std::int64_t> offset,
                                          std::int64_t bytes) override;

 private:
  const std::optional<base::OsUser> user_;
};

}  // namespace streampark::native
