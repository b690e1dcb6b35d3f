// SPDX-License-Identifier: Apache-2.0
#include "streampark/engines/observation.h"

#include <algorithm>
#include <array>

namespace streampark::engines {
namespace {

constexpr std::array<std::string_view, 8> kNames = {
    "PENDING", "RUNNING", "RESTARTING", "STOPPING", "FINISHED", "FAILED", "CANCELED", "SUSPENDED"};

}  // namespace

std::string_view ToString(EngineState state) { return kNames[static_cast<std::size_t>(state)]; }

std::optional<EngineState> ParseEngineState(std::string_view text) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == text) {
      return static_cast<EngineState>(i);
    }
  }
  return std::nullopt;
}

base::Timestamp CompletedAt(const Checkpoint& checkpoint) {
  return checkpoint.triggered_at + checkpoint.duration.value_or(base::Millis(0));
}

const Checkpoint* NewestCompleted(const CheckpointStatistics& statistics, bool kept) {
  const auto found = std::find_if(
      statistics.checkpoints.begin(), statistics.checkpoints.end(), [&](const Checkpoint& one) {
        return one.state == CheckpointState::kCompleted && !(kept && one.path.empty());
      });
  return found == statistics.checkpoints.end() ? nullptr : &*found;
}

bool IsTerminal(EngineState state) {
  return state == EngineState::kFinished || state == EngineState::kFailed ||
         state == EngineState::kCanceled;
}

}  // namespace streampark::engines
