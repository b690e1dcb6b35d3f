// SPDX-License-Identifier: Apache-2.0
#include "job_folder.h"

#include <algorithm>
#include <sstream>

#include "streampark/base/files.h"
#include "streampark/base/json.h"

namespace streampark::process {
namespace {

namespace fs = std::filesystem;
using engines::EngineState;

std::optional<base::Timestamp> WrittenAt(const fs::path& file) {
  std::error_code error;
  const auto time = fs::last_write_time(file, error);
  if (error) {
    return std::nullopt;
  }
  return std::chrono::time_point_cast<base::Millis>(std::chrono::file_clock::to_sys(time));
}

}  // namespace

std::optional<base::ProcessId> JobFolder::ReadProcess() const {
  const auto text = base::ReadFile(process());
  if (!text.ok()) {
    return std::nullopt;
  }
  base::ProcessId id;
  std::istringstream in(*text);
  in >> id.pid >> id.start_ticks;
  return id;
}

base::Result<engines::JobObservation> JobFolder::Observe() const {
  const json::value job = SP_TRY(json::Parse(SP_TRY(base::ReadFile(this->job()))));
  engines::JobObservation seen{.engine_job_id = id()};
  seen.name = json::StringOr(job.as_object(), "name");
  seen.started_at = WrittenAt(this->job());
  seen.tasks.total = 1;
  // The exit is read before the process is looked at: one that ends in between has an exit.
  const auto read_state = [&]() -> EngineState {
    const std::optional<base::ProcessId> process = ReadProcess();
    const bool alive = process && base::IsAlive(*process);
    if (const auto code = base::ReadFile(exit()); code.ok()) {
      seen.ended_at = WrittenAt(exit());
      return fs::exists(cancelled()) ? EngineState::kCanceled
             : *code == "0"          ? EngineState::kFinished
                                     : EngineState::kFailed;
    }
    if (alive) {
      return fs::exists(cancelled()) ? EngineState::kStopping
             : fs::exists(ready())   ? EngineState::kRunning
                                     : EngineState::kPending;
    }
    if (process) {
      // Gone. The runner is about to say how, unless it was killed: then nobody will.
      const bool told = !base::FileLock::Acquire(lock()).ok() || fs::exists(exit());
      return told ? EngineState::kStopping : EngineState::kFailed;
    }
    return EngineState::kPending;
  };
  seen.state = read_state();
  seen.native_state = std::string(engines::ToString(seen.state));
  seen.tasks.running = seen.state == EngineState::kRunning ? 1 : 0;
  seen.changed_at = seen.ended_at ? seen.ended_at : seen.started_at;
  return seen;
}

std::vector<engines::Checkpoint> JobFolder::ReadSnapshots() const {
  std::vector<engines::Checkpoint> snapshots;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path_ / "answers", error)) {
    const auto text = base::ReadFile(entry.path());
    const auto answer = text.ok() ? json::Parse(*text) : base::Result<json::value>(text.error());
    if (!answer.ok() || !answer->is_object()) {
      continue;
    }
    engines::Checkpoint one{.kind = engines::SnapshotKind::kSavepoint};
    one.path = json::StringOr(answer->get_object(), "path");
    one.failure = json::StringOr(answer->get_object(), "cause");
    one.state =
        one.path.empty() ? engines::CheckpointState::kFailed : engines::CheckpointState::kCompleted;
    one.triggered_at = WrittenAt(entry.path()).value_or(base::Timestamp());
    one.duration = base::Millis(0);
    snapshots.push_back(std::move(one));
  }
  std::sort(snapshots.begin(), snapshots.end(),
            [](const auto& a, const auto& b) { return a.triggered_at > b.triggered_at; });
  for (std::size_t i = 0; i < snapshots.size(); ++i) {
    snapshots[i].number = static_cast<std::int64_t>(snapshots.size() - i);
  }
  return snapshots;
}

}  // namespace streampark::process
