// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "streampark/base/temporary_folder.h"
#include "streampark/console/clusters/cluster_service.h"
#include "streampark/console/clusters/fleet_service.h"
#include "streampark/console/clusters/installation_service.h"
#include "streampark/console/jobs/jobs_module.h"
#include "streampark/store/automation/automation_table.h"
#include "streampark/store/clusters/cluster_stores.h"
#include "streampark/store/database.h"
#include "streampark/store/jobs/job_table.h"
#include "streampark/store/jobs/operation_table.h"
#include "streampark/store/jobs/resource_table.h"

#include "jobs/testing/fake_engine.h"
#include "jobs/testing/fake_machine.h"
#include "jobs/testing/virtual_time.h"

namespace streampark::store::testing {

/// What a life is put together from, where it is not the usual.
struct LifeParts {
  console::Outside::Probe probe = {};  // sees each passage to the outside
  std::string vfs = {};                // a disk with faults for the database
  console::OperationLog::Listener listener = {};
  std::function<std::unique_ptr<OperationTable>(Database&)> operations = {};
  std::function<std::unique_ptr<JobTable>(Database&)> jobs = {};
  std::function<std::unique_ptr<FakeDriver>(FakeEngine&)> driver = {};
  std::function<std::unique_ptr<console::FleetStore>(Database&)> fleet = {};
  console::TurnsFactory turns = {};
  engines::Options cluster_options = {};
  console::AutomationLimits automation = {};
  FakeMachine* machine = nullptr;  // with it the cluster is one of the console's own
};

/// A store of the fleet whose writes are passages: the fleet has no journal, and goes on from these.
class PassedFleetStore final : public console::FleetStore {
 public:
  PassedFleetStore(std::unique_ptr<console::FleetStore> real, const console::Outside& outside)
      : real_(std::move(real)), outside_(outside) {}
  base::Status Save(const console::FleetOperation& operation) override {
    return outside_.Pass("FLEET_Save", [&] { return real_->Save(operation); });
  }
  base::Status AddSuspended(const console::FleetSubject& subject) override {
    return outside_.Pass("FLEET_AddSuspended", [&] { return real_->AddSuspended(subject); });
  }
  base::Status RemoveSuspended(const console::FleetSubject& subject) override {
    return outside_.Pass("FLEET_RemoveSuspended", [&] { return real_->RemoveSuspended(subject); });
  }
  base::Result<std::optional<console::FleetOperation>> Find(std::string_view id) override {
    return real_->Find(id);
  }
  base::Result<std::optional<console::FleetOperation>> FindByKey(std::string_view key) override {
    return real_->FindByKey(key);
  }
  base::Result<std::vector<console::FleetOperation>> ListOpen() override {
    return real_->ListOpen();
  }
  base::Result<std::vector<console::FleetSubject>> LoadSuspended() override {
    return real_->LoadSuspended();
  }

 private:
  std::unique_ptr<console::FleetStore> real_;
  const console::Outside& outside_;
};

/// The console's own clusters and installations on a machine in memory.
struct ManagedClusters {
  ManagedClusters(const std::filesystem::path& folder, FakeMachine& machine, Database& database,
                  console::OperationLog& log, console::Journal& journal,
                  const console::Outside& outside, VirtualTime& time,
                  const console::TurnsFactory& turns, base::UlidGenerator& ids,
                  engines::JobDriver& jobs, engines::Planner& planner,
                  std::unique_ptr<console::FleetStore> fleet_rows);
  /// The oldest cluster there is; made when there is none.
  std::string Cluster(const engines::Options& options);

  struct NobodyListens final : console::ClusterListener {
    void OnClusterChanged(const console::Cluster&) override {}
    void OnClusterRemoved(const console::Cluster&) override {}
    void OnInstallationChanged(const console::Installation&) override {}
    void OnInstallationRemoved(const console::Installation&) override {}
  };

  SqlClusterStore cluster_store;
  SqlInstallationStore installation_store;
  PassedFleetStore fleet_store;
  FakeMachineDriver driver;
  const engines::Engine engine;
  NobodyListens listener;
  std::unique_ptr<console::InstallationService> installations;
  std::unique_ptr<console::ClusterService> clusters;
  std::unique_ptr<console::FleetService> fleet;
};

/// The jobs slice on a real database, with a fake engine, in virtual time: one life of a console.
class JobLife {
 public:
  JobLife(const std::filesystem::path& folder, VirtualTime& time, FakeEngine& engine,
          const LifeParts& parts = {});
  ~JobLife();

  console::JobsModule& jobs() { return *module_; }
  FakeDriver& driver() { return *driver_; }
  FakeClusters& clusters() { return clusters_; }
  /// Null where the cluster is not one of the console's own.
  ManagedClusters* managed() { return managed_.get(); }
  const std::string& cluster_id() const { return cluster_id_; }
  /// From now on another of the console's own clusters is where jobs are to be.
  void MoveTo(std::string cluster_id) { cluster_id_ = std::move(cluster_id); }
  console::OperationStore& operations() { return *operation_table_; }
  Database& database() { return *database_; }
  const console::Cluster& cluster() { return *clusters_.Find("cluster"); }
  /// Has the cluster looked at once.
  void Observe(FakeEngine& engine);

  std::string CreateJob(std::string name = "job",
                        const std::function<void(console::JobSpec&)>& change = {});
  /// Makes the job's SQL another; the new revision's number.
  int Edit(const std::string& job_id, std::string sql, std::string cluster = {},
           const std::function<void(console::JobSpec&)>& change = {});
  console::Operation Command(const std::string& job_id, std::string_view command);
  /// Has time pass until it is so; fails when it never is.
  void RunUntil(const std::function<bool()>& so);
  /// Waits for its end.
  console::Operation Await(const std::string& operation_id);
  console::Operation Run(const std::string& job_id, std::string_view command);
  console::JobState State(const std::string& job_id);

 private:
  struct FixedSettings final : console::SettingsSource {
    std::shared_ptr<const console::Settings> Current() const override {
      return std::make_shared<console::Settings>();
    }
  };

  VirtualTime& time_;
  SeededRandom random_;
  base::UlidGenerator ids_{time_, random_};
  FixedSettings settings_;
  FakeClusters clusters_;
  NoInstallations installations_;
  std::unique_ptr<FakeDriver> driver_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<OperationTable> operation_table_;
  std::unique_ptr<JobTable> job_table_;
  ResourceTable resource_table_;
  AutomationTable automation_table_;
  console::OperationLog log_;
  console::Outside outside_;
  console::Journal journal_;
  std::unique_ptr<ManagedClusters> managed_;
  std::string cluster_id_ = "cluster";
  std::unique_ptr<console::JobsModule> module_;
};

}  // namespace streampark::store::testing
