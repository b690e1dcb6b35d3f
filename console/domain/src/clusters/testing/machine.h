// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "streampark/engines/engine.h"

#include "clusters/testing/disk.h"

namespace streampark::console::testing {

/// A machine on which processes run (each is a real one that only sleeps), and the engine's answers
/// as they follow from what lives. It outlives the lives of the console. Ends its processes when it
/// goes.
class Machine {
 public:
  Machine();
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  base::Result<base::ProcessId> Start(const std::string& cluster, engines::ProcessRole role,
                                      int index);
  std::vector<engines::ClusterProcess> Living(const std::string& cluster) const;
  void Kill(const std::string& cluster, engines::ProcessRole role, int index);
  /// How many processes were ever started.
  int starts() const;
  /// From now on processes of that role end as soon as they are started, leaving these words.
  void Break(engines::ProcessRole role, std::string last_words);
  void Mend();
  /// From now on the engine counts dead TaskManagers too, as one does that has not missed them yet.
  void CountTheDead();

  void AddJob(const std::string& cluster, engines::JobObservation job);
  base::Result<engines::ClusterObservation> Observe(const std::string& cluster, int slots_each,
                                                    base::Timestamp now) const;
  std::vector<engines::TaskManagerObservation> TaskManagers(const std::string& cluster,
                                                            base::Timestamp now) const;
  std::string last_words() const;

