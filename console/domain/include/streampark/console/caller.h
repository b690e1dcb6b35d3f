// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/api/routes.h"
#include "streampark/base/result.h"

namespace streampark::console {

/// The teams that something may be seen or done in: all of them, or those listed.
class TeamSet {
 public:
  static TeamSet All() { return TeamSet(true, {}); }
  static TeamSet Of(std::vector<std::string> ids) { return TeamSet(false, std::move(ids)); }

  bool all() const { return all_; }
  /// Sorted; meaningless when all().
  const std::vector<std::string>& ids() const { return ids_; }
  bool empty() const { return !all_ && ids_.empty(); }
  bool Contains(std::string_view team_id) const;
  /// Whether both hold the same teams; a key for what is cached for several callers.
  bool operator==(const TeamSet&) const = default;

 private:
  TeamSet(bool all, std::vector<std::string> ids);
  bool all_;
  std::vector<std::string> ids_;
};

/// What somebody may do, at one moment: a platform administrator everything, others what their role
/// in each team grants. Immutable.
struct Rights {
  struct Membership {
    std::string team_id;
    api::Role role;
  };
  bool platform_admin = false;
  std::vector<Membership> memberships;  // sorted by team_id
  std::optional<api::Role> at_most;     // a token's limit
  std::vector<std::string> only_teams;  // a token's limit; empty: none; sorted
};

enum class CallerVia { kAnonymous, kWeb, kToken, kConsole };

/// Who makes a request, with the rights of that moment. A cheap value.
///
/// A thing without a team (an empty team id: a shared cluster, an installation) is seen by everyone
/// who holds the `…:view` permission in any team, and changed by those who hold the permission on
/// the platform.
class Caller {
 public:
  struct Identity {
    CallerVia via = CallerVia::kAnonymous;
    std::string user_id;
    std::string user_name;
    std::string credential_id;  // of the session or token
    std::string csrf_token;     // of a session
    bool password_change_required = false;
    Rights rights;
  };

  /// Nobody: may do nothing.
  Caller();
  explicit Caller(std::shared_ptr<const Identity> identity) : identity_(std::move(identity)) {}
  /// The console itself, for what it does unasked: may do everything.
  static Caller Console();

  bool anonymous() const { return identity_->via == CallerVia::kAnonymous; }
  CallerVia via() const { return identity_->via; }
  const std::string& user_id() const { return identity_->user_id; }
  const std::string& user_name() const { return identity_->user_name; }
  const std::string& credential_id() const { return identity_->credential_id; }
  const Identity& identity() const { return *identity_; }

  bool Can(api::Permission permission, std::string_view team_id) const;
  /// Without regard to a team: a platform administrator whose token is not limited.
  bool CanOnPlatform(api::Permission permission) const;
  bool CanInSomeTeam(api::Permission permission) const;
  /// Whether the team exists for him at all: he is in it (and his token reaches it) or sees
  /// everything.
  bool Sees(std::string_view team_id) const;
  TeamSet TeamsWith(api::Permission permission) const;
  /// Absent when he is not in it; a limited token has the weaker of both roles.
  std::optional<api::Role> RoleIn(std::string_view team_id) const;

  /// Ok, or NOT_FOUND when the team does not exist for him, or FORBIDDEN. `thing` names what was
  /// asked for ("the team", "the job") in the message.
  base::Status Require(api::Permission permission, std::string_view team_id,
                       std::string_view thing = "the team") const;

 private:
  std::shared_ptr<const Identity> identity_;
};

/// The name as in api/permissions.yaml: `job:view`.
std::string_view PermissionName(api::Permission permission);
/// The name as in the API: `ADMIN`; absent for what is not one.
std::string_view RoleName(api::Role role);
std::optional<api::Role> ParseRole(std::string_view name);

}  // namespace streampark::console
