// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/json.h"
#include "streampark/http/body.h"
#include "streampark/http/paging.h"

#include "account_json.h"

namespace streampark::http {
namespace {

constexpr base::Millis kLeastSessionLifetime(5 * 60'000);
constexpr base::Millis kLeastSnapshotsKeptFor(60 * 60'000);
constexpr base::Millis kMostSessionLifetime(30LL * 86'400'000);

base::Result<console::Settings> ReadSettings(const Request& request,
                                             const console::Settings& current) {
  const json::object body = SP_TRY(JsonBody(request));
  FieldReader in(body);
  in.Value("etag");  // may be sent back as it was read; If-Match is what counts
  console::Settings settings = current;
  settings.session_lifetime = in.Duration("sessionLifetime").value_or(current.session_lifetime);
  if (settings.session_lifetime < kLeastSessionLifetime ||
      settings.session_lifetime > kMostSessionLifetime) {
    in.Fault("sessionLifetime", "must be between 5m and 30d");
  }
  settings.deleted_jobs_kept = in.Duration("deletedJobsKept").value_or(current.deleted_jobs_kept);
  settings.snapshots_kept = static_cast<int>(
      in.Integer("snapshotsKept", {.least = 1, .most = 1000, .fallback = current.snapshots_kept}));
  settings.snapshots_kept_for =
      in.Duration("snapshotsKeptFor").value_or(current.snapshots_kept_for);
  if (settings.snapshots_kept_for < kLeastSnapshotsKeptFor) {
    in.Fault("snapshotsKeptFor", "must be at least 1h");
  }
  settings.maven_settings_file =
      in.Text("mavenSettingsFile", {.longest = 4096, .fallback = current.maven_settings_file});
  settings.agent_limit = static_cast<int>(
      in.Integer("agentLimit", {.least = 1, .most = 32, .fallback = current.agent_limit}));
  settings.agent_memory_mib = static_cast<int>(in.Integer(
      "agentMemoryMib", {.least = 256, .most = 8192, .fallback = current.agent_memory_mib}));
  SP_TRY(in.Finish());
  return settings;
}

Response SettingsAnswer(const console::Settings& settings) {
  return Response::Json(SettingsJson(settings)).WithETag(std::to_string(settings.version));
}

}  // namespace

void RegisterSettingsRoutes(Router& router, const AccountServices& services) {
  router.Bind(
      "getSettings",
      [=](const Request&) -> base::Result<Response> {
        return SettingsAnswer(*services.settings.Current());
      },
      Execution::kInline);
  router.Bind("updateSettings", [=](const Request& request) -> base::Result<Response> {
    const auto current = services.settings.Current();
    SP_TRY(CheckIfMatch(request, std::to_string(current->version)));
    const console::Settings wanted = SP_TRY(ReadSettings(request, *current));
    return SettingsAnswer(SP_TRY(services.settings.Update(wanted, current->version)));
  });
}

}  // namespace streampark::http
