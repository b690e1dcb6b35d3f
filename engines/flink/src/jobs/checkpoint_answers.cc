// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/json.h"

#include "jobs/detail_answers.h"
#include "rest/answer.h"
#include "rest/java_trace.h"

namespace streampark::flink {
namespace {

using engines::CheckpointState;
using engines::SnapshotFormat;
using engines::SnapshotKind;

constexpr std::string_view kDiscardedPath = "<checkpoint-not-externally-addressable>";

SnapshotKind KindOf(const json::object& in) {
  return json::FindBool(in, "is_savepoint").value_or(false) ? SnapshotKind::kSavepoint
                                                            : SnapshotKind::kCheckpoint;
}

std::optional<std::int64_t> NotNegative(std::optional<std::int64_t> number) {
  return number && *number >= 0 ? number : std::nullopt;
}

engines::Checkpoint ReadCheckpoint(const json::object& in) {
  engines::Checkpoint checkpoint;
  checkpoint.number = json::IntegerOr(in, "id");
  checkpoint.kind = KindOf(in);
  const std::string status = json::StringOr(in, "status");
  checkpoint.state = status == "COMPLETED" ? CheckpointState::kCompleted
                     : status == "FAILED"  ? CheckpointState::kFailed
                                           : CheckpointState::kInProgress;
  checkpoint.triggered_at = FindTime(in, "trigger_timestamp").value_or(base::Timestamp());
  if (const auto duration = NotNegative(json::FindInteger(in, "end_to_end_duration"));
      duration && checkpoint.state != CheckpointState::kInProgress) {
    checkpoint.duration = base::Millis(*duration);
  }
  checkpoint.size_bytes = NotNegative(json::FindInteger(in, "state_size"));
  checkpoint.processed_bytes = NotNegative(json::FindInteger(in, "processed_data"));
  if (checkpoint.state == CheckpointState::kCompleted &&
      !json::FindBool(in, "discarded").value_or(false)) {
    checkpoint.path = json::StringOr(in, "external_path");
    if (checkpoint.path == kDiscardedPath) {
      checkpoint.path.clear();
    }
  }
  checkpoint.failure = RootCause(json::StringOr(in, "failure_message"));
  return checkpoint;
}

}  // namespace

base::Result<engines::CheckpointStatistics> ReadCheckpoints(const json::value& answer) {
  const json::array* history = SP_TRY(ExpectArray(answer, "history", "the job's checkpoints"));
  const json::object& in = answer.get_object();
  engines::CheckpointStatistics statistics;
  if (const json::object* counts = json::FindObject(in, "counts")) {
    statistics.completed = static_cast<int>(json::IntegerOr(*counts, "completed"));
    statistics.failed = static_cast<int>(json::IntegerOr(*counts, "failed"));
    statistics.in_progress = static_cast<int>(json::IntegerOr(*counts, "in_progress"));
    statistics.restored = static_cast<int>(json::IntegerOr(*counts, "restored"));
  }
  const json::object* latest = json::FindObject(in, "latest");
  if (const json::object* restored =
          latest == nullptr ? nullptr : json::FindObject(*latest, "restored")) {
    statistics.latest_restored = {
        .path = json::StringOr(*restored, "external_path"),
        .at = FindTime(*restored, "restore_timestamp").value_or(base::Timestamp()),
        .kind = KindOf(*restored)};
  }
  for (const json::value& item : *history) {
    if (item.is_object()) {
      statistics.checkpoints.push_back(ReadCheckpoint(item.get_object()));
    }
  }
  return statistics;
}

base::Result<engines::TriggerObservation> ReadTrigger(const json::value& answer) {
  const json::object* in = SP_TRY(ExpectObject(answer, "the savepoint"));
  engines::TriggerObservation trigger;
  const json::object* status = json::FindObject(*in, "status");
  if (status == nullptr) {
    return NotFlink("the savepoint");
  }
  if (json::StringOr(*status, "id") != "COMPLETED") {
    return trigger;
  }
  const json::object* operation = json::FindObject(*in, "operation");
  if (operation == nullptr) {
    trigger.state = engines::TriggerObservation::State::kUnknown;
    return trigger;
  }
  trigger.path = json::StringOr(*operation, "location");
  if (!trigger.path.empty()) {
    trigger.state = engines::TriggerObservation::State::kCompleted;
    return trigger;
  }
  trigger.state = engines::TriggerObservation::State::kFailed;
  if (const json::object* failure = json::FindObject(*operation, "failure-cause")) {
    trigger.cause = RootCause(json::StringOr(*failure, "stack-trace"));
    if (trigger.cause.empty()) {
      trigger.cause = json::StringOr(*failure, "class", "no cause given");
    }
  }
  return trigger;
}

}  // namespace streampark::flink
