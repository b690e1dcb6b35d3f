// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "streampark/engines/engine.h"

#include "jobs/testing/fake_engine.h"

/// A machine in memory on which a cluster's processes run, and the engine that answers when its
/// JobManager does. It outlives the lives of the console. Of one thread.
namespace streampark::store::testing {

class FakeMachine {
 public:
  struct Process {
    engines::ClusterProcess place;
    std::string cluster_id;
    int rest_port = 0;
    std::string configuration;             // that it was started with
    int task_managers = 0;                 // that were to be, by it
    base::SteadyTime ready{};              // when it answers, or has registered
    std::optional<base::SteadyTime> dies;  // by its own doing, or as it was asked to
    std::optional<base::SteadyTime> died;  // it does not live
    bool asked = false;                    // to end
  };

  FakeMachine(const base::Clock& clock, FakeEngine& engine) : clock_(clock), engine_(engine) {}

  // What happens next; set by tests.
  base::Millis job_manager_takes{300}, task_manager_takes{500};
  base::Millis end_takes{100};      // once it is asked to
  base::Millis missed_after{5000};  // so long a JobManager counts a dead TaskManager
  bool starts_fail = false;
  bool dies_at_once = false;  // what is started
  bool hides = false;         // its processes from whom looks for them
  bool silent = false;        // the JobManager lives and answers nobody
  bool highly_available = false;
  std::set<int> taken_ports;
  /// A JobManager has gone, with what it knew of its jobs unless it is highly available.
  std::function<void(const Process& job_manager)> job_manager_gone;

  const std::vector<Process>& processes() const { return processes_; }
  std::string digest = "d1";  // of every installation
  bool fetches_fail = false;

  /// Has time do its work, on the engine too.
  void Progress();
  /// One of those of that role that live dies; false when there is none.
  bool Strike(engines::ProcessRole role, std::uint64_t which);
  int Alive(engines::ProcessRole role, int index) const;
  std::vector<engines::TaskManagerObservation> Registered() const;

 private:
  friend class FakeMachineDriver;
  Process* Find(const base::ProcessId& id);
  void Die(Process& process);

  const base::Clock& clock_;
  FakeEngine& engine_;
  std::vector<Process> processes_;  // that ever were
  int next_port_ = 4711;
  bool port_was_taken_ = false;  // that is why the last one died
  int registered_ = 0;
};

/// One console's way to the machine; a console that was killed has none any more.
class FakeMachineDriver final : public engines::ClusterDriver, public engines::InstallationDriver {
 public:
  explicit FakeMachineDriver(FakeMachine& machine) : machine_(machine) {}

  base::Result<engines::ClusterCheck> Check(const engines::ClusterPlan&, std::stop_token) override {
    return engines::ClusterCheck();
  }
  base::Status Prepare(engines::ClusterPlan& plan) override;
  base::Result<base::ProcessId> StartProcess(const engines::ClusterPlan& plan,
                                             engines::ProcessRole role, int index) override;
  std::vector<engines::ClusterProcess> FindProcesses(const std::string& cluster_id) override;
  bool IsAlive(const base::ProcessId& id) const override;
  std::uint64_t ResidentBytes(const base::ProcessId&) const override { return 0; }
  void AskToEnd(const base::ProcessId& id) override;
  void Kill(const base::ProcessId& id) override;
  engines::Endpoint EndpointOf(const engines::ClusterPlan& plan) override;
  base::Result<std::vector<engines::LogFile>> ListLogs(const engines::ClusterPlan&) override;
  base::Result<engines::LogPiece> ReadLog(const engines::ClusterPlan&, std::string_view,
                                          std::optional<std::int64_t>, std::int64_t) override;

  base::Result<Inspection> Inspect(const std::filesystem::path& home, std::stop_token) override;
  base::Result<std::vector<std::string>> ListAvailable(std::stop_token) override {
    return std::vector<std::string>{"1.20.5"};
  }
  base::Status Fetch(const std::string& version, const std::filesystem::path& home,
                     const engines::Progress& progress, std::stop_token) override;

 private:
  FakeMachine& machine_;
};

}  // namespace streampark::store::testing