 private:
  mutable std::mutex mutex_;
  std::multimap<std::tuple<std::string, engines::ProcessRole, int>, base::ProcessId> processes_;
  std::map<std::string, std::vector<engines::JobObservation>> jobs_;
  std::set<engines::ProcessRole> broken_;
  std::string last_words_;
  bool counts_the_dead_ = false;
  int starts_ = 0;
};

/// The engine's adapters for one life of the console, on a machine.
class MachineEngine final : public engines::InstallationDriver,
                            public engines::ClusterDriver,
                            public engines::JobDriver,
                            public engines::Planner {
 public:
  MachineEngine(Machine& machine, std::shared_ptr<Life> life, const base::Clock& clock)
      : machine_(machine), life_(std::move(life)), clock_(clock) {}

  engines::Engine engine() { return {*this, *this, *this, *this}; }

  /// What the next inspections say; by default version 1.20.5 with digest "d1".
  std::string digest = "d1";
  int fetches = 0;

  // InstallationDriver
  base::Result<Inspection> Inspect(const std::filesystem::path& home,
                                   std::stop_token stop) override;
  base::Result<std::vector<std::string>> ListAvailable(std::stop_token stop) override;
  base::Status Fetch(const std::string& version, const std::filesystem::path& home,
                     const engines::Progress& progress, std::stop_token stop) override;
  // ClusterDriver
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
  // JobDriver
  base::Result<engines::ClusterObservation> Observe(const engines::Endpoint& cluster,
                                                    base::Millis deadline,
                                                    std::stop_token stop) override;
  base::Result<std::vector<engines::TaskManagerObservation>> ListTaskManagers(
      const engines::Endpoint& cluster, std::stop_token) override {
    return machine_.TaskManagers(cluster.cluster_id, clock_.Now());
  }
  base::Result<engines::Options> ClusterOptions(const engines::Endpoint&,
                                                std::stop_token) override {
    return engines::Options();
  }
  base::Result<std::optional<engines::JobObservation>> Find(const engines::Endpoint&,
                                                            const std::string&,
                                                            std::stop_token) override {
    return std::optional<engines::JobObservation>();
  }
  base::Status Trigger(const engines::Endpoint&, const engines::StopRequest&,
                       std::stop_token) override {
    return NotAsked();
  }
  base::Result<engines::TriggerObservation> ObserveTrigger(const engines::Endpoint&,
                                                           const std::string&, const std::string&,
                                                           std::stop_token) override {
    return NotAsked();
  }
  base::Status Cancel(const engines::Endpoint&, const std::string&, std::stop_token) override {
    return NotAsked();
  }
  base::Status Rescale(const engines::Endpoint&, const std::string&, int, int,
                       std::stop_token) override {
    return base::Error(base::ErrorCode::kIllegalState, "not asked");
  }
  base::Result<engines::Options> Labels(const engines::Endpoint&, const std::string&,
                                        std::stop_token) override {
    return NotAsked();
  }
  std::vector<engines::RetainedCheckpoint> RetainedCheckpoints(const engines::Endpoint&,
                                                               const std::string&,
                                                               const std::string&) override {
    return {};
  }
  base::Millis AnswerAge(const engines::Endpoint&, std::stop_token) override {
    return base::Millis(0);
  }
  base::Result<engines::JobGraph> Graph(const engines::Endpoint&, const std::string&,
                                        std::stop_token) override {
    return NotAsked();
  }
  base::Result<engines::JobMeters> Meters(const engines::Endpoint&, const std::string&,
                                          std::stop_token) override {
    return NotAsked();
  }
  base::Result<engines::JobRates> Rates(const engines::Endpoint&, const std::string&,
                                        const engines::JobMeters&, std::stop_token) override {
    return NotAsked();
  }
  base::Result<engines::CheckpointStatistics> Checkpoints(const engines::Endpoint&,
                                                          const std::string&,
                                                          std::stop_token) override {
    return NotAsked();
  }
  base::Result<std::vector<engines::ExceptionObservation>> Exceptions(const engines::Endpoint&,
                                                                      const std::string&,
                                                                      std::stop_token) override {
    return NotAsked();
  }
  base::Result<std::int64_t> Restarts(const engines::Endpoint&, const std::string&,
                                      std::stop_token) override {
    return NotAsked();
  }
  base::Result<std::vector<engines::LogFile>> ListLogs(const engines::Endpoint&,
                                                       std::stop_token) override {
    return std::vector<engines::LogFile>();
  }
  base::Result<engines::LogPiece> ReadLog(const engines::Endpoint&, std::string_view,
                                          std::optional<std::int64_t>, std::int64_t,
                                          std::stop_token) override {
    return NotAsked();
  }
  std::string WebUrl(const engines::Endpoint& cluster, const std::string&) override {
    return cluster.addresses.empty() ? "" : cluster.addresses.front();
  }
  // Planner: clusters never ask it.
  void Warm(const engines::PlannerKey&) override {}
  base::Result<engines::SqlVerdict> Validate(const engines::PlannerKey&, const std::string&,
                                             const engines::Options&, std::stop_token) override {
    return NotAsked();
  }
  base::Result<std::string> Explain(const engines::PlannerKey&, const std::string&,
                                    const engines::Options&, std::stop_token) override {
    return NotAsked();
  }
  base::Result<engines::CompiledSql> Compile(const engines::PlannerKey&, const std::string&,
                                             const engines::Options&, int,
                                             std::stop_token) override {
    return NotAsked();
  }
  base::Status Submit(const engines::PlannerKey&, const engines::SubmitRequest&,
                      std::stop_token) override {
    return NotAsked();
  }
  base::Result<engines::SqlVocabulary> Vocabulary(const engines::PlannerKey&,
                                                  std::stop_token) override {
    return NotAsked();
  }
  base::Result<std::vector<engines::OptionProblem>> CheckJobOptions(const engines::PlannerKey&,
                                                                    const engines::Options&,
                                                                    std::stop_token) override {
    return NotAsked();
  }
  base::Result<std::vector<engines::FoundSnapshot>> ListSnapshots(const engines::PlannerKey&,
                                                                  const std::string&,
                                                                  std::stop_token) override {
    return NotAsked();
  }
  base::Result<engines::SnapshotInspection> InspectSnapshot(const engines::PlannerKey&,
                                                            const std::string&,
                                                            std::stop_token) override {
    return NotAsked();
  }
  base::Status DeleteSnapshot(const engines::PlannerKey&, const std::string&,
                              std::stop_token) override {
    return NotAsked();
  }

 private:
  static base::Error NotAsked() {
    return {base::ErrorCode::kInternal, "clusters have no business with this"};
  }

  Machine& machine_;
  std::shared_ptr<Life> life_;
  const base::Clock& clock_;
};

}  // namespace streampark::console::testing
