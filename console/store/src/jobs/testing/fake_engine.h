// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "streampark/console/clusters/cluster_directory.h"
#include "streampark/console/clusters/installation.h"
#include "streampark/engines/engine.h"

/// An engine in memory, for interleavings that no real one can be brought to. It keeps a record of
/// what was done to it, by which promises are checked. Of one thread.
namespace streampark::store::testing {

/// What is asked of it: a call by its name, and what it is about (an engine's job id, a trigger's id,
/// a path).
struct Call {
  std::string_view name;
  std::string key;
};

class FakeEngine {
 public:
  struct Job {
    engines::EngineState state = engines::EngineState::kPending;
    std::string restored_from;
    std::string job_parameter;  // streampark.job
    std::string sql;
    int parallelism = 1;
    /// It runs, completes no checkpoint, and fails after a while.
    bool doomed() const { return sql.find("doomed") != std::string::npos; }
    engines::Options labels;
    base::SteadyTime changes{};  // while pending: when it runs; then: when the next checkpoint ends
    engines::EngineState ends_as{};  // while it is stopping: what it will be
    int restarts = 0;
    bool ran_again = false;                        // after its end, by the engine's own doing
    std::vector<engines::Checkpoint> checkpoints;  // newest first
    bool has_state = false;                        // it has completed one
    struct Trigger {
      engines::TriggerObservation seen;
      base::SteadyTime ends{};
      bool stops_the_job = false;
    };
    std::map<std::string, Trigger> triggers;  // by id, as long as the engine remembers them
    std::optional<base::SteadyTime> ended;    // when its end was first told
  };

  explicit FakeEngine(const base::Clock& clock_in) : clock(clock_in) {}

  const base::Clock& clock;
  // What happens next; set by tests.
  int task_managers = 1, slots_total = 4;
  int slots_free = 4;
  bool reachable = true;
  bool savepoints_fail = false;
  bool forgets_triggers = false;
  bool forgets_statistics = false;
  bool jobs_fail = false;
  bool keeps_pending = false;
  bool keeps_saving = false;
  bool snapshots_missing = false;
  bool sql_wrong = false;
  bool keeps_restarting = false;  // what runs, instead
  bool rescales = false;          // in place
  bool folder_refused = false;    // that savepoints go to
  base::Millis answer_age{0};     // so long an ended job's answers are from before its end
  base::Millis start_takes{100};
  base::Millis savepoint_takes{100};
  base::Millis stop_takes{0};
  base::Millis checkpoint_every{0};  // none
  /// Sees each call before its effect and before its answer is told; its error is told instead.
  enum class Moment { kAsked, kAnswered };
  std::function<base::Status(const Call& call, Moment moment)> disturb;
  /// Those that have registered; none where nobody keeps account of them.
  std::function<std::vector<engines::TaskManagerObservation>()> managers;
  /// Whether a submit is cut off on its way and arrives so much later.
  std::function<std::optional<base::Millis>(const Call& call)> delay_submit;

  std::map<std::string, Job> jobs;  // by engine job id
  int submits = 0;                  // accepted ones
  int compiles = 0;
  std::vector<engines::PlanHistory> histories;                         // of each compile
  std::vector<engines::CompiledOperator> operators;                    // of what is compiled next
  std::vector<engines::SnapshotInspection::Operator> saved;            // in every snapshot
  std::vector<std::string> deleted;                                    // paths of snapshots
  std::map<std::string, std::vector<engines::FoundSnapshot>> folders;  // what lies in them
  std::vector<engines::RestorePoint> restores;  // of each submit that had one
  std::vector<std::string> submitted;           // engine job ids, in order
  int triggers = 0;                             // accepted ones
  int cancels = 0;

  /// Whether answers about the job are still the ones from before its end.
  bool AnswersFromBefore(const Job& job) const;
  /// Jobs of one of ours that live.
  int Alive(const std::string& job_id);
  engines::ClusterObservation Observation();
  /// Has time done its work on the jobs.
  void Progress();
  base::Status Submit(const engines::SubmitRequest& request);
  void Stop(Job& job, engines::EngineState ends_as);
  /// A snapshot of the job is complete.
  void Complete(Job& job, engines::SnapshotKind kind, const std::string& path);

