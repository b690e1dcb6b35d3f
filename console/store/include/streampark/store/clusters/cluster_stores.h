// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/console/clusters/cluster_store.h"
#include "streampark/console/clusters/fleet_store.h"
#include "streampark/console/clusters/installation_store.h"
#include "streampark/store/database.h"

namespace streampark::store {

/// Clusters, their processes and restarts, in tables `clusters`, `cluster_processes`,
/// `cluster_restarts`. The database must outlive it.
class SqlClusterStore final : public console::ClusterStore {
 public:
  explicit SqlClusterStore(Database& database) : database_(database) {}

  base::Result<std::vector<console::ClusterRecord>> LoadClusters() override;
  base::Status Insert(const console::ClusterRecord& cluster) override;
  base::Status UpdateSpec(std::string_view cluster_id, const console::ClusterSpec& spec,
                          std::int64_t expected) override;
  base::Status UpdateRuntime(const console::ClusterRecord& cluster) override;
  base::Status Delete(std::string_view cluster_id) override;
  base::Result<std::vector<console::ProcessRecord>> LoadProcesses() override;
  base::Status SaveProcess(const console::ProcessRecord& process) override;
  base::Status DeleteProcesses(std::string_view cluster_id) override;
  base::Result<std::vector<base::Timestamp>> RestartsSince(std::string_view cluster_id,
                                                           engines::ProcessRole role, int index,
                                                           base::Timestamp since) override;
  base::Status AddRestart(std::string_view cluster_id, engines::ProcessRole role, int index,
                          base::Timestamp at, base::Timestamp forget_before) override;
  base::Status ForgetRestarts(std::string_view cluster_id) override;

 private:
  Database& database_;
};

/// Table `installations`.
class SqlInstallationStore final : public console::InstallationStore {
 public:
  explicit SqlInstallationStore(Database& database) : database_(database) {}
  base::Result<std::vector<console::Installation>> LoadInstallations() override;
  base::Status Save(const console::Installation& installation) override;
  base::Status Delete(std::string_view installation_id) override;

 private:
  Database& database_;
};

/// Tables `fleet_operations` and `fleet_suspended`.
class SqlFleetStore : public console::FleetStore {
 public:
  explicit SqlFleetStore(Database& database) : database_(database) {}
  base::Status Save(const console::FleetOperation& operation) override;
  base::Result<std::optional<console::FleetOperation>> Find(std::string_view operation_id) override;
  base::Result<std::optional<console::FleetOperation>> FindByKey(
      std::string_view idempotency_key) override;
  base::Result<std::vector<console::FleetOperation>> ListOpen() override;
  base::Status AddSuspended(const console::FleetSubject& subject) override;
  base::Status RemoveSuspended(const console::FleetSubject& subject) override;
  base::Result<std::vector<console::FleetSubject>> LoadSuspended() override;

 private:
  Database& database_;
};

}  // namespace streampark::store
