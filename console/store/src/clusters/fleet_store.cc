// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "streampark/base/error_text.h"
#include "streampark/base/json.h"
#include "streampark/store/clusters/cluster_stores.h"

namespace streampark::store {
namespace {

using console::FleetItem;
using console::FleetKind;
using console::FleetOperation;
using console::FleetSubject;

constexpr std::string_view kSelectOperations =
    "SELECT id, kind, forced, state, requested_by, requested_at, finished_at, idempotency_key, "
    "items, error FROM fleet_operations";

std::string TextOf(const console::Requester& requester) {
  return json::serialize(json::object{
      {"id", requester.id}, {"name", requester.name}, {"via", ToString(requester.via)}});
}

console::Requester RequesterOf(const std::string& text) {
  console::Requester requester;
  if (const auto value = json::Parse(text); value.ok() && value->is_object()) {
    const json::object& object = value->as_object();
    requester.id = json::StringOr(object, "id");
    requester.name = json::StringOr(object, "name");
    requester.via =
        console::ParseVia(json::StringOr(object, "via")).value_or(console::Requester::Via::kFleet);
  }
  return requester;
}

std::string TextOf(const std::vector<FleetItem>& items) {
  json::array array;
  for (const FleetItem& item : items) {
    array.push_back(json::object{{"kind", ToString(item.subject.kind)},
                                 {"id", item.subject.id},
                                 {"name", item.subject.name},
                                 {"state", ToString(item.state)},
                                 {"message", item.message}});
  }
  return json::serialize(array);
}

std::vector<FleetItem> ItemsOf(const std::string& text) {
  std::vector<FleetItem> items;
  const auto value = json::Parse(text);
  if (!value.ok() || !value->is_array()) {
    return items;
  }
  for (const json::value& entry : value->as_array()) {
    const json::object& object = entry.as_object();
    items.push_back({.subject = {.kind = console::ParseSubjectKind(json::StringOr(object, "kind"))
                                             .value_or(console::SubjectKind::kJob),
                                 .id = json::StringOr(object, "id"),
                                 .name = json::StringOr(object, "name")},
                     .state = console::ParseOperationState(json::StringOr(object, "state"))
                                  .value_or(console::OperationState::kFailed),
                     .message = json::StringOr(object, "message")});
  }
  return items;
}

FleetOperation OperationOf(const Row& row) {
  FleetOperation operation;
  operation.id = row.text(0);
  operation.command.kind = console::ParseFleetKind(row.view(1)).value_or(FleetKind::kSuspend);
  operation.command.force = row.boolean(2);
  operation.state =
      console::ParseOperationState(row.view(3)).value_or(console::OperationState::kFailed);
  operation.requested_by = RequesterOf(row.text(4));
  operation.requested_at = row.time(5);
  operation.finished_at = row.optional_time(6);
  operation.idempotency_key = row.text(7);
  operation.items = ItemsOf(row.text(8));
  if (const auto error = row.optional_text(9)) {
    operation.error = base::ErrorFromText(*error);
  }
  return operation;
}

}  // namespace

base::Status SqlFleetStore::Save(const FleetOperation& operation) {
  const std::optional<std::string> key =
      operation.idempotency_key.empty() ? std::nullopt : std::optional(operation.idempotency_key);
  const std::optional<std::string> error =
      operation.error ? std::optional(base::ErrorToText(*operation.error)) : std::nullopt;
  Transaction transaction = SP_TRY(database_.Begin());
  SP_TRY(transaction->Execute("DELETE FROM fleet_operations WHERE id = ?", operation.id));
  SP_TRY(transaction->Execute(
      "INSERT INTO fleet_operations (id, kind, forced, state, requested_by, requested_at, "
      "finished_at, idempotency_key, items, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      operation.id, ToString(operation.command.kind), operation.command.force,
      ToString(operation.state), TextOf(operation.requested_by), operation.requested_at,
      operation.finished_at, key, TextOf(operation.items), error));
  return transaction.Commit();
}

base::Result<std::optional<FleetOperation>> SqlFleetStore::Find(std::string_view operation_id) {
  Reader reader = SP_TRY(database_.Read());
  return reader->SelectOne(std::string(kSelectOperations) + " WHERE id = ?", OperationOf,
                           operation_id);
}

base::Result<std::optional<FleetOperation>> SqlFleetStore::FindByKey(
    std::string_view idempotency_key) {
  Reader reader = SP_TRY(database_.Read());
  return reader->SelectOne(std::string(kSelectOperations) + " WHERE idempotency_key = ?",
                           OperationOf, idempotency_key);
}

base::Result<std::vector<FleetOperation>> SqlFleetStore::ListOpen() {
  Reader reader = SP_TRY(database_.Read());
  return reader->Select(
      std::string(kSelectOperations) + " WHERE state IN ('PENDING', 'RUNNING') ORDER BY id",
      OperationOf);
}

base::Status SqlFleetStore::AddSuspended(const FleetSubject& subject) {
  Transaction transaction = SP_TRY(database_.Begin());
  const auto there = SP_TRY(transaction->SelectOne(
      "SELECT position FROM fleet_suspended WHERE subject_kind = ? AND subject_id = ?",
      [](const Row& row) { return row.integer(0); }, ToString(subject.kind), subject.id));
  if (there) {
    return base::Ok();
  }
  SP_TRY(transaction->Execute(
      "INSERT INTO fleet_suspended (subject_kind, subject_id, subject_name, position) "
      "SELECT ?, ?, ?, COALESCE(MAX(position), 0) + 1 FROM fleet_suspended",
      ToString(subject.kind), subject.id, subject.name));
  return transaction.Commit();
}

base::Status SqlFleetStore::RemoveSuspended(const FleetSubject& subject) {
  SP_TRY(database_.Execute("DELETE FROM fleet_suspended WHERE subject_kind = ? AND subject_id = ?",
                           ToString(subject.kind), subject.id));
  return base::Ok();
}

base::Result<std::vector<FleetSubject>> SqlFleetStore::LoadSuspended() {
  Reader reader = SP_TRY(database_.Read());
  return reader->Select(
      "SELECT subject_kind, subject_id, subject_name FROM fleet_suspended ORDER BY position",
      [](const Row& row) {
        return FleetSubject{
            .kind = console::ParseSubjectKind(row.view(0)).value_or(console::SubjectKind::kJob),
            .id = row.text(1),
            .name = row.text(2)};
      });
}

}  // namespace streampark::store
