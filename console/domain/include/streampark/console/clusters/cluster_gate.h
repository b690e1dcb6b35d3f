// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/engines/engine.h"

namespace streampark::console {

/// The one gate through which the console's calls to one cluster pass. A cluster that does not answer
/// holds few threads for a short time, whoever asks and however often:
///
///   circuit    call                 what happens
///   closed     any                  passes; waits while `calls` others are under way
///   closed     the n-th silence     opens for a pause that doubles each time
///   open       Observe              passes: it is paced by the watch, and its success after a failure of
///                                   its own closes the circuit
///   open       an act               passes when no other probe is under way
///   open       any other            CLUSTER_UNREACHABLE at once; after the pause one passes as a probe
///   open       a probe's answer     closes; its silence doubles the pause
///
/// Silence is an error that leaves open what happened (IsOutcomeUnknown), but for a cancelled call.
/// Thread-safe.
class ClusterCircuit {
 public:
  struct Limits {
    int silences = 3;  // in a row
    base::Millis first_pause{1'000};
    base::Millis longest_pause{30'000};
    int calls = 6;                 // at once
    base::Millis patience{2'000};  // for one of them to end
  };
  enum class Call { kObserve, kLook, kAct };
  enum class Outcome { kAnswered, kSilent, kCancelled };

  ClusterCircuit(const base::Clock& clock, Limits limits) : clock_(clock), limits_(limits) {}

  /// Whether the call may be made; then its outcome must be told, with what this gave.
  enum class Pass { kOrdinary, kProbe };
  base::Result<Pass> Enter(Call call, const std::stop_token& stop);
  void Leave(Call call, Pass pass, Outcome outcome);
  bool open() const;
  int calls_under_way() const;

 private:
  void Open();
  void Close();
  base::Error Refusal() const;

  const base::Clock& clock_;
  const Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  int under_way_ = 0;
  int silences_ = 0;  // in a row
  bool open_ = false;
  base::SteadyTime until_{};
  base::Millis pause_{0};
  bool probing_ = false;
  bool observe_silent_ = false;
};

/// The engine's driver behind a circuit for each cluster. It must not outlive `driver`.
class ClusterGate final : public engines::JobDriver {
 public:
  using Endpoint = engines::Endpoint;

  ClusterGate(engines::JobDriver& driver, const base::Clock& clock,
              ClusterCircuit::Limits limits = {})
      : driver_(driver), clock_(clock), limits_(limits) {}

  /// Ids of clusters whose circuit is open.
  std::vector<std::string> OpenCircuits() const;

  base::Result<engines::ClusterObservation> Observe(const Endpoint& cluster, base::Millis deadline,
                                                    std::stop_token stop) override;
  base::Result<std::vector<engines::TaskManagerObservation>> ListTaskManagers(
      const Endpoint& cluster, std::stop_token stop) override;
  base::Result<engines::Options> ClusterOptions(const Endpoint& cluster,
                                                std::stop_token stop) override;
  base::Result<std::optional<engines::JobObservation>> Find(const Endpoint& cluster,
                                                            const std::string& engine_job_id,
                                                            std::stop_token stop) override;
  base::Result<engines::Options> Labels(const Endpoint& cluster, const std::string& engine_job_id,
                                        std::stop_token stop) override;
  base::Status Trigger(const Endpoint& cluster, const engines::StopRequest& request,
                       std::stop_token stop) override;
  base::Result<engines::TriggerObservation> ObserveTrigger(const Endpoint& cluster,
                                                           const std::string& engine_job_id,
                                                           const std::string& trigger_id,
                                                           std::stop_token stop) override;
  base::Status Cancel(const Endpoint& cluster, const std::string& engine_job_id,
                      std::stop_token stop) override;
  base::Status Rescale(const Endpoint& cluster, const std::string& engine_job_id, int from, int to,
                       std::stop_token stop) override;
  /// As it was when it was last asked for, while the circuit is open.
  base::Millis AnswerAge(const Endpoint& cluster, std::stop_token stop) override;
  base::Result<engines::JobGraph> Graph(const Endpoint& cluster, const std::string& engine_job_id,
                                        std::stop_token stop) override;
  base::Result<engines::JobMeters> Meters(const Endpoint& cluster, const std::string& engine_job_id,
                                          std::stop_token stop) override;
  base::Result<engines::JobRates> Rates(const Endpoint& cluster, const std::string& engine_job_id,
                                        const engines::JobMeters& meters,
                                        std::stop_token stop) override;
  base::Result<engines::CheckpointStatistics> Checkpoints(const Endpoint& cluster,
                                                          const std::string& engine_job_id,
                                                          std::stop_token stop) override;
  base::Result<std::vector<engines::ExceptionObservation>> Exceptions(
      const Endpoint& cluster, const std::string& engine_job_id, std::stop_token stop) override;
  base::Result<std::int64_t> Restarts(const Endpoint& cluster, const std::string& engine_job_id,
                                      std::stop_token stop) override;
  /// Passes always: no cluster is asked.
  std::vector<engines::RetainedCheckpoint> RetainedCheckpoints(
      const engines::Endpoint& cluster, const std::string& directory,
      const std::string& engine_job_id) override;
  base::Result<std::vector<engines::LogFile>> ListLogs(const Endpoint& cluster,
                                                       std::stop_token stop) override;
  base::Result<engines::LogPiece> ReadLog(const Endpoint& cluster, std::string_view log_id,
                                          std::optional<std::int64_t> offset, std::int64_t bytes,
                                          std::stop_token stop) override;
  std::string WebUrl(const Endpoint& cluster, const std::string& engine_job_id) override;

 private:
  struct Gated {
    std::vector<std::string> addresses;
    std::shared_ptr<ClusterCircuit> circuit;
    std::optional<base::Millis> answer_age;
  };
  /// A cluster that has moved begins anew.
  std::shared_ptr<ClusterCircuit> CircuitOf(const Endpoint& cluster);
  template <typename Made>
  auto Ask(const Endpoint& cluster, ClusterCircuit::Call call, const std::stop_token& stop,
           Made&& make) -> decltype(make());

  engines::JobDriver& driver_;
  const base::Clock& clock_;
  const ClusterCircuit::Limits limits_;
  mutable std::mutex mutex_;
  std::map<std::string, Gated, std::less<>> gated_;  // by cluster id
};

}  // namespace streampark::console
