// SPDX-License-Identifier: Apache-2.0
#include "streampark/http/jobs/job_routes.h"

#include "jobs/json_text.h"

namespace streampark::http {
namespace {

using console::JobState;
using console::JobView;

constexpr std::size_t kUsualSize = 2200;

void WritePerson(JsonText& out, std::string_view key, std::string_view id, std::string_view name) {
  out.Key(key).Open('{').Member("id", id).Member("name", name).Close('}');
}

void WriteTasks(JsonText& out, const std::optional<engines::TaskCounts>& tasks) {
  out.Key("tasks");
  if (!tasks) {
    out.Null();
    return;
  }
  out.Open('{')
      .Member("total", tasks->total)
      .Member("created", tasks->created)
      .Member("scheduled", tasks->scheduled)
      .Member("deploying", tasks->deploying)
      .Member("initializing", tasks->initializing)
      .Member("running", tasks->running)
      .Member("finished", tasks->finished)
      .Member("canceling", tasks->canceling)
      .Member("canceled", tasks->canceled)
      .Member("failed", tasks->failed)
      .Member("reconciling", tasks->reconciling)
      .Close('}');
}

void WriteBadge(JsonText& out, const JobView& view) {
  out.Member("badge", ToString(view.badge.badge));
  out.Member("badgeSince", base::FormatTimestamp(view.badge_since));
  out.Key("badgeReason").Open('{');
  out.Member("code", view.badge.reason.code).Member("message", view.badge.reason.message);
  if (!view.badge.reason.parameters.empty()) {
    out.Key("parameters").Open('{');
    for (const auto& [key, value] : view.badge.reason.parameters) {
      out.Member(key, value);
    }
    out.Close('}');
  }
  out.Close('}');
}

void WriteObserved(JsonText& out, const JobView& view) {
  const console::ObservedFact& observed = view.state.observed;
  out.Key("observed").Open('{');
  if (observed.state) {
    out.Member("state", engines::ToString(*observed.state))
        .Member("nativeState", observed.native_state);
  } else {
    out.Key("state").Null().Key("nativeState").Null();
  }
  // The board finds this member again to keep the time fresh.
  out.Member("observedAt", view.observed_at());
  out.Member("reachability", ToString(observed.reachability)).Close('}');
}

void WriteOperation(JsonText& out, const std::optional<console::OperationMark>& operation) {
  out.Key("operation");
  if (!operation) {
    out.Null();
    return;
  }
  out.Open('{')
      .Member("id", operation->id)
      .Member("kind", ToString(operation->kind))
      .Member("step", operation->step)
      .Member("startedAt", operation->started_at)
      .Close('}');
}

/// Of a job that the engine does not run now, or cannot be asked about, nothing is known.
void WritePace(JsonText& out, const JobState& state) {
  const console::ObservedFact& observed = state.observed;
  const bool known = state.live() && observed.state == engines::EngineState::kRunning &&
                     observed.reachability == console::Reachability::kReachable;
  const console::Pace pace = known ? state.health.pace : console::Pace();
  out.Member("slots", pace.slots)
      .Member("recordsInPerSecond", pace.rates.records_in_per_second)
      .Member("recordsOutPerSecond", pace.rates.records_out_per_second)
      .Member("pendingRecords", pace.rates.pending_records);
}

void WriteAttempts(JsonText& out, const JobState& state) {
  out.Key("attempts").Open('[');
  for (const console::AttemptMark& one : state.attempts) {
    out.Open('{').Member("id", one.id).Member("outcome", ToString(one.outcome)).Close('}');
  }
  out.Close(']');
}

void WriteActions(JsonText& out, const JobState& state) {
  out.Key("actions").Open('[');
  for (const console::ActionVerdict& one : console::JudgeActions(state)) {
    out.Open('{').Member("kind", ToString(one.action)).Key("allowed").Bool(one.allowed);
    out.Member("reason", one.reason);
    if (!one.code.empty()) {
      out.Member("code", one.code);
    }
    if (!one.parameters.empty()) {
      out.Key("parameters").Open('{');
      for (const auto& [name, text] : one.parameters) {
        out.Member(name, text);
      }
      out.Close('}');
    }
    out.Close('}');
  }
  out.Close(']');
}

}  // namespace

console::JobBoard::Shown ShowJob(const JobView& view, const console::Directory& directory,
                                 const console::ClusterDirectory& clusters) {
  const JobState& state = view.state;
  const console::Job& job = state.job;
  const console::ClusterPtr cluster = clusters.Find(job.cluster_id);
  std::string version;
  if (cluster != nullptr) {
    version = !cluster->version.empty() ? cluster->version
              : cluster->installation   ? cluster->installation->version
                                        : cluster->line;
  }
  JsonText out(kUsualSize);
  out.Open('{').Member("id", job.id).Member("name", job.name);
  WritePerson(out, "team", job.team_id, directory.TeamName(job.team_id));
  out.Member("description", job.description).Key("tags").Open('[');
  for (const std::string& tag : job.tags) {
    out.Text(tag);
  }
  out.Close(']').Member("engine", job.engine).Member("type", job.type).Member("version", version);
  out.Key("target").Open('{').Member("clusterId", job.cluster_id);
  out.Member("clusterName", cluster == nullptr ? job.cluster_id : cluster->spec.name).Close('}');
  out.Member("parallelism", job.parallelism);
  WritePerson(out, "owner", job.owner.id, job.owner.name);
  WriteBadge(out, view);
  out.Member("desired", ToString(job.desired));
  WriteObserved(out, view);
  WriteOperation(out, state.operation);
  out.Key("revision").Open('{').Member("wanted", job.wanted).Member("released", job.released);
  out.Member("deployed", job.deployed).Member("lastStable", job.last_stable);
  out.Member("rollback", job.rollback_revision).Close('}');
  const bool attempted = state.attempt.has_value();
  out.Member("startedAt", attempted ? std::optional(state.attempt->started_at) : std::nullopt);
  out.Member("endedAt", attempted ? state.attempt->ended_at : std::nullopt);
  WriteTasks(out, state.live() ? state.observed.tasks : std::nullopt);
  out.Member("restarts", state.health.restarts);
  out.Member("lastCheckpointAt", state.health.last_checkpoint_at);
  WritePace(out, state);
  WriteAttempts(out, state);
  out.Key("stateful").Bool(!job.stateless);
  out.Member("updatedAt", std::optional(job.updated_at)).Member("deletedAt", job.deleted_at);
  out.Member("etag", std::to_string(job.edition));
  WriteActions(out, state);
  out.Close('}');
  return {out.Take(), std::move(version)};
}

}  // namespace streampark::http
