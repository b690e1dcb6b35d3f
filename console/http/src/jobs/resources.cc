// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/json.h"
#include "streampark/console/jobs/upload_inspection.h"
#include "streampark/console/names.h"

#include "jobs/job_handlers.h"
#include "jobs/job_json.h"

namespace streampark::http {
namespace {

using api::Permission;

base::Result<Response> ListResources(const JobRouteServices& services, const Request& request) {
  console::TeamSet teams = request.caller.TeamsWith(Permission::kJobView);
  if (const auto asked = request.Query("team")) {
    teams = console::TeamSet::Of({SP_TRY(console::RequireTeam(services.directory, request.caller,
                                                              Permission::kJobView, *asked))
                                      .id});
  }
  console::ResourceStore& store = services.jobs.resources();
  json::array items;
  for (const console::Resource& one :
       SP_TRY(store.List(teams.all() ? std::nullopt : std::optional(teams.ids())))) {
    items.push_back(ResourceToJson(one, SP_TRY(store.UsedBy(one))));
  }
  return Response::Json(json::object{{"items", std::move(items)}});
}

/// The last part of whatever the browser said; never a path.
std::string FileNameOf(const Request& request, const std::string& name,
                       console::ResourceKind kind) {
  std::string file(request.Query("fileName").value_or(""));
  file.erase(0, file.find_last_of("/\\") + 1);
  return file.empty() || file.size() > 255 || !console::IsName(file)
             ? name + (kind == console::ResourceKind::kLibrary ? ".so" : ".jar")
             : file;
}

base::Result<Response> Upload(const JobRouteServices& services, const Request& request) {
  const console::Team team =
      SP_TRY(console::RequireTeam(services.directory, request.caller, Permission::kArtifactEdit,
                                  request.Query("team").value_or("")));
  const std::string name(request.Query("name").value_or(""));
  if (!console::IsName(name)) {
    return base::Error(base::ErrorCode::kValidationFailed,
                       "the name must have 1 to 100 letters, digits, spaces, dots, dashes or "
                       "underscores, with a letter or digit at both ends")
        .WithField({"/name", "is not a name", ""});
  }
  if (!request.upload) {
    return base::Error(base::ErrorCode::kUnsupportedMediaType,
                       "a file is uploaded as application/octet-stream");
  }
  if (request.upload->size > services.jobs.options().upload_limit) {
    return base::Error(base::ErrorCode::kPayloadTooLarge, "the file is larger than allowed");
  }
  const console::UploadInspection upload = SP_TRY(console::InspectUpload(request.upload->file));
  std::string digest = SP_TRY(services.jobs.artifacts().Adopt(request.upload->file));
  console::Resource resource{.id = services.ids.Next(),
                             .team_id = team.id,
                             .name = name,
                             .file_name = FileNameOf(request, name, upload.kind),
                             .digest = std::move(digest),
                             .size_bytes = static_cast<std::int64_t>(request.upload->size),
                             .factories = upload.factories,
                             .created_at = services.clock.Now(),
                             .created_by = {request.caller.user_id(), request.caller.user_name()},
                             .kind = upload.kind};
  const console::Resource stored = SP_TRY(services.jobs.resources().Put(resource));
  return Response::Json(ResourceToJson(stored, SP_TRY(services.jobs.resources().UsedBy(stored))),
                        201)
      .WithAudit(stored.id, stored.team_id);
}

base::Result<Response> Delete(const JobRouteServices& services, const Request& request) {
  console::ResourceStore& store = services.jobs.resources();
  const auto resource = SP_TRY(store.Find(request.PathParameter("resourceId")));
  if (!resource) {
    return base::Error(base::ErrorCode::kNotFound, "there is no such resource");
  }
  const std::vector<std::string> users = SP_TRY(store.UsedBy(*resource));
  if (!users.empty()) {
    return base::Error(base::ErrorCode::kInUse, "the job " + users.front() + " needs it" +
                                                    (users.size() > 1 ? ", and others" : ""))
        .WithHint("take it out of the jobs first");
  }
  SP_TRY(store.Remove(resource->id));
  return Response::NoContent();
}

}  // namespace

void BindResources(Router& router, const JobRouteServices& services) {
  const auto bind = [&](std::string_view id, auto handler) {
    router.Bind(id,
                [services, handler](const Request& request) { return handler(services, request); });
  };
  bind("listResources", ListResources);
  bind("uploadResource", Upload);
  bind("deleteResource", Delete);
}

}  // namespace streampark::http