  std::vector<std::pair<base::SteadyTime, engines::SubmitRequest>> on_their_way;

 private:
  void Progress(const std::string& id, Job& job);
  void Progress(Job& job, const std::string& trigger_id, Job::Trigger& trigger);
};

/// One console's way to the engine; a console that was killed has none any more.
class FakeDriver : public engines::JobDriver, public engines::Planner {
 public:
  explicit FakeDriver(FakeEngine& engine) : engine_(engine) {}
  void Cut() { cut_ = true; }

  base::Result<engines::ClusterObservation> Observe(const engines::Endpoint&, base::Millis,
                                                    std::stop_token) override;
  base::Result<std::vector<engines::TaskManagerObservation>> ListTaskManagers(
      const engines::Endpoint&, std::stop_token stop) override;
  base::Result<engines::Options> ClusterOptions(const engines::Endpoint&,
                                                std::stop_token) override {
    return engines::Options();
  }
  base::Result<std::optional<engines::JobObservation>> Find(const engines::Endpoint&,
                                                            const std::string& id,
                                                            std::stop_token) override;
  base::Status Trigger(const engines::Endpoint&, const engines::StopRequest& request,
                       std::stop_token) override;
  base::Result<engines::TriggerObservation> ObserveTrigger(const engines::Endpoint&,
                                                           const std::string& id,
                                                           const std::string& trigger_id,
                                                           std::stop_token) override;
  base::Status Cancel(const engines::Endpoint&, const std::string& id, std::stop_token) override;
  base::Result<engines::Options> Labels(const engines::Endpoint&, const std::string& id,
                                        std::stop_token) override;
  base::Status Rescale(const engines::Endpoint&, const std::string& id, int from, int to,
                       std::stop_token) override;
  std::vector<engines::RetainedCheckpoint> RetainedCheckpoints(const engines::Endpoint&,
                                                               const std::string&,
                                                               const std::string&) override {
    return {};
  }
  base::Millis AnswerAge(const engines::Endpoint&, std::stop_token) override {
    return engine_.answer_age;
  }
  base::Result<engines::JobGraph> Graph(const engines::Endpoint&, const std::string& id,
                                        std::stop_token) override;
  base::Result<engines::JobMeters> Meters(const engines::Endpoint&, const std::string&,
                                          std::stop_token) override {
    return engines::JobMeters();
  }
  base::Result<engines::JobRates> Rates(const engines::Endpoint&, const std::string&,
                                        const engines::JobMeters&, std::stop_token) override {
    return engines::JobRates();
  }
  base::Result<engines::CheckpointStatistics> Checkpoints(const engines::Endpoint&,
                                                          const std::string& id,
                                                          std::stop_token) override;
  base::Result<std::vector<engines::ExceptionObservation>> Exceptions(const engines::Endpoint&,
                                                                      const std::string& id,
                                                                      std::stop_token) override;
  base::Result<std::int64_t> Restarts(const engines::Endpoint&, const std::string& id,
                                      std::stop_token) override;
  base::Result<std::vector<engines::LogFile>> ListLogs(const engines::Endpoint&,
                                                       std::stop_token) override {
    return std::vector<engines::LogFile>();
  }
  base::Result<engines::LogPiece> ReadLog(const engines::Endpoint&, std::string_view,
                                          std::optional<std::int64_t>, std::int64_t,
                                          std::stop_token) override {
    return engines::LogPiece();
  }
  std::string WebUrl(const engines::Endpoint&, const std::string&) override { return ""; }

