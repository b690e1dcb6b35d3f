// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "streampark/base/temporary_folder.h"
#include "streampark/console/jobs/jobs_module.h"
#include "streampark/store/automation/automation_table.h"
#include "streampark/store/database.h"
#include "streampark/store/jobs/job_table.h"
#include "streampark/store/jobs/operation_table.h"
#include "streampark/store/jobs/resource_table.h"

#include "jobs/testing/fake_engine.h"
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
  console::TurnsFactory turns = {};
  engines::Options cluster_options = {};
  console::AutomationLimits automation = {};
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
  console::OperationStore& operations() { return *operation_table_; }
  Database& database() { return *database_; }
  const console::Cluster& cluster() { return *clusters_.Find("cluster"); }
  /// Has the cluster looked at once.
  void Observe(FakeEngine& engine);

  std::string CreateJob(std::string name = "job",
                        const std::function<void(console::JobSpec&)>& change = {});
  /// Makes the job's SQL another; the new revision's number.
  int Edit(const std::string& job_id, std::string sql, std::string cluster = "cluster",
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
  std::unique_ptr<console::JobsModule> module_;
};

}  // namespace streampark::store::testing
