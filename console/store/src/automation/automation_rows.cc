// SPDX-License-Identifier: Apache-2.0
#include "automation/automation_rows.h"

namespace streampark::store {

using console::Decision;

std::string SelectDecisions(std::string_view rest) {
  return std::string(
             "SELECT id, job_id, team_id, kind, rule, facts, at, due, command, operation_id, "
             "refusal FROM decisions")
      .append(rest);
}

Decision ReadDecision(const Row& row) {
  Decision decision;
  decision.id = row.text(0);
  decision.job_id = row.text(1);
  decision.team_id = row.text(2);
  decision.kind = console::ParseDecisionKind(row.view(3)).value_or(console::DecisionKind::kNothing);
  decision.rule = row.text(4);
  decision.facts = row.text(5);
  decision.at = row.time(6);
  decision.due = row.optional_time(7);
  decision.command = row.text(8);
  decision.operation_id = row.text(9);
  decision.refusal = row.text(10);
  return decision;
}

base::Status WriteDecision(Connection& connection, const Decision& decision) {
  SP_TRY(connection.Execute(
      "INSERT INTO decisions (id, job_id, team_id, kind, rule, facts, at, due, command, "
      "operation_id, refusal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
      "SET operation_id = excluded.operation_id, refusal = excluded.refusal",
      decision.id, decision.job_id, decision.team_id, console::ToString(decision.kind),
      decision.rule, decision.facts, decision.at, decision.due, decision.command,
      decision.operation_id, decision.refusal));
  return base::Ok();
}

}  // namespace streampark::store
