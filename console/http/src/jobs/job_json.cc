// SPDX-License-Identifier: Apache-2.0
#include "jobs/job_json.h"

#include "streampark/base/json.h"
#include "streampark/http/body.h"

namespace streampark::http {
namespace {

template <typename Number>
json::value NumberOrNull(const std::optional<Number>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::object PersonJson(const console::Person& person) {
  return {{"id", person.id}, {"name", person.name}};
}

template <typename Texts>
json::array TextsJson(const Texts& texts) {
  return json::array(texts.begin(), texts.end());
}

}  // namespace

json::object RevisionToJson(const console::Revision& revision, const std::vector<int>& released,
                            const std::vector<int>& deployed) {
  const auto holds = [&](const std::vector<int>& numbers) {
    return std::binary_search(numbers.begin(), numbers.end(), revision.number);
  };
  const bool ran = holds(deployed);
  return {{"number", revision.number},
          {"author", PersonJson(revision.author)},
          {"createdAt", base::FormatTimestamp(revision.created_at)},
          {"digest", revision.digest},
          {"message", revision.message},
          {"spec", SpecToJson(revision.spec)},
          {"released", holds(released)},
          {"deployed", ran},
          {"skipped", !ran && !deployed.empty() && deployed.back() > revision.number}};
}

json::object ReleaseToJson(const console::Release& release) {
  json::array artifacts;
  for (const console::ReleaseArtifact& one : release.artifacts) {
    artifacts.push_back(json::object{{"name", one.name},
                                     {"digest", one.digest},
                                     {"sizeBytes", one.size_bytes},
                                     {"origin", one.origin}});
  }
  json::array operators;
  for (const engines::CompiledOperator& one : release.operators) {
    operators.push_back(json::object{
        {"id", one.id}, {"name", one.name}, {"parallelism", NumberOrNull(one.parallelism)}});
  }
  return {{"revision", release.revision},
          {"state", ToString(release.state)},
          {"finishedAt", json::TimeOrNull(release.finished_at)},
          {"artifacts", std::move(artifacts)},
          {"compiled", !release.plan.empty()},
          {"notCompiled", TextsJson(release.not_compiled)},
          {"operators", std::move(operators)}};
}

json::object SnapshotToJson(const console::Snapshot& snapshot,
                            const std::vector<std::string>& held_by) {
  return {{"id", snapshot.id},
          {"kind", console::ToString(snapshot.kind)},
          {"format", console::ToString(snapshot.format)},
          {"path", snapshot.path},
          {"triggeredAt", base::FormatTimestamp(snapshot.triggered_at)},
          {"completedAt", json::TimeOrNull(snapshot.completed_at)},
          {"sizeBytes", NumberOrNull(snapshot.size_bytes)},
          {"name", snapshot.name},
          {"note", snapshot.note},
          {"attemptId", snapshot.attempt_id},
          {"revision", snapshot.revision},
          {"verification", ToString(snapshot.verification)},
          {"heldBy", TextsJson(held_by)}};
}

json::object CountsToJson(const console::JobCounts& counts) {
  json::object by_badge;
  for (int i = 0; i < console::kBadgeCount; ++i) {
    by_badge[ToString(static_cast<console::Badge>(i))] =
        counts.by_badge[static_cast<std::size_t>(i)];
  }
  return {{"total", counts.total}, {"byBadge", std::move(by_badge)}};
}

json::object TasksToJson(const engines::TaskCounts& tasks) {
  return {{"total", tasks.total},
          {"created", tasks.created},
          {"scheduled", tasks.scheduled},
          {"deploying", tasks.deploying},
          {"initializing", tasks.initializing},
          {"running", tasks.running},
          {"finished", tasks.finished},
          {"canceling", tasks.canceling},
          {"canceled", tasks.canceled},
          {"failed", tasks.failed},
          {"reconciling", tasks.reconciling}};
}

json::object GraphToJson(const std::string& attempt_id, const engines::JobGraph& graph) {
  json::array vertices;
  for (const engines::GraphVertex& one : graph.vertices) {
    vertices.push_back(
        json::object{{"id", one.id},
                     {"name", one.name},
                     {"operators", TextsJson(one.operators)},
                     {"parallelism", one.parallelism},
                     {"maxParallelism", one.max_parallelism},
                     {"state", one.native_state},
                     {"tasks", TasksToJson(one.tasks)},
                     {"recordsIn", one.records_in},
                     {"recordsOut", one.records_out},
                     {"bytesIn", one.bytes_in},
                     {"bytesOut", one.bytes_out},
                     {"recordsInPerSecond", NumberOrNull(one.records_in_per_second)},
                     {"recordsOutPerSecond", NumberOrNull(one.records_out_per_second)},
                     {"busyRatio", NumberOrNull(one.busy_ratio)},
                     {"backPressureRatio", NumberOrNull(one.back_pressure_ratio)},
                     {"watermark", json::TimeOrNull(one.watermark)},
                     {"startedAt", json::TimeOrNull(one.started_at)},
                     {"durationMs", one.duration.count()}});
  }
  json::array edges;
  for (const engines::GraphEdge& one : graph.edges) {
    edges.push_back(json::object{
        {"source", one.source}, {"target", one.target}, {"shipStrategy", one.ship_strategy}});
  }
  return {{"attemptId", json::TextOrNull(attempt_id)},
          {"observedAt", base::FormatTimestamp(graph.observed_at)},
          {"vertices", std::move(vertices)},
          {"edges", std::move(edges)}};
}

json::object ResourceToJson(const console::Resource& resource,
                            const std::vector<std::string>& used_by) {
  return {{"id", resource.id},
          {"name", resource.name},
          {"kind", ToString(resource.kind)},
          {"teamId", resource.team_id},
          {"fileName", resource.file_name},
          {"digest", resource.digest},
          {"sizeBytes", resource.size_bytes},
          {"factories", TextsJson(resource.factories)},
          {"createdAt", base::FormatTimestamp(resource.created_at)},
          {"createdBy", PersonJson(resource.created_by)},
          {"usedBy", TextsJson(used_by)}};
}

base::Result<console::JobDraft> DraftFromJson(const json::object& body) {
  FieldReader in(body);
  console::JobDraft draft;
  draft.name = in.Name("name");
  draft.team_id = in.Text("teamId", {.required = true, .longest = 100});
  draft.description = in.Text("description", {.longest = 2000});
  draft.tags = in.Texts("tags", 32);
  draft.message = in.Text("message", {.longest = 500});
  const json::value* spec = in.Value("spec");
  if (spec == nullptr) {
    in.Fault("spec", "is missing");
    SP_TRY(in.Finish());
  }
  base::Result<console::JobSpec> read = console::SpecFromJson(*spec, "/spec");
  const base::Status rest = in.Finish();
  if (!read.ok() && !rest.ok()) {
    std::vector<base::FieldError> all = rest.error().fields();
    all.insert(all.end(), read.error().fields().begin(), read.error().fields().end());
    return base::Error(rest.error().code(), rest.error().message()).WithFields(std::move(all));
  }
  SP_TRY(std::move(rest));
  draft.spec = SP_TRY(std::move(read));
  return draft;
}

base::Result<console::JobViewPtr> JobOf(const JobRouteServices& services, const Request& request) {
  console::JobViewPtr view = services.jobs.board().Find(request.PathParameter("jobId"));
  if (view == nullptr) {
    return base::Error(base::ErrorCode::kNotFound, "there is no such job");
  }
  return view;
}

}  // namespace streampark::http
