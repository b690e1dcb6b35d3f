// SPDX-License-Identifier: Apache-2.0
#include "streampark/http/code/code_routes.h"

#include <utility>

#include "streampark/base/json.h"
#include "streampark/console/code/job_file.h"
#include "streampark/http/body.h"
#include "streampark/http/paging.h"
#include "streampark/http/requester.h"

namespace streampark::http {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

json::value TextOrNull(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}

json::object ItemJson(const console::ApplyItem& item) {
  json::array changes;
  for (const console::ApplyChange& change : item.changes) {
    changes.push_back({{"path", change.path},
                       {"before", TextOrNull(change.before)},
                       {"after", TextOrNull(change.after)}});
  }
  return {{"name", item.name},
          {"team", item.team},
          {"action", console::ToString(item.action)},
          {"changes", std::move(changes)},
          {"jobId", json::TextOrNull(item.job_id)},
          {"operationId", json::TextOrNull(item.operation_id)},
          {"message", item.message},
          {"warnings", json::array(item.warnings.begin(), item.warnings.end())},
          {"error", item.error ? json::value(ProblemJson(*item.error)) : json::value(nullptr)}};
}

Response ResultJson(const std::vector<console::ApplyItem>& items) {
  json::array list;
  std::string names;
  for (const console::ApplyItem& item : items) {
    list.push_back(ItemJson(item));
    names += (names.empty() ? "" : ", ") + item.name;
  }
  return Response::Json(json::object{{"items", std::move(list)}}).WithAudit(names);
}

Result<Response> Plan(const CodeServices& services, const Request& request) {
  const auto files = SP_TRY(console::ParseJobFiles(SP_TRY(YamlBody(request))));
  return ResultJson(SP_TRY(services.applier.Plan(files, request.caller)));
}

Result<Response> Apply(const CodeServices& services, const Request& request) {
  const auto files = SP_TRY(console::ParseJobFiles(SP_TRY(YamlBody(request))));
  const auto key = SP_TRY(IdempotencyKey(request));
  return ResultJson(SP_TRY(services.applier.Apply(files, request.caller,
                                                  RequesterOf(request.caller), key.value_or(""))));
}

Result<Response> GetFile(const CodeServices& services, const Request& request) {
  const std::string& id = request.PathParameter("jobId");
  const console::JobViewPtr job = services.desk.Find(id);
  if (job == nullptr) {
    return Error(ErrorCode::kNotFound, "there is no such job");
  }
  std::optional<int> number;
  if (request.Query("revision")) {
    number = static_cast<int>(SP_TRY(IntegerQuery(request, "revision", 0, 1, 1'000'000)));
  }
  const console::Revision revision = SP_TRY(services.desk.FindRevision(id, number));
  const console::ClusterPtr cluster = services.clusters.Find(revision.spec.cluster_id);
  const console::JobFile file = console::JobFileOf(
      job->state.job, revision.spec, services.directory.TeamName(job->state.job.team_id),
      cluster == nullptr ? revision.spec.cluster_id : cluster->spec.name);
  return Response::Text(console::WriteJobFile(file), "application/yaml; charset=utf-8");
}

}  // namespace

void BindCodeRoutes(Router& router, CodeServices services) {
  router.Bind("planJobFile",
              [services](const Request& request) { return Plan(services, request); });
  router.Bind("applyJobFile",
              [services](const Request& request) { return Apply(services, request); });
  router.Bind("getJobFile",
              [services](const Request& request) { return GetFile(services, request); });
}

}  // namespace streampark::http
