// SPDX-License-Identifier: Apache-2.0
#include "jobs/operation_rows.h"

#include "streampark/base/error_text.h"
#include "streampark/base/json.h"

namespace streampark::store {
namespace {

using console::Operation;
using console::Step;

#define SP_OPERATION_COLUMNS                                                                     \
  "id, subject_kind, subject_id, subject_name, team_id, kind, state, parameters, requested_by, " \
  "requested_at, started_at, finished_at, cancellable, cancel_requested, steps, error, result, " \
  "memory, idempotency_key, request_digest, preempts"

json::value OptionalNumber(const std::optional<std::int64_t>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}
json::value Millis(const std::optional<base::Timestamp>& time) {
  return time ? json::value(time->time_since_epoch().count()) : json::value(nullptr);
}
std::optional<base::Timestamp> FindTime(const json::object& in, std::string_view key) {
  const auto millis = json::FindInteger(in, key);
  return millis ? std::optional(base::Timestamp(base::Millis(*millis))) : std::nullopt;
}
json::object ObjectOfColumn(std::string_view text) {
  base::Result<json::value> parsed = json::Parse(text);
  return parsed.ok() && parsed->is_object() ? parsed->get_object() : json::object();
}

std::string StepsToText(const std::vector<Step>& steps) {
  json::array out;
  for (const Step& step : steps) {
    out.push_back(json::object{{"name", step.name},
                               {"state", ToString(step.state)},
                               {"startedAt", Millis(step.started_at)},
                               {"finishedAt", Millis(step.finished_at)},
                               {"message", step.message},
                               {"done", OptionalNumber(step.done)},
                               {"total", OptionalNumber(step.total)}});
  }
  return json::serialize(out);
}

std::vector<Step> StepsFromText(std::string_view text) {
  std::vector<Step> steps;
  const base::Result<json::value> parsed = json::Parse(text);
  if (!parsed.ok() || !parsed->is_array()) {
    return steps;
  }
  for (const json::value& item : parsed->get_array()) {
    if (!item.is_object()) {
      continue;
    }
    const json::object& in = item.get_object();
    steps.push_back({.name = json::StringOr(in, "name"),
                     .state = console::ParseStepState(json::StringOr(in, "state"))
                                  .value_or(console::StepState::kWaiting),
                     .started_at = FindTime(in, "startedAt"),
                     .finished_at = FindTime(in, "finishedAt"),
                     .message = json::StringOr(in, "message"),
                     .done = json::FindInteger(in, "done"),
                     .total = json::FindInteger(in, "total")});
  }
  return steps;
}

std::string ResultToText(const console::OperationResult& result) {
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
  return json::serialize(out);
}

std::string RequesterToText(const console::Requester& requester) {
  return json::serialize(json::object{
      {"id", requester.id}, {"name", requester.name}, {"via", ToString(requester.via)}});
}

std::string MemoryToText(const std::map<std::string, std::string>& memory) {
  json::object out;
  for (const auto& [key, value] : memory) {
    out[key] = value;
  }
  return json::serialize(out);
}

std::optional<std::string> TextOrAbsent(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<int> SlotOf(const Operation& operation) {
  if (!operation.open()) {
    return std::nullopt;
  }
  return operation.preempts.empty() ? 1 : 2;
}

}  // namespace

const char* const kOperationColumns = SP_OPERATION_COLUMNS;

Operation ReadOperation(const Row& row) {
  Operation operation;
  operation.id = row.text(0);
  operation.subject = {console::ParseSubjectKind(row.view(1)).value_or(console::SubjectKind::kJob),
                       row.text(2), row.text(3), row.text(4)};
  operation.kind =
      console::ParseOperationKind(row.view(5)).value_or(console::OperationKind::kStart);
  operation.state =
      console::ParseOperationState(row.view(6)).value_or(console::OperationState::kFailed);
  operation.parameters = row.text(7);
  const json::object requester = ObjectOfColumn(row.view(8));
  operation.requested_by = {
      json::StringOr(requester, "id"), json::StringOr(requester, "name"),
      console::ParseVia(json::StringOr(requester, "via")).value_or(console::Requester::Via::kWeb)};
  operation.requested_at = row.time(9);
  operation.started_at = row.optional_time(10);
  operation.finished_at = row.optional_time(11);
  operation.cancellable = row.boolean(12);
  operation.cancel_requested = row.boolean(13);
  operation.steps = StepsFromText(row.view(14));
  if (!row.is_null(15)) {
    operation.error = base::ErrorFromText(row.view(15));
  }
  const json::object result = ObjectOfColumn(row.view(16));
  operation.result.snapshot_id = json::StringOr(result, "snapshotId");
  operation.result.attempt_id = json::StringOr(result, "attemptId");
  if (const auto revision = json::FindInteger(result, "revision")) {
    operation.result.revision = static_cast<int>(*revision);
  }
  if (const auto revision = json::FindInteger(result, "rolledBackTo")) {
    operation.result.rolled_back_to = static_cast<int>(*revision);
  }
  for (const auto& [key, value] : ObjectOfColumn(row.view(17))) {
    if (value.is_string()) {
      operation.memory[std::string(key)] = std::string(value.get_string());
    }
  }
  operation.idempotency_key = row.text(18);
  operation.request_digest = row.text(19);
  operation.preempts = row.text(20);
  return operation;
}

base::Result<Operation> BeginOperation(Connection& connection, const Operation& operation) {
  if (!operation.idempotency_key.empty()) {
    const std::optional<Operation> same = SP_TRY(connection.SelectOne(
        "SELECT " SP_OPERATION_COLUMNS
        " FROM operations WHERE subject_kind = ? AND subject_id = ? AND idempotency_key = ?",
        ReadOperation, ToString(operation.subject.kind), operation.subject.id,
        operation.idempotency_key));
    if (same) {
      if (same->request_digest == operation.request_digest) {
        return *same;
      }
      return base::Error(base::ErrorCode::kIdempotencyMismatch,
                         "the key was used for another command on " + operation.subject.name)
          .WithRelatedId(same->id);
    }
  }
  const auto open = SP_TRY(connection.Select(
      "SELECT id, kind FROM operations WHERE subject_kind = ? AND subject_id = ? AND open_slot IS "
      "NOT "
      "NULL ORDER BY id DESC",
      [](const Row& row) { return std::pair(row.text(0), row.text(1)); },
      ToString(operation.subject.kind), operation.subject.id));
  for (const auto& [id, kind] : open) {
    if (id != operation.preempts) {
      return base::Error(base::ErrorCode::kOperationInFlight,
                         kind + " of " + operation.subject.name + " is under way")
          .WithHint("wait for it, or cancel it")
          .WithRelatedId(id);
    }
  }
  SP_TRY(connection.Execute(
      "INSERT INTO operations (" SP_OPERATION_COLUMNS
      ", open_slot) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      operation.id, ToString(operation.subject.kind), operation.subject.id, operation.subject.name,
      operation.subject.team_id, ToString(operation.kind), ToString(operation.state),
      operation.parameters, RequesterToText(operation.requested_by), operation.requested_at,
      operation.started_at, operation.finished_at, operation.cancellable,
      operation.cancel_requested, StepsToText(operation.steps),
      operation.error ? std::optional(base::ErrorToText(*operation.error)) : std::nullopt,
      ResultToText(operation.result), MemoryToText(operation.memory),
      TextOrAbsent(operation.idempotency_key), operation.request_digest, operation.preempts,
      SlotOf(operation)));
  return operation;
}

base::Status SaveOperation(Connection& connection, const Operation& operation) {
  SP_TRY(connection.Execute(
      "UPDATE operations SET state = ?, started_at = ?, finished_at = ?, cancellable = ?, "
      "cancel_requested = ?, steps = ?, error = ?, result = ?, memory = ?, open_slot = ? WHERE id "
      "= ?",
      ToString(operation.state), operation.started_at, operation.finished_at, operation.cancellable,
      operation.cancel_requested, StepsToText(operation.steps),
      operation.error ? std::optional(base::ErrorToText(*operation.error)) : std::nullopt,
      ResultToText(operation.result), MemoryToText(operation.memory), SlotOf(operation),
      operation.id));
  return base::Ok();
}

base::Result<std::optional<Operation>> FindOperation(Connection& connection,
                                                     std::string_view operation_id) {
  return connection.SelectOne("SELECT " SP_OPERATION_COLUMNS " FROM operations WHERE id = ?",
                              ReadOperation, operation_id);
}

}  // namespace streampark::store
