// SPDX-License-Identifier: Apache-2.0
#include "jobs/automation_json.h"

#include "streampark/base/json.h"

namespace streampark::http {

json::object DecisionToJson(const console::Decision& decision) {
  base::Result<json::value> facts = json::Parse(decision.facts);
  return {{"id", decision.id},
          {"jobId", decision.job_id},
          {"kind", ToString(decision.kind)},
          {"rule", decision.rule},
          {"facts", facts.ok() ? *std::move(facts) : json::value(json::object())},
          {"at", base::FormatTimestamp(decision.at)},
          {"due", json::TimeOrNull(decision.due)},
          {"operationId", json::TextOrNull(decision.operation_id)},
          {"refusal", decision.refusal}};
}

json::object AttentionToJson(const console::Attention& attention, const console::JobBoard& board,
                             const std::string& team_name) {
  const console::JobViewPtr job = board.Find(attention.job_id);
  return {{"id", attention.id},
          {"jobId", attention.job_id},
          {"jobName", job == nullptr ? "" : job->state.job.name},
          {"team", json::object{{"id", attention.team_id}, {"name", team_name}}},
          {"rule", ToString(attention.rule)},
          {"openedAt", base::FormatTimestamp(attention.opened_at)},
          {"resolvedAt", json::TimeOrNull(attention.resolved_at)}};
}

json::object HoldsToJson(const std::vector<console::Pause>& holds) {
  json::array items;
  for (const console::Pause& one : holds) {
    items.push_back(json::object{{"scope", ToString(one.scope)},
                                 {"subjectId", json::TextOrNull(one.subject_id)},
                                 {"by", json::object{{"id", one.by.id}, {"name", one.by.name}}},
                                 {"at", base::FormatTimestamp(one.at)},
                                 {"reason", one.reason}});
  }
  return {{"paused", !holds.empty()}, {"holds", std::move(items)}};
}

}  // namespace streampark::http
