// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/engines/engine.h"

/// Jobs that are programs on this machine. A cluster is a folder, its address file:///FOLDER, and
/// answers for as long as the folder is there. Each job has a folder of its own in it:
///
///   jobs/ID/job.json           what was submitted; the folder is made whole and renamed into place,
///                              so that an id is given once
///   jobs/ID/process            pid and start time, written by the runner before the program begins
///   jobs/ID/ready              made by the program when it works
///   jobs/ID/requests/TRIGGER   a savepoint that is asked for, read by the program
///   jobs/ID/answers/TRIGGER    the outcome, written by the program, kept for ever
///   jobs/ID/cancelled          made before the program is told to end
///   jobs/ID/exit               how it ended, written by the runner
///   jobs/ID/stdout, stderr
///
/// The program finds the job's folder in STREAMPARK_JOB_FOLDER and what to restore, if anything, in
/// STREAMPARK_RESTORE. Every file but the last two is written aside and renamed.
namespace streampark::process {

struct ProcessJob {
  std::string engine_job_id;  // 32 hex digits
  std::string name;
  std::vector<std::string> argv;
  std::optional<engines::RestorePoint> restore;
  engines::Options labels;
};

/// Thread-safe: it keeps nothing but the paths. Meant for the contract's tests and for faults that a
/// cluster of JVMs is too slow to be led through; not offered to people.
class ProcessJobs final : public engines::JobDriver {
 public:
  /// `runner` is the program streampark_process_runner.
  ProcessJobs(std::filesystem::path runner, const base::Clock& clock)
      : runner_(std::move(runner)), clock_(clock) {}

  /// Returns when the runner lives. DUPLICATE_JOB when that id was submitted before, unless its
  /// submit was cut off before anything ran: then it is gone on with. NOT_FOUND when what is to be
  /// restored is not there.
  base::Status Submit(const engines::Endpoint& cluster, const ProcessJob& job,
                      std::stop_token stop);

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
  /// Blocks for as long as the program takes to end, five seconds at most; then it is killed.
  base::Status Rescale(const engines::Endpoint& cluster, const std::string& engine_job_id, int from,
                       int to, std::stop_token stop) override;
  base::Status Cancel(const engines::Endpoint& cluster, const std::string& engine_job_id,
                      std::stop_token stop) override;
  base::Result<engines::Options> Labels(const engines::Endpoint& cluster,
                                        const std::string& engine_job_id,
                                        std::stop_token stop) override;
  std::vector<engines::RetainedCheckpoint> RetainedCheckpoints(const std::string&,
                                                               const std::string&) override {
    return {};
  }
  base::Millis AnswerAge(const engines::Endpoint&, std::stop_token) override {
    return base::Millis(0);
  }
  base::Result<engines::JobGraph> Graph(const engines::Endpoint& cluster,
                                        const std::string& engine_job_id,
                                        std::stop_token stop) override;
  base::Result<engines::JobMeters> Meters(const engines::Endpoint& cluster,
                                          const std::string& engine_job_id,
                                          std::stop_token stop) override;
  /// None: what a program reads and writes is its own business.
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
  base::Result<std::vector<engines::LogFile>> ListLogs(const engines::Endpoint& cluster,
                                                       std::stop_token stop) override;
  base::Result<engines::LogPiece> ReadLog(const engines::Endpoint& cluster, std::string_view log_id,
                                          std::optional<std::int64_t> offset, std::int64_t bytes,
                                          std::stop_token stop) override;
  std::string WebUrl(const engines::Endpoint& cluster, const std::string& engine_job_id) override;

 private:
  std::filesystem::path runner_;
  const base::Clock& clock_;
};

}  // namespace streampark::process
