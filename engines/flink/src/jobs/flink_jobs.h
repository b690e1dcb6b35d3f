// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/base/clock.h"
#include "streampark/engines/engine.h"

#include "rest/flink_rest.h"

namespace streampark::flink {

/// Jobs over Flink's REST API. One look at a cluster is two requests, /jobs/overview (which Flink
/// never caches, unlike /jobs/ID) and /overview; both are answered from the JobManager's memory.
///
/// Triggers carry the caller's id: Flink answers a repeat with the first one's outcome for as long
/// as it remembers it (five minutes after the end).
class FlinkJobs final : public engines::JobDriver {
 public:
  FlinkJobs(FlinkRest& rest, const base::Clock& clock) : rest_(rest), clock_(clock) {}

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
  base::Status Cancel(const engines::Endpoint& cluster, const std::string& engine_job_id,
                      std::stop_token stop) override;
  base::Result<engines::Options> Labels(const engines::Endpoint& cluster,
                                        const std::string& engine_job_id,
                                        std::stop_token stop) override;
  base::Status Rescale(const engines::Endpoint& cluster, const std::string& engine_job_id, int from,
                       int to, std::stop_token stop) override;
  base::Millis AnswerAge(const engines::Endpoint& cluster, std::stop_token stop) override;
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
  /// Reads directories of this machine alone.
  std::vector<engines::RetainedCheckpoint> RetainedCheckpoints(
      const engines::Endpoint& cluster, const std::string& directory,
      const std::string& engine_job_id) override;
  base::Result<std::vector<engines::LogFile>> ListLogs(const engines::Endpoint& cluster,
                                                       std::stop_token stop) override;
  base::Result<engines::LogPiece> ReadLog(const engines::Endpoint& cluster, std::string_view log_id,
                                          std::optional<std::int64_t> offset, std::int64_t bytes,
                                          std::stop_token stop) override;
  std::string WebUrl(const engines::Endpoint& cluster, const std::string& engine_job_id) override;

 private:
  /// Reads the rates of one vertex, in two requests.
  base::Status Measure(const engines::Endpoint& cluster, const std::string& engine_job_id,
                       engines::GraphVertex& vertex, base::SteadyTime end,
                       const std::stop_token& stop);

  FlinkRest& rest_;
  const base::Clock& clock_;
};

}  // namespace streampark::flink
