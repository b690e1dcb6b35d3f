// SPDX-License-Identifier: Apache-2.0
#include "streampark/engines/engine_set.h"

#include <utility>

#include "streampark/base/check.h"

namespace streampark::engines {
namespace {

using Engines = std::map<std::string, Engine, std::less<>>;

const Engine& Of(const Engines& engines, std::string_view name) {
  const auto found = engines.find(name);
  SP_CHECK(found != engines.end());
  return found->second;
}

class SetOfClusters final : public ClusterDriver {
 public:
  explicit SetOfClusters(const Engines& engines) : engines_(engines) {}
  base::Result<ClusterCheck> Check(const ClusterPlan& plan, std::stop_token stop) override {
    return At(plan).Check(plan, std::move(stop));
  }
  base::Status Prepare(ClusterPlan& plan) override { return At(plan).Prepare(plan); }
  base::Result<base::ProcessId> StartProcess(const ClusterPlan& plan, ProcessRole role,
                                             int index) override {
    return At(plan).StartProcess(plan, role, index);
  }
  std::vector<ClusterProcess> FindProcesses(const std::string& cluster_id) override {
    std::vector<ClusterProcess> all;
    for (const auto& [name, engine] : engines_) {
      for (ClusterProcess& one : engine.clusters.FindProcesses(cluster_id)) {
        all.push_back(std::move(one));
      }
    }
    return all;
  }
  Endpoint EndpointOf(const ClusterPlan& plan) override { return At(plan).EndpointOf(plan); }
  base::Result<std::vector<LogFile>> ListLogs(const ClusterPlan& plan) override {
    return At(plan).ListLogs(plan);
  }
  base::Result<LogPiece> ReadLog(const ClusterPlan& plan, std::string_view log_id,
                                 std::optional<std::int64_t> offset, std::int64_t bytes) override {
    return At(plan).ReadLog(plan, log_id, offset, bytes);
  }

 private:
  ClusterDriver& At(const ClusterPlan& plan) const {
    return Of(engines_, plan.installation.engine).clusters;
  }
  const Engines& engines_;
};

class SetOfJobs final : public JobDriver {
 public:
  explicit SetOfJobs(const Engines& engines) : engines_(engines) {}
  base::Result<ClusterObservation> Observe(const Endpoint& cluster, base::Millis deadline,
                                           std::stop_token stop) override {
    return At(cluster).Observe(cluster, deadline, std::move(stop));
  }
  base::Result<std::vector<TaskManagerObservation>> ListTaskManagers(
      const Endpoint& cluster, std::stop_token stop) override {
    return At(cluster).ListTaskManagers(cluster, std::move(stop));
  }
  base::Result<Options> ClusterOptions(const Endpoint& cluster, std::stop_token stop) override {
    return At(cluster).ClusterOptions(cluster, std::move(stop));
  }
  base::Result<std::optional<JobObservation>> Find(const Endpoint& cluster, const std::string& id,
                                                   std::stop_token stop) override {
    return At(cluster).Find(cluster, id, std::move(stop));
  }
  base::Status Trigger(const Endpoint& cluster, const StopRequest& request,
                       std::stop_token stop) override {
    return At(cluster).Trigger(cluster, request, std::move(stop));
  }
  base::Result<TriggerObservation> ObserveTrigger(const Endpoint& cluster, const std::string& id,
                                                  const std::string& trigger_id,
                                                  std::stop_token stop) override {
    return At(cluster).ObserveTrigger(cluster, id, trigger_id, std::move(stop));
  }
  base::Status Cancel(const Endpoint& cluster, const std::string& id,
                      std::stop_token stop) override {
    return At(cluster).Cancel(cluster, id, std::move(stop));
  }
  base::Result<Options> Labels(const Endpoint& cluster, const std::string& id,
                               std::stop_token stop) override {
    return At(cluster).Labels(cluster, id, std::move(stop));
  }
  base::Status Rescale(const Endpoint& cluster, const std::string& id, int from, int to,
                       std::stop_token stop) override {
    return At(cluster).Rescale(cluster, id, from, to, std::move(stop));
  }
  base::Millis AnswerAge(const Endpoint& cluster, std::stop_token stop) override {
    return At(cluster).AnswerAge(cluster, std::move(stop));
  }
  base::Result<JobGraph> Graph(const Endpoint& cluster, const std::string& id,
                               std::stop_token stop) override {
    return At(cluster).Graph(cluster, id, std::move(stop));
  }
  base::Result<JobMeters> Meters(const Endpoint& cluster, const std::string& id,
                                 std::stop_token stop) override {
    return At(cluster).Meters(cluster, id, std::move(stop));
  }
  base::Result<JobRates> Rates(const Endpoint& cluster, const std::string& id,
                               const JobMeters& meters, std::stop_token stop) override {
    return At(cluster).Rates(cluster, id, meters, std::move(stop));
  }
  base::Result<CheckpointStatistics> Checkpoints(const Endpoint& cluster, const std::string& id,
                                                 std::stop_token stop) override {
    return At(cluster).Checkpoints(cluster, id, std::move(stop));
  }
  base::Result<std::vector<ExceptionObservation>> Exceptions(const Endpoint& cluster,
                                                             const std::string& id,
                                                             std::stop_token stop) override {
    return At(cluster).Exceptions(cluster, id, std::move(stop));
  }
  base::Result<std::int64_t> Restarts(const Endpoint& cluster, const std::string& id,
                                      std::stop_token stop) override {
    return At(cluster).Restarts(cluster, id, std::move(stop));
  }
  std::vector<RetainedCheckpoint> RetainedCheckpoints(const Endpoint& cluster,
                                                      const std::string& directory,
                                                      const std::string& id) override {
    return At(cluster).RetainedCheckpoints(cluster, directory, id);
  }
  base::Result<std::vector<LogFile>> ListLogs(const Endpoint& cluster,
                                              std::stop_token stop) override {
    return At(cluster).ListLogs(cluster, std::move(stop));
  }
  base::Result<LogPiece> ReadLog(const Endpoint& cluster, std::string_view log_id,
                                 std::optional<std::int64_t> offset, std::int64_t bytes,
                                 std::stop_token stop) override {
    return At(cluster).ReadLog(cluster, log_id, offset, bytes, std::move(stop));
  }
  std::string WebUrl(const Endpoint& cluster, const std::string& id) override {
    return At(cluster).WebUrl(cluster, id);
  }

