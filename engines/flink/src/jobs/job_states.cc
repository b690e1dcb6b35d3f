// SPDX-License-Identifier: Apache-2.0
#include "jobs/job_states.h"

#include <array>
#include <utility>

namespace streampark::flink {
namespace {

using engines::EngineState;

/// org.apache.flink.api.common.JobStatus → ours. RUNNING there means "scheduled": see StateOf.
/// RECONCILING is a new JobManager taking the job over; FAILING still cleans up before FAILED.
constexpr std::array<std::pair<std::string_view, EngineState>, 11> kStates = {{
    {"INITIALIZING", EngineState::kPending},
    {"CREATED", EngineState::kPending},
    {"RUNNING", EngineState::kRunning},
    {"RESTARTING", EngineState::kRestarting},
    {"RECONCILING", EngineState::kRestarting},
    {"FAILING", EngineState::kStopping},
    {"CANCELLING", EngineState::kStopping},
    {"FAILED", EngineState::kFailed},
    {"CANCELED", EngineState::kCanceled},
    {"FINISHED", EngineState::kFinished},
    {"SUSPENDED", EngineState::kSuspended},
}};

}  // namespace

EngineState StateOf(std::string_view flink_state, const engines::TaskCounts& tasks) {
  for (const auto& [word, state] : kStates) {
    if (word != flink_state) {
      continue;
    }
    const bool all_run = tasks.total > 0 && tasks.running + tasks.finished == tasks.total;
    return state == EngineState::kRunning && !all_run ? EngineState::kPending : state;
  }
  return EngineState::kPending;
}

}  // namespace streampark::flink
