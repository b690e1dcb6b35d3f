// SPDX-License-Identifier: Apache-2.0
#include "streampark/store/accounts/account_tables.h"

namespace streampark::store {
namespace {

console::AuditEvent AuditEventOf(const Row& row) {
  return {.id = row.text(0),
          .at = row.time(1),
          .actor = row.text(2),
          .action = row.text(3),
          .target = row.text(4),
          .team_id = row.text(5),
          .outcome = row.text(6),
          .address = row.text(7)};
}

}  // namespace

base::Status AuditTable::Append(const console::AuditEvent& event) {
  const auto team = event.team_id.empty() ? std::nullopt : std::optional(event.team_id);
  SP_TRY(database_.Execute(
      "INSERT INTO audit_events (id, at, actor, action, target, team_id, outcome, address) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      event.id, event.at, event.actor, event.action, event.target, team, event.outcome,
      event.address));
  return base::Ok();
}

base::Result<std::vector<console::AuditEvent>> AuditTable::List(const console::AuditQuery& query) {
  Reader reader = SP_TRY(database_.Read());
  std::string sql =
      "SELECT id, at, actor, action, target, team_id, outcome, address FROM audit_events WHERE 1 = "
      "1";
  std::vector<std::string> texts;
  if (!query.teams.all()) {
    if (query.teams.empty()) {
      return std::vector<console::AuditEvent>();
    }
    sql += " AND team_id IN (" + Placeholders(query.teams.ids().size()) + ")";
    texts = query.teams.ids();
  }
  if (!query.part.empty()) {
    sql +=
        R"( AND (actor LIKE ? ESCAPE '\' OR action LIKE ? ESCAPE '\' OR target LIKE ? ESCAPE '\'))";
    texts.insert(texts.end(), 3, ContainsPattern(query.part));
  }
  if (!query.before_id.empty()) {
    sql += " AND id < ?";
    texts.push_back(query.before_id);
  }
  sql += " ORDER BY id DESC LIMIT ?";
  return reader->Select(sql, AuditEventOf, texts, query.limit);
}

}  // namespace streampark::store
