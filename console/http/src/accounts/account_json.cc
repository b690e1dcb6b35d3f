// SPDX-License-Identifier: Apache-2.0
#include "account_json.h"

#include "streampark/base/json.h"

namespace streampark::http {
namespace {

json::array PermissionNames(const console::Caller& caller, std::string_view team_id) {
  json::array names;
  for (std::size_t i = 1; i < api::kPermissionNames.size(); ++i) {
    if (caller.Can(static_cast<api::Permission>(i), team_id)) {
      names.emplace_back(api::kPermissionNames[i]);
    }
  }
  return names;
}

}  // namespace

boost::json::object UserJson(const console::User& user) {
  return {{"id", user.id},
          {"name", user.name},
          {"displayName", user.display_name},
          {"email", user.email},
          {"admin", user.platform_admin},
          {"locked", user.locked},
          {"createdAt", base::FormatTimestamp(user.created_at)},
          {"lastSignInAt", json::TimeOrNull(user.last_sign_in_at)},
          {"etag", std::to_string(user.version)}};
}

boost::json::object TeamJson(const console::Team& team, const console::Accounts& accounts) {
  return {{"id", team.id},
          {"name", team.name},
          {"description", team.description},
          {"memberCount", accounts.snapshot()->MembersOf(team.id).size()},
          {"jobCount", accounts.belongings().Jobs(team.id)},
          {"createdAt", base::FormatTimestamp(team.created_at)},
          {"etag", std::to_string(team.version)}};
}

boost::json::object MemberJson(const console::Membership& membership,
                               const console::Accounts& accounts) {
  return {{"user", {{"id", membership.user_id}, {"name", accounts.UserName(membership.user_id)}}},
          {"role", console::RoleName(membership.role)},
          {"since", base::FormatTimestamp(membership.since)}};
}

boost::json::object TokenJson(const console::Token& token) {
  json::array teams(token.team_ids.begin(), token.team_ids.end());
  return {{"id", token.id},
          {"name", token.name},
          {"prefix", token.prefix},
          {"teamIds", std::move(teams)},
          {"role", token.role ? json::value(console::RoleName(*token.role)) : json::value(nullptr)},
          {"createdAt", base::FormatTimestamp(token.created_at)},
          {"expiresAt", json::TimeOrNull(token.expires_at)},
          {"lastUsedAt", json::TimeOrNull(token.last_used_at)}};
}

boost::json::object AuditEventJson(const console::AuditEvent& event) {
  return {{"id", event.id},           {"at", base::FormatTimestamp(event.at)},
          {"actor", event.actor},     {"action", event.action},
          {"target", event.target},   {"team", json::TextOrNull(event.team_id)},
          {"outcome", event.outcome}, {"address", event.address}};
}

boost::json::object SettingsJson(const console::Settings& settings) {
  return {{"etag", std::to_string(settings.version)},
          {"sessionLifetime", base::FormatDuration(settings.session_lifetime)},
          {"deletedJobsKept", base::FormatDuration(settings.deleted_jobs_kept)},
          {"snapshotsKept", settings.snapshots_kept},
          {"snapshotsKeptFor", base::FormatDuration(settings.snapshots_kept_for)},
          {"mavenSettingsFile", settings.maven_settings_file},
          {"agentLimit", settings.agent_limit},
          {"agentMemoryMib", settings.agent_memory_mib}};
}

boost::json::object RoleTableJson() {
  json::array permissions;
  for (std::size_t i = 1; i < api::kPermissionNames.size(); ++i) {
    permissions.push_back(
        {{"name", api::kPermissionNames[i]}, {"title", api::kPermissionTitles[i]}});
  }
  json::array roles;
  for (std::size_t r = 0; r < api::kRoleNames.size(); ++r) {
    json::array grants;
    for (std::size_t i = 1; i < api::kPermissionNames.size(); ++i) {
      if (api::Allows(static_cast<api::Role>(r), static_cast<api::Permission>(i))) {
        grants.emplace_back(api::kPermissionNames[i]);
      }
    }
    roles.push_back({{"name", api::kRoleNames[r]},
                     {"title", api::kRoleTitles[r]},
                     {"grants", std::move(grants)}});
  }
  return {{"permissions", std::move(permissions)}, {"roles", std::move(roles)}};
}

base::Result<boost::json::object> SessionJson(const AccountServices& services,
                                              const console::Caller& caller) {
  const auto snapshot = services.accounts.snapshot();
  const console::User* user = snapshot->FindUser(caller.user_id());
  if (user == nullptr) {
    return base::Error(base::ErrorCode::kUnauthenticated, "the user has been removed");
  }
  json::array teams;
  for (const console::Team& team : snapshot->teams()) {
    if (const auto role = caller.RoleIn(team.id)) {
      teams.push_back({{"id", team.id},
                       {"name", team.name},
                       {"role", console::RoleName(*role)},
                       {"permissions", PermissionNames(caller, team.id)}});
    }
  }
  const auto session = services.access.FindSession(caller.credential_id());
  json::object body;
  body["user"] = UserJson(*user);
  body["csrfToken"] = caller.identity().csrf_token;
  body["passwordChangeRequired"] = caller.identity().password_change_required;
  body["expiresAt"] = json::TimeOrNull(session ? std::optional(session->expires_at) : std::nullopt);
  body["teams"] = std::move(teams);
  return body;
}

}  // namespace streampark::http
