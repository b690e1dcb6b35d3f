// SPDX-License-Identifier: Apache-2.0
#include "streampark/core/status_json.h"

#include <utility>

#include "streampark/base/error_text.h"
#include "streampark/base/json.h"

namespace streampark::core {

std::string_view ToString(JobPhase phase) {
  constexpr std::string_view kNames[] = {"CREATED",  "RESTORING", "RUNNING", "RESTARTING",
                                         "STOPPING", "FINISHED",  "STOPPED", "FAILED"};
  return kNames[static_cast<std::size_t>(phase)];
}

std::string ToJson(const JobStatus& status) {
  json::object checkpoints{{"failed", status.failed_checkpoints}};
  if (status.last_checkpoint_at) {
    checkpoints["last"] = status.last_checkpoint;
    checkpoints["at"] = base::FormatTimestamp(*status.last_checkpoint_at);
    checkpoints["tookMs"] = status.last_checkpoint_took.count();
  }
  json::array operators;
  for (const OperatorStatus& one : status.operators) {
    json::object shown{
        {"id", one.node},        {"name", one.name},        {"parallelism", one.parallelism},
        {"rowsIn", one.rows_in}, {"rowsOut", one.rows_out}, {"rowsDropped", one.rows_dropped}};
    if (one.waiting) {
      shown["waiting"] = *one.waiting;
    }
    if (one.watermark && *one.watermark > kBeginningOfTime && *one.watermark < kEndOfTime) {
      shown["watermark"] = base::FormatTimestamp(base::Timestamp(base::Millis(*one.watermark)));
    }
    operators.push_back(std::move(shown));
  }
  json::object shown{{"phase", ToString(status.phase)},
                     {"restarts", status.restarts},
                     {"checkpoints", std::move(checkpoints)},
                     {"operators", std::move(operators)}};
  if (status.last_error) {
    shown["lastError"] = json::Parse(base::ErrorToText(*status.last_error)).value();
  }
  return json::serialize(shown);
}

}  // namespace streampark::core
