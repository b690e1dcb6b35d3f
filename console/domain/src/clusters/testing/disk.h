// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "streampark/console/clusters/cluster_store.h"
#include "streampark/console/clusters/fleet_store.h"
#include "streampark/console/clusters/installation_store.h"
#include "streampark/console/operations/operation_store.h"

namespace streampark::console::testing {

/// What survives a crash of the console.
struct Disk {
  using Place = std::tuple<std::string, engines::ProcessRole, int>;
  std::mutex mutex;
  std::map<std::string, ClusterRecord, std::less<>> clusters;
  std::map<Place, ProcessRecord> processes;
  std::vector<std::pair<Place, base::Timestamp>> restarts;
  std::map<std::string, Installation, std::less<>> installations;
  std::map<std::string, Operation, std::less<>> operations;
  std::map<std::string, JournalEntry, std::less<>> journal;
  std::map<std::string, FleetOperation, std::less<>> fleet;
  std::vector<FleetSubject> suspended;
};

/// One life of the console: once it is over, nothing it does has an effect any more.
struct Life {
  std::atomic<bool> over = false;
};

/// What every store of a life begins with.
class LifeStore {
 public:
  LifeStore(std::shared_ptr<Disk> disk, std::shared_ptr<Life> life)
      : disk_(std::move(disk)), life_(std::move(life)) {}

 protected:
  base::Status Alive() const {
    if (life_->over) {
      return base::Error(base::ErrorCode::kUnavailable, "this life is over");
    }
    return base::Ok();
  }
  std::shared_ptr<Disk> disk_;
  std::shared_ptr<Life> life_;
};

class DiskClusterStore final : public ClusterStore, private LifeStore {
 public:
  using LifeStore::LifeStore;
  base::Result<std::vector<ClusterRecord>> LoadClusters() override;
  base::Status Insert(const ClusterRecord& cluster) override;
  base::Status UpdateSpec(std::string_view id, const ClusterSpec& spec,
                          std::int64_t expected) override;
  base::Status UpdateRuntime(const ClusterRecord& cluster) override;
  base::Status Delete(std::string_view id) override;
  base::Result<std::vector<ProcessRecord>> LoadProcesses() override;
  base::Status SaveProcess(const ProcessRecord& process) override;
  base::Status DeleteProcesses(std::string_view id) override;
  base::Result<std::vector<base::Timestamp>> RestartsSince(std::string_view id,
                                                           engines::ProcessRole role, int index,
                                                           base::Timestamp since) override;
  base::Status AddRestart(std::string_view id, engines::ProcessRole role, int index,
                          base::Timestamp at, base::Timestamp forget_before) override;
  base::Status ForgetRestarts(std::string_view id) override;
};

class DiskInstallationStore final : public InstallationStore, private LifeStore {
 public:
  using LifeStore::LifeStore;
  base::Result<std::vector<Installation>> LoadInstallations() override;
  base::Status Save(const Installation& installation) override;
  base::Status Delete(std::string_view id) override;
};

class DiskOperationStore final : public OperationStore, private LifeStore {
 public:
  using LifeStore::LifeStore;
  base::Result<Operation> Begin(const Operation& operation) override;
  base::Status Save(const Operation& operation) override;
  base::Result<std::optional<Operation>> Find(std::string_view id) override;
  base::Result<std::optional<Operation>> FindByKey(const Subject& subject,
                                                   std::string_view key) override;
  base::Result<OperationPage> List(SubjectKind kind, std::string_view id, int limit,
                                   std::string_view after) override;
  base::Result<std::vector<Operation>> Recent(const std::optional<std::vector<std::string>>& teams,
                                              int limit) override;
  base::Result<std::vector<Operation>> ListOpen(SubjectKind kind) override;
  base::Status Open(const JournalEntry& entry) override;
  base::Status Close(const JournalEntry& entry) override;
  base::Result<std::optional<JournalEntry>> FindEntry(std::string_view operation_id,
                                                      std::string_view step, std::string_view verb,
                                                      std::string_view key) override;
  base::Result<std::vector<JournalEntry>> ListEntries(std::string_view operation_id) override;
};

class DiskFleetStore final : public FleetStore, private LifeStore {
 public:
  using LifeStore::LifeStore;
  base::Status Save(const FleetOperation& operation) override;
  base::Result<std::optional<FleetOperation>> Find(std::string_view id) override;
  base::Result<std::optional<FleetOperation>> FindByKey(std::string_view key) override;
  base::Result<std::vector<FleetOperation>> ListOpen() override;
  base::Status AddSuspended(const FleetSubject& subject) override;
  base::Status RemoveSuspended(const FleetSubject& subject) override;
  base::Result<std::vector<FleetSubject>> LoadSuspended() override;
};

}  // namespace streampark::console::testing
