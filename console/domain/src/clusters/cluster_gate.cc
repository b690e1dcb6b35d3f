// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/clusters/cluster_gate.h"

#include <algorithm>

#include "streampark/base/log.h"
#include "streampark/console/operations/journal.h"

namespace streampark::console {
namespace {

using Call = ClusterCircuit::Call;
using Outcome = ClusterCircuit::Outcome;

/// When nobody ever told: longer than engines keep their answers by default.
constexpr base::Millis kAnswerAge{3'000};

template <typename Answer>
Outcome OutcomeOf(const Answer& answer) {
  if (answer.ok()) {
    return Outcome::kAnswered;
  }
  if (answer.error().code() == base::ErrorCode::kCancelled) {
    return Outcome::kCancelled;
  }
  return IsOutcomeUnknown(answer.error()) ? Outcome::kSilent : Outcome::kAnswered;
}

}  // namespace

base::Error ClusterCircuit::Refusal() const {
  return base::Error(
      base::ErrorCode::kClusterUnreachable,
      "the cluster does not answer; it is asked again within " + base::FormatDuration(pause_));
}

base::Result<ClusterCircuit::Pass> ClusterCircuit::Enter(Call call, const std::stop_token& stop) {
  if (call == Call::kObserve) {
    return Pass::kOrdinary;
  }
  std::unique_lock lock(mutex_);
  if (!open_ && under_way_ >= limits_.calls) {
    changed_.wait_for(lock, stop, limits_.patience,
                      [&] { return open_ || under_way_ < limits_.calls; });
    if (stop.stop_requested()) {
      return base::Error(base::ErrorCode::kCancelled, "not waited for any more");
    }
    if (!open_ && under_way_ >= limits_.calls) {
      return base::Error(base::ErrorCode::kClusterUnreachable,
                         "the cluster answers too slowly: " + std::to_string(under_way_) +
                             " questions to it are under way");
    }
  }
  if (!open_) {
    ++under_way_;
    return Pass::kOrdinary;
  }
  if (probing_ || (call == Call::kLook && clock_.SteadyNow() < until_)) {
    return Refusal();
  }
  probing_ = true;
  ++under_way_;
  return Pass::kProbe;
}

void ClusterCircuit::Leave(Call call, Pass pass, Outcome outcome) {
  const std::lock_guard lock(mutex_);
  if (call == Call::kObserve) {
    if (outcome == Outcome::kAnswered && std::exchange(observe_silent_, false)) {
      Close();
    } else if (outcome == Outcome::kSilent) {
      observe_silent_ = true;
      if (!open_ && ++silences_ >= limits_.silences) {
        Open();
      }
    }
    return;
  }
  --under_way_;
  if (pass == Pass::kProbe) {
    probing_ = false;
  }
  if (outcome == Outcome::kAnswered) {
    Close();
  } else if (outcome == Outcome::kSilent &&
             (open_ ? pass == Pass::kProbe : ++silences_ >= limits_.silences)) {
    Open();
  }
  changed_.notify_all();
}

void ClusterCircuit::Open() {
  open_ = true;
  pause_ =
      pause_ == base::Millis(0) ? limits_.first_pause : std::min(pause_ * 2, limits_.longest_pause);
  until_ = clock_.SteadyNow() + pause_;
  changed_.notify_all();
}

void ClusterCircuit::Close() {
  open_ = false;
  silences_ = 0;
  pause_ = base::Millis(0);
}

bool ClusterCircuit::open() const {
  const std::lock_guard lock(mutex_);
  return open_;
}

int ClusterCircuit::calls_under_way() const {
  const std::lock_guard lock(mutex_);
  return under_way_;
}

// ------------------------------------------------------------------------------------------------

std::shared_ptr<ClusterCircuit> ClusterGate::CircuitOf(const Endpoint& cluster) {
  const std::lock_guard lock(mutex_);
  Gated& gated = gated_[cluster.cluster_id];
  if (gated.circuit == nullptr || gated.addresses != cluster.addresses) {
    gated.addresses = cluster.addresses;
    gated.circuit = std::make_shared<ClusterCircuit>(clock_, limits_);
  }
  return gated.circuit;
}

template <typename Made>
auto ClusterGate::Ask(const Endpoint& cluster, Call call, const std::stop_token& stop, Made&& make)
    -> decltype(make()) {
  if (cluster.cluster_id.empty()) {
    return make();  // one that nobody knows yet, looked at by who is about to add it
  }
  const std::shared_ptr<ClusterCircuit> circuit = CircuitOf(cluster);
  const auto pass = circuit->Enter(call, stop);
  if (!pass.ok()) {
    return pass.error();
  }
  const bool before = circuit->open();
  auto answer = make();
  circuit->Leave(call, *pass, OutcomeOf(answer));
  if (const bool now = circuit->open(); now != before) {
    base::LogInfo(now ? "a cluster does not answer and is left alone" : "a cluster answers again",
                  {{"cluster", cluster.cluster_id}});
  }
  return answer;
}

std::vector<std::string> ClusterGate::OpenCircuits() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> open;
  for (const auto& [id, gated] : gated_) {
    if (gated.circuit->open()) {
      open.push_back(id);
    }
  }
  return open;
}

base::Result<engines::ClusterObservation> ClusterGate::Observe(const Endpoint& cluster,
                                                               base::Millis deadline,
                                                               std::stop_token stop) {
  return Ask(cluster, Call::kObserve, stop,
             [&] { return driver_.Observe(cluster, deadline, stop); });
}

base::Result<std::vector<engines::TaskManagerObservation>> ClusterGate::ListTaskManagers(
    const Endpoint& cluster, std::stop_token stop) {
  return Ask(cluster, Call::kLook, stop, [&] { return driver_.ListTaskManagers(cluster, stop); });
}

base::Result<engines::Options> ClusterGate::ClusterOptions(const Endpoint& cluster,
                                                           std::stop_token stop) {
  return Ask(cluster, Call::kLook, stop, [&] { return driver_.ClusterOptions(cluster, stop); });
}

base::Result<std::optional<engines::JobObservation>> ClusterGate::Find(
    const Endpoint& cluster, const std::string& engine_job_id, std::stop_token stop) {
  return Ask(cluster, Call::kLook, stop,
             [&] { return driver_.Find(cluster, engine_job_id, stop); });
}

base::Result<engines::Options> ClusterGate::Labels(const Endpoint& cluster,
                                                   const std::string& engine_job_id,
                                                   std::stop_token stop) {
  return Ask(cluster, Call::kLook, stop,
             [&] { return driver_.Labels(cluster, engine_job_id, stop); });
}

base::Status ClusterGate::Rescale(const Endpoint& cluster, const std::string& engine_job_id,
                                  int from, int to, std::stop_token stop) {
  return Ask(cluster, Call::kAct, stop,
             [&] { return driver_.Rescale(cluster, engine_job_id, from, to, stop); });
}

base::Status ClusterGate::Trigger(const Endpoint& cluster, const engines::StopRequest& request,
                                  std::stop_token stop) {
  return Ask(cluster, Call::kAct, stop, [&] { return driver_.Trigger(cluster, request, stop); });
}

base::Result<engines::TriggerObservation> ClusterGate::ObserveTrigger(
    const Endpoint& cluster, const std::string& engine_job_id, const std::string& trigger_id,
    std::stop_token stop) {
  return Ask(cluster, Call::kLook, stop,
             [&] { return driver_.ObserveTrigger(cluster, engine_job_id, trigger_id, stop); });
}

base::Status ClusterGate::Cancel(const Endpoint& cluster, const std::string& engine_job_id,
                                 std::stop_token stop) {
  return Ask(cluster, Call::kAct, stop,
             [&] { return driver_.Cancel(cluster, engine_job_id, stop); });
}

base::Millis ClusterGate::AnswerAge(const Endpoint& cluster, std::stop_token stop) {
  const auto asked = Ask(cluster, Call::kLook, stop, [&] {
    return base::Result<base::Millis>(driver_.AnswerAge(cluster, stop));
  });
  const std::lock_guard lock(mutex_);
  Gated& gated = gated_[cluster.cluster_id];
  if (asked.ok()) {
    gated.answer_age = *asked;
  }
  return gated.answer_age.value_or(kAnswerAge);
}

base::Result<engines::JobGraph> ClusterGate::Graph(const Endpoint& cluster,
                                                   const std::string& engine_job_id,
                                                   std::stop_token stop) {
  return Ask(cluster, Call::kLook, stop,
             [&] { return driver_.Graph(cluster, engine_job_id, stop); });
}

base::Result<engines::JobMeters> ClusterGate::Meters(const Endpoint& cluster,
                                                     const std::string& engine_job_id,
                                                     std::stop_token stop) {
  return Ask(cluster, Call::kLook, stop,
             [&] { return driver_.Meters(cluster, engine_job_id, stop); });
}

base::Result<engines::JobRates> ClusterGate::Rates(const Endpoint& cluster,
                                                   const std::string& engine_job_id,
                                                   const engines::JobMeters& meters,
                                                   std::stop_token stop) {
  return Ask(cluster, Call::kLook, stop,
             [&] { return driver_.Rates(cluster, engine_job_id, meters, stop); });
}

base::Result<engines::CheckpointStatistics> ClusterGate::Checkpoints(
    const Endpoint& cluster, const std::string& engine_job_id, std::stop_token stop) {
  return Ask(cluster, Call::kLook, stop,
             [&] { return driver_.Checkpoints(cluster, engine_job_id, stop); });
}

base::Result<std::vector<engines::ExceptionObservation>> ClusterGate::Exceptions(
    const Endpoint& cluster, const std::string& engine_job_id, std::stop_token stop) {
  return Ask(cluster, Call::kLook, stop,
             [&] { return driver_.Exceptions(cluster, engine_job_id, stop); });
}

base::Result<std::int64_t> ClusterGate::Restarts(const Endpoint& cluster,
                                                 const std::string& engine_job_id,
                                                 std::stop_token stop) {
  return Ask(cluster, Call::kLook, stop,
             [&] { return driver_.Restarts(cluster, engine_job_id, stop); });
}

std::vector<engines::RetainedCheckpoint> ClusterGate::RetainedCheckpoints(
    const Endpoint& cluster, const std::string& directory, const std::string& engine_job_id) {
  return driver_.RetainedCheckpoints(cluster, directory, engine_job_id);
}

base::Result<std::vector<engines::LogFile>> ClusterGate::ListLogs(const Endpoint& cluster,
                                                                  std::stop_token stop) {
  return Ask(cluster, Call::kLook, stop, [&] { return driver_.ListLogs(cluster, stop); });
}

base::Result<engines::LogPiece> ClusterGate::ReadLog(const Endpoint& cluster,
                                                     std::string_view log_id,
                                                     std::optional<std::int64_t> offset,
                                                     std::int64_t bytes, std::stop_token stop) {
  return Ask(cluster, Call::kLook, stop,
             [&] { return driver_.ReadLog(cluster, log_id, offset, bytes, stop); });
}

std::string ClusterGate::WebUrl(const Endpoint& cluster, const std::string& engine_job_id) {
  return driver_.WebUrl(cluster, engine_job_id);
}

}  // namespace streampark::console
