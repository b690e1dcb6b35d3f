// SPDX-License-Identifier: Apache-2.0
#include "jobs/operation_json.h"

#include "streampark/base/json.h"
#include "streampark/base/secret_keys.h"
#include "streampark/console/jobs/job_options.h"
#include "streampark/http/response.h"

namespace streampark::http {
namespace {

json::value CountOrNull(const std::optional<std::int64_t>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::value ResultJson(const console::OperationResult& result) {
  json::object out;
  if (!result.snapshot_id.empty()) {
    out["snapshotId"] = result.snapshot_id;
  }
  if (!result.attempt_id.empty()) {
    out["attemptId"] = result.attempt_id;
  }
  if (result.revision) {
    out["revision"] = *result.revision;
  }
  if (result.rolled_back_to) {
    out["rolledBackTo"] = *result.rolled_back_to;
  }
  return out.empty() ? json::value(nullptr) : json::value(std::move(out));
}

}  // namespace

json::object ShownParameters(const console::Operation& operation) {
  base::Result<json::value> parameters = json::Parse(operation.parameters);
  if (!parameters.ok() || !parameters->is_object()) {
    return {};
  }
  json::object shown = std::move(parameters->get_object());
  if (const auto options = shown.find("options");
      options != shown.end() && options->value().is_object()) {
    for (auto& [key, value] : options->value().get_object()) {
      if (base::IsSecretKey(key)) {
        value = base::kMask;
      }
    }
  }
  return shown;
}

json::object OperationToJson(const console::Operation& operation) {
  json::array steps;
  for (const console::Step& step : operation.steps) {
    steps.push_back(json::object{{"name", step.name},
                                 {"state", ToString(step.state)},
                                 {"startedAt", json::TimeOrNull(step.started_at)},
                                 {"finishedAt", json::TimeOrNull(step.finished_at)},
                                 {"message", step.message},
                                 {"done", CountOrNull(step.done)},
                                 {"total", CountOrNull(step.total)}});
  }
  return json::object{
      {"id", operation.id},
      {"subject", json::object{{"kind", ToString(operation.subject.kind)},
                               {"id", operation.subject.id},
                               {"name", operation.subject.name}}},
      {"kind", ToString(operation.kind)},
      {"state", ToString(operation.state)},
      {"parameters", ShownParameters(operation)},
      {"requestedBy", json::object{{"id", operation.requested_by.id},
                                   {"name", operation.requested_by.name},
                                   {"via", ToString(operation.requested_by.via)}}},
      {"requestedAt", base::FormatTimestamp(operation.requested_at)},
      {"startedAt", json::TimeOrNull(operation.started_at)},
      {"finishedAt", json::TimeOrNull(operation.finished_at)},
      {"cancellable", operation.open() && operation.cancellable && !operation.cancel_requested},
      {"steps", std::move(steps)},
      {"error",
       operation.error ? json::value(ProblemJson(*operation.error)) : json::value(nullptr)},
      {"result", ResultJson(operation.result)}};
}

}  // namespace streampark::http
