// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "streampark/base/clock.h"
#include "streampark/engines/engine.h"

#include "job_folder.h"

namespace streampark::native {

/// Jobs that are processes of this machine. A cluster is a folder, its address file:///FOLDER, and answers for as long as the folder
/// is there. Thread-safe: it keeps nothing but whose the jobs are.
class NativeJobs final : public engines::JobDriver {
 public:
  NativeJobs(uid_t owner, const base::Clock& clock) : owner_(owner), clock_(clock) {}

  /// The cluster's folder; CLUSTER_UNREACHABLE when it is not there.
  static base::Result<std::filesystem::path> FolderOf(const engines::Endpoint& cluster,
                                                      const std::stop_token& stop);
  /// Whether it may be the name of a job or a trigger.
  static bool IsId(std::string_view text);
  JobFolder At(const std::filesystem::path& cluster, const std::string& id) const {
    return {cluster / "jobs" / id, owner_};
  }

  base::Result<engines::ClusterObservation> Observe(const engines::Endpoint& cluster,
                                                    base::Millis deadline,
                                                    std::stop_token stop) override;
  base::Result<std::vector<engines::TaskManagerObservation>> ListTaskManagers(
      const engines::Endpoint& cluster, std::stop_token stop) override;
  base::Result<engines::Options> ClusterOptions(const engines::Endpoint& cluster,
                                                std::stop_token stop) override;
  base::Result<std::optional<engines::JobObservation>> Find(const engines::Endpoint& cluster,
                                                            const std::string& engine_job_id,
                                                            std::stop_token stop) override;
  base::Status Trigger(const engines::Endpoint& cluster, const engines::StopRequest& request,
                       std::stop_token stop) override;
  base::Result<engines::TriggerObservation> ObserveTrigger(const engines::Endpoint& cluster,
                                                           const std::string& engine_job_id,
                                                           const std::string& trigger_id,
                                                           std::stop_token stop) override;
  base::Status Rescale(const engines::Endpoint& cluster, const std::string& engine_job_id, int from,
                       int to, std::stop_token stop) override;
  base::Status Cancel(const engines::Endpoint& cluster, const std::string& engine_job_id,
                      std::stop_token stop) override;
  base::Result<engines::Options> Labels(const engines::Endpoint& cluster,
                                        const std::string& engine_job_id,
                                        std::stop_token stop) override;
  base::Millis AnswerAge(const engines::Endpoint&, std::stop_token) override {
    return base::Millis(0);
  }
  base::Result<engines::JobGraph> Graph(const engines::Endpoint& cluster,
                                        const std::string& engine_job_id,
                                        std::stop_token stop) override;
  base::Result<engines::JobMeters> Meters(const engines::Endpoint& cluster,
                                          const std::string& engine_job_id,
                                          std::stop_token stop) override;
  base::Result<engines::JobRates> Rates(const engines::Endpoint& cluster,
                                        const std::string& engine_job_id,
                                        const engines::JobMeters& meters,
                                        std::stop_token stop) override;
  base::Result<engines::CheckpointStatistics> Checkpoints(const engines::Endpoint& cluster,
                                                          const std::string& engine_job_id,
                                                          std::stop_token stop) override;
  base::Result<std::vector<engines::ExceptionObservation>> Exceptions(
      const engines::Endpoint& cluster, const std::string& engine_job_id,
      std::stop_token stop) override;
  base::Result<std::int64_t> Restarts(const engines::Endpoint& cluster,
                                      const std::string& engine_job_id,
                                      std::stop_token stop) override;
  std::vector<engines::RetainedCheckpoint> RetainedCheckpoints(
      const engines::Endpoint& cluster, const std::string& directory,
      const std::string& engine_job_id) override;
  base::Result<std::vector<engines::LogFile>> ListLogs(const engines::Endpoint& cluster,
                                                       std::stop_token stop) override;
  base::Result<engines::LogPiece> ReadLog(const engines::Endpoint& cluster, std::string_view log_id,
                                          std::optional<std::int64_t> offset, std::int64_t bytes,
                                          std::stop_token stop) override;
  std::string WebUrl(const engines::Endpoint&, const std::string&) override { return ""; }

 private:
  /// NOT_FOUND when the cluster does not know it.
  base::Result<JobFolder> JobOf(const engines::Endpoint& cluster, const std::string& id,
                                const std::stop_token& stop) const;

  const uid_t owner_;
  const base::Clock& clock_;
};

}  // namespace streampark::native