  void Warm(const engines::PlannerKey&) override {}
  base::Result<engines::SqlVerdict> Validate(const engines::PlannerKey&, const std::string&,
                                             const engines::Options&, std::stop_token) override;
  base::Result<std::string> Explain(const engines::PlannerKey&, const std::string&,
                                    const engines::Options&, std::stop_token) override {
    return std::string();
  }
  base::Result<engines::CompiledSql> Compile(const engines::PlannerKey&, const std::string& sql,
                                             const engines::Options&, int,
                                             std::stop_token) override;
  base::Result<engines::CompiledSql> Recompile(const engines::PlannerKey& key,
                                               const std::string& sql,
                                               const engines::Options& options, int parallelism,
                                               const engines::PlanHistory& history,
                                               std::stop_token stop) override;
  base::Status Submit(const engines::PlannerKey&, const engines::SubmitRequest& request,
                      std::stop_token) override;
  base::Result<engines::SqlVocabulary> Vocabulary(const engines::PlannerKey&,
                                                  std::stop_token) override {
    return engines::SqlVocabulary();
  }
  base::Result<std::vector<engines::OptionProblem>> CheckJobOptions(const engines::PlannerKey&,
                                                                    const engines::Options&,
                                                                    std::stop_token) override {
    return std::vector<engines::OptionProblem>();
  }
  base::Result<engines::SnapshotInspection> InspectSnapshot(const engines::PlannerKey&,
                                                            const std::string& path,
                                                            std::stop_token) override;
  base::Result<std::vector<engines::FoundSnapshot>> ListSnapshots(const engines::PlannerKey&,
                                                                  const std::string& folder,
                                                                  std::stop_token) override;
  base::Status DeleteSnapshot(const engines::PlannerKey&, const std::string& path,
                              std::stop_token) override;
  base::Result<engines::FolderTrial> TryFolder(const engines::PlannerKey&,
                                               const std::string& folder, std::stop_token) override;

 private:
  /// One call: it may not arrive, and its answer may not.
  template <typename Effect>
  auto Ask(const Call& call, const std::stop_token& stop, Effect&& effect) -> decltype(effect());
  base::Status Pass(const Call& call, const std::stop_token& stop, FakeEngine::Moment moment) const;

  FakeEngine& engine_;
  bool cut_ = false;
};

/// One cluster, `cluster`, that runs version 1.20.5; and `remote`, the same one registered by
/// somebody who did not say where its checkpoints are kept.
class FakeClusters final : public console::ClusterDirectory {
 public:
  /// `options`: of the cluster's spec.
  explicit FakeClusters(engines::Options options = {});
  console::ClusterPtr Find(std::string_view cluster_id) const override;
  console::ClusterPtr FindForTeam(std::string_view, std::string_view id_or_name) const override {
    return Find(id_or_name);
  }
  std::vector<console::ClusterPtr> List() const override { return {Find("cluster")}; }
  std::shared_ptr<const engines::ClusterObservation> LastObservation(
      std::string_view) const override {
    return nullptr;
  }
  void WatchClosely(std::string_view, base::Millis) override {}
  base::Result<engines::Options> OptionsOf(std::string_view, std::stop_token) override {
    return engines::Options();
  }
  base::Result<std::vector<engines::LogFile>> ListLogs(std::string_view, std::stop_token) override {
    return std::vector<engines::LogFile>();
  }
  base::Result<engines::LogPiece> ReadLog(std::string_view, std::string_view,
                                          std::optional<std::int64_t>, std::int64_t,
                                          std::stop_token) override {
    return engines::LogPiece();
  }

  /// Makes `cluster` another.
  void Set(const std::function<void(console::Cluster&)>& change);
  /// Whether it counts as one that answers.
  void SetReachability(console::Reachability reachability) {
    Set([&](console::Cluster& cluster) { cluster.reachability = reachability; });
  }

 private:
  mutable std::mutex mutex_;
  console::ClusterPtr cluster_;
  console::ClusterPtr remote_;
};

class NoInstallations final : public console::InstallationDirectory {
 public:
  console::InstallationPtr Find(std::string_view) const override { return nullptr; }
  console::InstallationPtr FindByLine(std::string_view) const override { return nullptr; }
  std::vector<console::InstallationPtr> List() const override { return {}; }
};

}  // namespace streampark::store::testing