 private:
  JobDriver& At(const Endpoint& cluster) const { return Of(engines_, cluster.engine).jobs; }
  const Engines& engines_;
};

class SetOfPlanners final : public Planner {
 public:
  explicit SetOfPlanners(const Engines& engines) : engines_(engines) {}
  void Warm(const PlannerKey& key) override { At(key).Warm(key); }
  base::Result<SqlVerdict> Validate(const PlannerKey& key, const std::string& script,
                                    const Options& options, std::stop_token stop) override {
    return At(key).Validate(key, script, options, std::move(stop));
  }
  base::Result<std::string> Explain(const PlannerKey& key, const std::string& script,
                                    const Options& options, std::stop_token stop) override {
    return At(key).Explain(key, script, options, std::move(stop));
  }
  base::Result<CompiledSql> Compile(const PlannerKey& key, const std::string& script,
                                    const Options& options, int parallelism,
                                    std::stop_token stop) override {
    return At(key).Compile(key, script, options, parallelism, std::move(stop));
  }
  base::Result<CompiledSql> Recompile(const PlannerKey& key, const std::string& script,
                                      const Options& options, int parallelism,
                                      const PlanHistory& history, std::stop_token stop) override {
    return At(key).Recompile(key, script, options, parallelism, history, std::move(stop));
  }
  base::Status Submit(const PlannerKey& key, const SubmitRequest& request,
                      std::stop_token stop) override {
    return At(key).Submit(key, request, std::move(stop));
  }
  base::Result<SqlVocabulary> Vocabulary(const PlannerKey& key, std::stop_token stop) override {
    return At(key).Vocabulary(key, std::move(stop));
  }
  base::Result<std::vector<OptionProblem>> CheckJobOptions(const PlannerKey& key,
                                                           const Options& options,
                                                           std::stop_token stop) override {
    return At(key).CheckJobOptions(key, options, std::move(stop));
  }
  base::Result<SnapshotInspection> InspectSnapshot(const PlannerKey& key, const std::string& path,
                                                   std::stop_token stop) override {
    return At(key).InspectSnapshot(key, path, std::move(stop));
  }
  base::Result<std::vector<FoundSnapshot>> ListSnapshots(const PlannerKey& key,
                                                         const std::string& folder,
                                                         std::stop_token stop) override {
    return At(key).ListSnapshots(key, folder, std::move(stop));
  }
  base::Status DeleteSnapshot(const PlannerKey& key, const std::string& path,
                              std::stop_token stop) override {
    return At(key).DeleteSnapshot(key, path, std::move(stop));
  }
  base::Result<FolderTrial> TryFolder(const PlannerKey& key, const std::string& folder,
                                      std::stop_token stop) override {
    return At(key).TryFolder(key, folder, std::move(stop));
  }

 private:
  Planner& At(const PlannerKey& key) const { return Of(engines_, key.installation.engine).planner; }
  const Engines& engines_;
};

}  // namespace

struct EngineSet::Parts {
  explicit Parts(const Engines& all) : engines(all) {}
  const Engines engines;
  SetOfClusters clusters{engines};
  SetOfJobs jobs{engines};
  SetOfPlanners planner{engines};
};

EngineSet::EngineSet(const Engines& engines, const std::string& installing)
    : parts_(std::make_unique<Parts>(engines)), installing_(installing) {}

EngineSet::~EngineSet() = default;

Engine EngineSet::engine() {
  return {Of(parts_->engines, installing_).installations, parts_->clusters, parts_->jobs,
          parts_->planner};
}

}  // namespace streampark::engines
