// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/caller.h"

#include <algorithm>

namespace streampark::console {
namespace {

bool HoldsSorted(const std::vector<std::string>& sorted, std::string_view text) {
  return std::binary_search(sorted.begin(), sorted.end(), text, std::less<>());
}

/// A token that is limited in any way never reaches beyond its teams.
bool IsLimited(const Rights& rights) { return rights.at_most || !rights.only_teams.empty(); }

bool Reaches(const Rights& rights, std::string_view team_id) {
  return rights.only_teams.empty() || HoldsSorted(rights.only_teams, team_id);
}

/// What the role and the token's limit both allow.
bool Grants(const Rights& rights, api::Role role, api::Permission permission) {
  return api::Allows(role, permission) &&
         (!rights.at_most || api::Allows(*rights.at_most, permission));
}

bool IsView(api::Permission permission) { return PermissionName(permission).ends_with(":view"); }

}  // namespace

TeamSet::TeamSet(bool all, std::vector<std::string> ids) : all_(all), ids_(std::move(ids)) {
  std::sort(ids_.begin(), ids_.end());
}

bool TeamSet::Contains(std::string_view team_id) const {
  return all_ || HoldsSorted(ids_, team_id);
}

Caller::Caller() {
  static const auto kNobody = std::make_shared<const Identity>();
  identity_ = kNobody;
}

Caller Caller::Console() {
  Identity identity;
  identity.via = CallerVia::kConsole;
  identity.user_name = "console";
  identity.rights.platform_admin = true;
  return Caller(std::make_shared<const Identity>(std::move(identity)));
}

std::optional<api::Role> Caller::RoleIn(std::string_view team_id) const {
  const Rights& rights = identity_->rights;
  if (anonymous() || team_id.empty() || !Reaches(rights, team_id)) {
    return std::nullopt;
  }
  std::optional<api::Role> role;
  if (rights.platform_admin) {
    role = api::Role::kAdmin;
  } else {
    const auto it = std::lower_bound(rights.memberships.begin(), rights.memberships.end(), team_id,
                                     [](const Rights::Membership& membership, std::string_view id) {
                                       return membership.team_id < id;
                                     });
    if (it == rights.memberships.end() || it->team_id != team_id) {
      return std::nullopt;
    }
    role = it->role;
  }
  // Roles stand strongest first.
  return rights.at_most ? std::max(*role, *rights.at_most) : role;
}

bool Caller::Sees(std::string_view team_id) const { return RoleIn(team_id).has_value(); }

bool Caller::Can(api::Permission permission, std::string_view team_id) const {
  if (anonymous()) {
    return false;
  }
  if (permission == api::Permission::kNone) {
    return team_id.empty() || Sees(team_id);
  }
  if (team_id.empty()) {
    return IsView(permission) ? CanInSomeTeam(permission) : CanOnPlatform(permission);
  }
  const Rights& rights = identity_->rights;
  if (!Reaches(rights, team_id)) {
    return false;
  }
  if (rights.platform_admin) {
    return Grants(rights, api::Role::kAdmin, permission);
  }
  return std::any_of(
      rights.memberships.begin(), rights.memberships.end(), [&](const auto& membership) {
        return membership.team_id == team_id && Grants(rights, membership.role, permission);
      });
}

bool Caller::CanOnPlatform(api::Permission permission) const {
  const Rights& rights = identity_->rights;
  return !anonymous() &&
         (permission == api::Permission::kNone || (rights.platform_admin && !IsLimited(rights)));
}

bool Caller::CanInSomeTeam(api::Permission permission) const {
  const Rights& rights = identity_->rights;
  if (anonymous()) {
    return false;
  }
  if (rights.platform_admin) {
    return Grants(rights, api::Role::kAdmin, permission);
  }
  return std::any_of(
      rights.memberships.begin(), rights.memberships.end(), [&](const auto& membership) {
        return Reaches(rights, membership.team_id) && Grants(rights, membership.role, permission);
      });
}

TeamSet Caller::TeamsWith(api::Permission permission) const {
  const Rights& rights = identity_->rights;
  if (anonymous()) {
    return TeamSet::Of({});
  }
  if (rights.platform_admin) {
    if (!Grants(rights, api::Role::kAdmin, permission)) {
      return TeamSet::Of({});
    }
    return rights.only_teams.empty() ? TeamSet::All() : TeamSet::Of(rights.only_teams);
  }
  std::vector<std::string> ids;
  for (const auto& membership : rights.memberships) {
    if (Reaches(rights, membership.team_id) && Grants(rights, membership.role, permission)) {
      ids.push_back(membership.team_id);
    }
  }
  return TeamSet::Of(std::move(ids));
}

base::Status Caller::Require(api::Permission permission, std::string_view team_id,
                             std::string_view thing) const {
  if (Can(permission, team_id)) {
    return base::Ok();
  }
  if (anonymous()) {
    return base::Error(base::ErrorCode::kUnauthenticated, "this needs a signed-in user or a token");
  }
  // Of a shared thing everybody who is in any team may know that it exists.
  const bool exists_for_him =
      team_id.empty() ? !TeamsWith(api::Permission::kTeamView).empty() : Sees(team_id);
  if (!exists_for_him) {
    return base::Error(base::ErrorCode::kNotFound, std::string(thing) + " does not exist");
  }
  return base::Error(base::ErrorCode::kForbidden,
                     "this needs the permission " + std::string(PermissionName(permission)))
      .WithHint(team_id.empty() ? "ask a platform administrator"
                                : "ask an administrator of the team");
}

std::string_view PermissionName(api::Permission permission) {
  return api::kPermissionNames[static_cast<std::size_t>(permission)];
}

std::string_view RoleName(api::Role role) {
  return api::kRoleNames[static_cast<std::size_t>(role)];
}

std::optional<api::Role> ParseRole(std::string_view name) {
  const auto* const it = std::find(api::kRoleNames.begin(), api::kRoleNames.end(), name);
  if (it == api::kRoleNames.end()) {
    return std::nullopt;
  }
  return static_cast<api::Role>(it - api::kRoleNames.begin());
}

}  // namespace streampark::console
