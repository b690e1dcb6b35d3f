// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "streampark/base/random.h"
#include "streampark/console/clusters/cluster_service.h"
#include "streampark/console/clusters/fleet_service.h"
#include "streampark/console/clusters/installation_service.h"

#include "clusters/testing/disk.h"
#include "clusters/testing/machine.h"

namespace streampark::console::testing {

/// Jobs that do what a test tells them. They outlive the lives of the console, as their records do.
class FakeTenants final : public ClusterTenants, public ClusterObservationSink {
 public:
  struct Job {
    Tenant tenant;
    std::string cluster_id;
    std::string target;  // what its spec says; where it lives when empty
    bool live = true;
    std::string cannot_suspend;  // the reason CanSuspend gives
    std::string suspend_fails;   // the reason the stop fails for
    std::string followed_by;     // a job that begins to run when this one was suspended
  };

  void Add(Job job);
  bool live(const std::string& job_id) const;

  std::vector<Tenant> LiveOn(std::string_view cluster_id) const override;
  std::vector<Tenant> TargetedAt(std::string_view cluster_id) const override;
  std::optional<Tenant> Owner(std::string_view cluster_id,
                              std::string_view engine_job_id) const override;
  base::Status CanSuspend(std::string_view job_id) const override;
  base::Result<std::string> Suspend(std::string_view job_id, const Requester& requester,
                                    std::string_view idempotency_key) override;
  base::Result<std::string> Resume(std::string_view job_id, const Requester& requester,
                                   std::string_view idempotency_key) override;
  std::optional<base::Status> EndOf(std::string_view operation_id) const override;

  void OnObservation(const Cluster&, const engines::ClusterObservation&) override {}
  void OnSilence(const Cluster&, Silence, base::Timestamp) override {}

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Job, std::less<>> jobs_;
  std::map<std::string, base::Status, std::less<>> outcomes_;  // by operation id = key
};

class NobodyListens final : public ClusterListener {
 public:
  void OnClusterChanged(const Cluster&) override {}
  void OnClusterRemoved(const Cluster&) override {}
  void OnInstallationChanged(const Installation&) override {}
  void OnInstallationRemoved(const Installation&) override {}
};

/// One life of the console over a disk and a machine. `probe` sees each passage of the gate to the
/// outside.
class ConsoleLife {
 public:
  ConsoleLife(std::shared_ptr<Disk> disk, Machine& machine, FakeTenants& tenants,
              std::filesystem::path folder, Outside::Probe probe = {});
  ~ConsoleLife();
  void Start();
  /// Ends it as kill -9 would: nothing it does from now on has an effect.
  void Die() { life->over = true; }

  /// Waits for an operation to end; fails the test after ten seconds.
  Operation Await(const std::string& operation_id);
  Operation Run(const std::string& cluster_id, const ClusterCommand& command);
  ClusterPtr AwaitState(const std::string& cluster_id, ClusterState state);
  FleetOperation AwaitFleet(const std::string& operation_id);
  /// A READY installation and a cluster on it.
  std::string MakeCluster(const std::string& name,
                          const std::function<void(ClusterSpec&)>& change = {});

  base::SystemClock clock;
  base::SecureRandom random;
  base::UlidGenerator ids{clock, random};
  std::shared_ptr<Life> life = std::make_shared<Life>();
  DiskClusterStore cluster_store;
  DiskInstallationStore installation_store;
  DiskOperationStore operation_store;
  DiskFleetStore fleet_store;
  MachineEngine drivers;
  engines::Engine engine;
  OperationLog log;
  Outside outside;
  Journal journal;
  NobodyListens listener;
  std::unique_ptr<InstallationService> installations;
  std::unique_ptr<ClusterService> clusters;
  std::unique_ptr<FleetService> fleet;
};

/// Waits until `holds`; false after ten seconds.
bool Eventually(const std::function<bool()>& holds);

inline const Requester kTester{.id = "u1", .name = "tester", .via = Requester::Via::kToken};

}  // namespace streampark::console::testing
