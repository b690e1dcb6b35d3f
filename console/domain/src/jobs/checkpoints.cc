// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/jobs/checkpoints.h"

#include "streampark/base/json.h"
#include "streampark/console/jobs/job.h"

namespace streampark::console {
namespace {

template <typename Number>
json::value NumberOrNull(const std::optional<Number>& number) {
  return number ? json::value(static_cast<std::int64_t>(*number)) : json::value(nullptr);
}

std::string_view WordOf(engines::CheckpointState state) {
  switch (state) {
    case engines::CheckpointState::kInProgress:
      return "IN_PROGRESS";
    case engines::CheckpointState::kCompleted:
      return "COMPLETED";
    case engines::CheckpointState::kFailed:
      break;
  }
  return "FAILED";
}

}  // namespace

json::object CheckpointsToJson(std::string_view attempt_id,
                               const engines::CheckpointStatistics& statistics) {
  json::array items;
  for (const engines::Checkpoint& one : statistics.checkpoints) {
    items.push_back(json::object{
        {"number", one.number},
        {"kind", ToString(one.kind)},
        {"state", WordOf(one.state)},
        {"triggeredAt", base::FormatTimestamp(one.triggered_at)},
        {"durationMs", one.duration ? json::value(one.duration->count()) : json::value(nullptr)},
        {"sizeBytes", NumberOrNull(one.size_bytes)},
        {"processedBytes", NumberOrNull(one.processed_bytes)},
        {"path", json::TextOrNull(one.path)},
        {"failure", json::TextOrNull(one.failure)}});
  }
  json::value restored = nullptr;
  if (statistics.latest_restored) {
    restored = json::object{
        {"path", statistics.latest_restored->path},
        {"at", base::FormatTimestamp(statistics.latest_restored->at)},
        {"savepoint", statistics.latest_restored->kind == engines::SnapshotKind::kSavepoint}};
  }
  return json::object{{"attemptId", json::TextOrNull(attempt_id)},
                      {"observedAt", base::FormatTimestamp(statistics.observed_at)},
                      {"counts", json::object{{"completed", statistics.completed},
                                              {"failed", statistics.failed},
                                              {"inProgress", statistics.in_progress},
                                              {"restored", statistics.restored},
                                              {"total", statistics.completed + statistics.failed +
                                                            statistics.in_progress}}},
                      {"restored", std::move(restored)},
                      {"items", std::move(items)}};
}

}  // namespace streampark::console
