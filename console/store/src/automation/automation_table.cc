// SPDX-License-Identifier: Apache-2.0
#include "streampark/store/automation/automation_table.h"

#include "automation/automation_rows.h"

namespace streampark::store {
namespace {

using console::Attention;
using console::Decision;
using console::Pause;

constexpr int kDecisionsKept = 50;  // of each job, however old

}  // namespace

base::Result<console::StoredPage<Decision>> AutomationTable::ListDecisions(std::string_view job_id,
                                                                           int limit,
                                                                           std::string_view after) {
  Reader reader = SP_TRY(database_.Read());
  console::StoredPage<Decision> page;
  page.items = SP_TRY(reader->Select(
      SelectDecisions(" WHERE job_id = ? AND (? = '' OR id < ?) ORDER BY id DESC LIMIT ?"),
      ReadDecision, job_id, after, after, limit + 1));
  if (page.items.size() > static_cast<std::size_t>(limit)) {
    page.items.pop_back();
    page.next_after = page.items.back().id;
  }
  return page;
}

base::Result<std::vector<Decision>> AutomationTable::ListPending() {
  Reader reader = SP_TRY(database_.Read());
  return reader->Select(
      SelectDecisions(" WHERE command <> '' AND operation_id = '' AND refusal = '' ORDER BY id"),
      ReadDecision);
}

base::Status AutomationTable::Save(const Decision& decision) {
  Transaction transaction = SP_TRY(database_.Begin());
  SP_TRY(WriteDecision(*transaction, decision));
  return transaction.Commit();
}

base::Result<std::vector<Attention>> AutomationTable::ListOpenAttentions() {
  Reader reader = SP_TRY(database_.Read());
  return reader->Select(
      "SELECT id, job_id, team_id, rule, opened_at FROM attentions WHERE open_slot = 1 ORDER BY id",
      [](const Row& row) {
        return Attention{
            row.text(0),
            row.text(1),
            row.text(2),
            console::ParseAttentionRule(row.view(3)).value_or(console::AttentionRule::kAsks),
            row.time(4),
            std::nullopt};
      });
}

base::Status AutomationTable::Save(const std::vector<Attention>& attentions) {
  Transaction transaction = SP_TRY(database_.Begin());
  for (const Attention& one : attentions) {
    const std::optional<int> slot = one.resolved_at ? std::nullopt : std::optional(1);
    SP_TRY(transaction->Execute(
        "INSERT INTO attentions (id, job_id, team_id, rule, opened_at, resolved_at, open_slot) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET resolved_at = "
        "excluded.resolved_at, open_slot = excluded.open_slot",
        one.id, one.job_id, one.team_id, console::ToString(one.rule), one.opened_at,
        one.resolved_at, slot));
  }
  return transaction.Commit();
}

base::Result<std::vector<Pause>> AutomationTable::ListPauses() {
  Reader reader = SP_TRY(database_.Read());
  return reader->Select(
      "SELECT scope, subject_id, by_id, by_name, at, reason FROM automation_pauses",
      [](const Row& row) {
        return Pause{console::ParsePauseScope(row.view(0)).value_or(Pause::Scope::kFleet),
                     row.text(1),
                     {row.text(2), row.text(3)},
                     row.time(4),
                     row.text(5)};
      });
}

base::Status AutomationTable::Save(const Pause& pause) {
  SP_TRY(database_.Execute(
      "INSERT INTO automation_pauses (scope, subject_id, by_id, by_name, at, reason) VALUES (?, ?, "
      "?, ?, ?, ?) ON CONFLICT (scope, subject_id) DO UPDATE SET by_id = excluded.by_id, by_name = "
      "excluded.by_name, at = excluded.at, reason = excluded.reason",
      console::ToString(pause.scope), pause.subject_id, pause.by.id, pause.by.name, pause.at,
      pause.reason));
  return base::Ok();
}

base::Status AutomationTable::RemovePause(Pause::Scope scope, std::string_view subject_id) {
  SP_TRY(database_.Execute("DELETE FROM automation_pauses WHERE scope = ? AND subject_id = ?",
                           console::ToString(scope), subject_id));
  return base::Ok();
}

base::Status AutomationTable::Prune(base::Timestamp before) {
  Transaction transaction = SP_TRY(database_.Begin());
  SP_TRY(transaction->Execute(
      "DELETE FROM decisions WHERE at < ? AND (command = '' OR operation_id <> '' OR refusal <> "
      "'') AND id NOT IN (SELECT id FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY job_id ORDER "
      "BY id DESC) AS place FROM decisions) WHERE place <= ?)",
      before, kDecisionsKept));
  SP_TRY(transaction->Execute("DELETE FROM attentions WHERE open_slot IS NULL AND resolved_at < ?",
                              before));
  return transaction.Commit();
}

}  // namespace streampark::store
