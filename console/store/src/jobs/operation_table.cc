// SPDX-License-Identifier: Apache-2.0
#include "streampark/store/jobs/operation_table.h"

#include <algorithm>

#include "jobs/operation_rows.h"

namespace streampark::store {
namespace {

using console::JournalEntry;
using console::Operation;
using console::OperationPage;

constexpr const char* kNewest = " ORDER BY id DESC LIMIT ?";

std::string SelectOperations(std::string_view rest) {
  return std::string("SELECT ").append(kOperationColumns).append(" FROM operations").append(rest);
}

JournalEntry::State ParseEntryState(std::string_view text) {
  for (const auto state : {JournalEntry::State::kOpen, JournalEntry::State::kDone,
                           JournalEntry::State::kFailed, JournalEntry::State::kVoid}) {
    if (console::ToString(state) == text) {
      return state;
    }
  }
  return JournalEntry::State::kOpen;
}

constexpr const char* kEntryColumns =
    "SELECT id, operation_id, step, verb, act_key, intent, state, outcome, opened_at, closed_at "
    "FROM "
    "journal WHERE operation_id = ?";

JournalEntry ReadEntry(const Row& row) {
  return {.id = row.text(0),
          .operation_id = row.text(1),
          .step = row.text(2),
          .verb = row.text(3),
          .key = row.text(4),
          .intent = row.text(5),
          .state = ParseEntryState(row.view(6)),
          .outcome = row.text(7),
          .opened_at = row.time(8),
          .closed_at = row.optional_time(9)};
}

}  // namespace

base::Result<Operation> OperationTable::Begin(const Operation& operation) {
  Transaction transaction = SP_TRY(database_.Begin());
  Operation begun = SP_TRY(BeginOperation(*transaction, operation));
  SP_TRY(transaction.Commit());
  return begun;
}

base::Status OperationTable::Save(const Operation& operation) {
  Transaction transaction = SP_TRY(database_.Begin());
  SP_TRY(SaveOperation(*transaction, operation));
  return transaction.Commit();
}

base::Result<std::optional<Operation>> OperationTable::Find(std::string_view operation_id) {
  Reader reader = SP_TRY(database_.Read());
  return FindOperation(*reader, operation_id);
}

base::Result<std::optional<Operation>> OperationTable::FindByKey(const console::Subject& subject,
                                                                 std::string_view idempotency_key) {
  Reader reader = SP_TRY(database_.Read());
  return reader->SelectOne(
      SelectOperations(" WHERE subject_kind = ? AND subject_id = ? AND idempotency_key = ?"),
      ReadOperation, console::ToString(subject.kind), subject.id, idempotency_key);
}

base::Result<OperationPage> OperationTable::List(console::SubjectKind kind,
                                                 std::string_view subject_id, int limit,
                                                 std::string_view after) {
  Reader reader = SP_TRY(database_.Read());
  OperationPage page;
  const std::string_view from = after.empty() ? std::string_view("~") : after;
  page.items = SP_TRY(reader->Select(
      SelectOperations(" WHERE subject_kind = ? AND subject_id = ? AND id < ?") + kNewest,
      ReadOperation, console::ToString(kind), subject_id, from, limit + 1));
  if (page.items.size() > static_cast<std::size_t>(limit)) {
    page.items.pop_back();
    page.next_after = page.items.back().id;
  }
  return page;
}

base::Result<std::vector<Operation>> OperationTable::Recent(
    const std::optional<std::vector<std::string>>& teams, int limit) {
  Reader reader = SP_TRY(database_.Read());
  if (!teams) {
    return reader->Select(SelectOperations("") + kNewest, ReadOperation, limit);
  }
  // One short index scan a team; a caller is in few.
  std::vector<Operation> found = SP_TRY(reader->Select(
      SelectOperations(" WHERE team_id = ?") + kNewest, ReadOperation, std::string_view(), limit));
  for (const std::string& team : *teams) {
    std::vector<Operation> more = SP_TRY(reader->Select(
        SelectOperations(" WHERE team_id = ?") + kNewest, ReadOperation, team, limit));
    found.insert(found.end(), std::make_move_iterator(more.begin()),
                 std::make_move_iterator(more.end()));
  }
  std::sort(found.begin(), found.end(),
            [](const Operation& a, const Operation& b) { return a.id > b.id; });
  if (found.size() > static_cast<std::size_t>(limit)) {
    found.erase(found.begin() + limit, found.end());
  }
  return found;
}

base::Result<std::vector<Operation>> OperationTable::ListOpen(console::SubjectKind kind) {
  Reader reader = SP_TRY(database_.Read());
  return reader->Select(
      SelectOperations(" WHERE open_slot IS NOT NULL AND subject_kind = ? ORDER BY id"),
      ReadOperation, console::ToString(kind));
}

base::Status OperationTable::Open(const JournalEntry& entry) {
  SP_TRY(database_.Execute(
      "INSERT INTO journal (id, operation_id, step, verb, act_key, intent, state, outcome, "
      "opened_at, "
      "closed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      entry.id, entry.operation_id, entry.step, entry.verb, entry.key, entry.intent,
      console::ToString(entry.state), entry.outcome, entry.opened_at, entry.closed_at));
  return base::Ok();
}

base::Status OperationTable::Close(const JournalEntry& entry) {
  SP_TRY(database_.Execute("UPDATE journal SET state = ?, outcome = ?, closed_at = ? WHERE id = ?",
                           console::ToString(entry.state), entry.outcome, entry.closed_at,
                           entry.id));
  return base::Ok();
}

base::Result<std::optional<JournalEntry>> OperationTable::FindEntry(std::string_view operation_id,
                                                                    std::string_view step,
                                                                    std::string_view verb,
                                                                    std::string_view key) {
  Reader reader = SP_TRY(database_.Read());
  return reader->SelectOne(
      std::string(kEntryColumns) +
          " AND step = ? AND verb = ? AND act_key = ? ORDER BY id DESC LIMIT 1",
      ReadEntry, operation_id, step, verb, key);
}

base::Result<std::vector<JournalEntry>> OperationTable::ListEntries(std::string_view operation_id) {
  Reader reader = SP_TRY(database_.Read());
  return reader->Select(std::string(kEntryColumns) + " ORDER BY id", ReadEntry, operation_id);
}

}  // namespace streampark::store
