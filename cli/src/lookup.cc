// SPDX-License-Identifier: Apache-2.0
#include "lookup.h"

#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/base/json.h"
#include "streampark/base/spelling.h"
#include "streampark/base/ulid.h"

namespace streampark::cli {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

using NameOf = std::function<std::string(const json::object&)>;

std::string PlainName(const json::object& item) { return json::StringOr(item, "name"); }

std::vector<json::object> Named(const json::array& items, const std::string& name,
                                const NameOf& name_of) {
  std::vector<json::object> found;
  for (const json::value& item : items) {
    const auto* object = item.if_object();
    if (object != nullptr && (name_of(*object) == name || json::StringOr(*object, "id") == name)) {
      found.push_back(*object);
    }
  }
  return found;
}

Error NotFound(const std::string& what, const std::string& name, const json::array& items,
               const NameOf& name_of) {
  std::vector<std::string> names;
  for (const json::value& item : items) {
    names.push_back(name_of(item.as_object()));
  }
  const auto near = base::ClosestMatch(name, names);
  return Error(ErrorCode::kNotFound, "there is no " + what + " called " + name)
      .WithHint(near ? "did you mean " + *near + "?" : "");
}

bool HasEnded(std::string_view engine_state) {
  return engine_state == "FINISHED" || engine_state == "FAILED" || engine_state == "CANCELED";
}

}  // namespace

Result<json::object> FindJob(ApiClient& client, const std::string& name, const std::string& team) {
  if (base::IsUlid(name)) {
    const json::value job = SP_TRY(client.Get("/api/v1/jobs/" + name));
    return job.as_object();
  }
  const json::value all = SP_TRY(client.GetAll("/api/v1/jobs", {{"team", team}, {"q", name}}));
  std::vector<json::object> found = Named(all.as_array(), name, PlainName);
  if (found.empty()) {
    const json::value others = SP_TRY(client.GetAll("/api/v1/jobs", {{"team", team}}));
    return NotFound("job", name, others.as_array(), PlainName);
  }
  if (found.size() > 1) {
    return Error(ErrorCode::kInvalidRequest, "several teams have a job called " + name)
        .WithHint("say which with --team");
  }
  return std::move(found.front());
}

Result<json::object> FindCluster(ApiClient& client, const std::string& name) {
  const json::value all = SP_TRY(client.Get("/api/v1/clusters"));
  const json::array& items = all.as_object().at("items").as_array();
  const NameOf name_of = [](const json::object& cluster) {
    const json::object* spec = json::FindObject(cluster, "spec");
    return spec == nullptr ? "" : json::StringOr(*spec, "name");
  };
  std::vector<json::object> found = Named(items, name, name_of);
  if (found.empty()) {
    return NotFound("cluster", name, items, name_of);
  }
  return std::move(found.front());
}

Result<json::object> FindClusterJob(ApiClient& client, const json::object& cluster,
                                    const std::string& name) {
  const json::value all =
      SP_TRY(client.Get("/api/v1/clusters/" + json::StringOr(cluster, "id") + "/jobs"));
  json::array running;
  for (const json::value& item : all.as_object().at("items").as_array()) {
    json::object job = item.as_object();
    job["id"] = json::StringOr(job, "engineJobId");
    if (!HasEnded(json::StringOr(job, "state"))) {
      running.push_back(std::move(job));
    }
  }
  std::vector<json::object> found = Named(running, name, PlainName);
  if (found.empty()) {
    return NotFound("running job", name, running, PlainName);
  }
  if (found.size() > 1) {
    return Error(ErrorCode::kInvalidRequest, "several jobs there are called " + name)
        .WithHint("say the id of one; `streampark cluster jobs` lists them");
  }
  return std::move(found.front());
}

Result<json::object> FindTeam(ApiClient& client, const std::string& name) {
  const json::value all = SP_TRY(client.Get("/api/v1/teams"));
  const json::array& items = all.as_object().at("items").as_array();
  if (name.empty() && items.size() == 1) {
    return items.front().as_object();
  }
  if (name.empty()) {
    return Error(ErrorCode::kInvalidRequest, "there are several teams")
        .WithHint("say which with --team");
  }
  std::vector<json::object> found = Named(items, name, PlainName);
  if (found.empty()) {
    return NotFound("team", name, items, PlainName);
  }
  return std::move(found.front());
}

}  // namespace streampark::cli
