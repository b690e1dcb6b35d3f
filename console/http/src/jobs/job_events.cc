// SPDX-License-Identifier: Apache-2.0
#include <mutex>
#include <unordered_map>

#include "streampark/base/json.h"

#include "jobs/automation_json.h"
#include "jobs/job_json.h"
#include "jobs/operation_json.h"

namespace streampark::http {
namespace {

api::Permission ViewPermission(console::SubjectKind kind) {
  switch (kind) {
    case console::SubjectKind::kCluster:
      return api::Permission::kClusterView;
    case console::SubjectKind::kInstallation:
      return api::Permission::kInstallationView;
    case console::SubjectKind::kJob:
      break;
  }
  return api::Permission::kJobView;
}

/// Counts of one team; readers of several add them up by `teamId`.
void PublishCounts(console::JobsModule& jobs, console::EventBus& events,
                   const std::string& team_id) {
  json::object counts = CountsToJson(jobs.board().Count(console::TeamSet::Of({team_id})));
  counts["teamId"] = team_id;
  events.Publish("counts", "counts/" + team_id,
                 {.permission = api::Permission::kJobView, .team_id = team_id},
                 json::serialize(counts));
}

void PublishAutomation(console::JobsModule& jobs, console::EventBus& events) {
  const auto audience = [](const std::string& team_id) {
    return console::Audience{.permission = api::Permission::kJobView, .team_id = team_id};
  };
  jobs.automation().Listen(
      {.decided =
           [&events, audience](const console::Decision& decision) {
             events.Publish("decision", "decision/" + decision.id, audience(decision.team_id),
                            json::serialize(DecisionToJson(decision)));
           },
       .attended =
           [&jobs, &events, audience](const console::Attention& attention) {
             events.Publish("attention", "attention/" + attention.id, audience(attention.team_id),
                            json::serialize(AttentionToJson(attention, jobs.board(), "")));
           },
       .held =
           [&events, audience](console::Pause::Scope scope, const std::string& subject_id,
                               const std::string& team_id) {
             events.Publish(
                 "automation", "automation/" + subject_id, audience(team_id),
                 json::serialize(json::object{{"scope", ToString(scope)},
                                              {"subjectId", json::TextOrNull(subject_id)}}));
           }});
}

}  // namespace

void PublishJobEvents(console::JobsModule& jobs, console::EventBus& events) {
  // A job's team outlives its leaving the board only here.
  struct Known {
    std::mutex mutex;
    std::unordered_map<std::string, std::pair<std::string, console::Badge>> jobs;
  };
  auto known = std::make_shared<Known>();
  for (const console::JobViewPtr& view :
       jobs.board().Select([](const console::JobView&) { return true; })) {
    known->jobs[view->state.job.id] = {view->state.job.team_id, view->badge.badge};
  }
  PublishAutomation(jobs, events);
  jobs.board().Listen([&jobs, &events, known](const std::string& job_id,
                                              const console::JobViewPtr& view,
                                              const std::shared_ptr<const std::string>& text) {
    std::string team_id;
    bool counts = true;
    const bool gone = view == nullptr || view->state.job.desired == console::DesiredState::kDeleted;
    {
      const std::lock_guard lock(known->mutex);
      const auto found = known->jobs.find(job_id);
      team_id = view != nullptr              ? view->state.job.team_id
                : found == known->jobs.end() ? ""
                                             : found->second.first;
      counts = gone || found == known->jobs.end() || found->second.second != view->badge.badge;
      if (gone) {
        known->jobs.erase(job_id);
      } else {
        known->jobs[job_id] = {team_id, view->badge.badge};
      }
    }
    const console::Audience audience{.permission = api::Permission::kJobView, .team_id = team_id};
    if (gone) {
      events.Publish("job-removed", "job/" + job_id, audience,
                     json::serialize(json::object{{"id", job_id}}));
    } else {
      events.Publish("job", "job/" + job_id, audience, *text);
    }
    if (counts) {
      PublishCounts(jobs, events, team_id);
    }
  });
}

void PublishOperation(const console::Operation& operation, console::EventBus& events) {
  events.Publish(
      "operation", "operation/" + operation.id,
      {.permission = ViewPermission(operation.subject.kind), .team_id = operation.subject.team_id},
      json::serialize(OperationToJson(operation)));
}

}  // namespace streampark::http
