// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/accounts/accounts.h"

#include <algorithm>

#include "streampark/console/names.h"

namespace streampark::console {
namespace {

constexpr std::size_t kOneTimePasswordLength = 16;

base::Error NoSuchUser(std::string_view id) {
  return base::Error(base::ErrorCode::kNotFound, "there is no user '" + std::string(id) + "'");
}

base::Error NoSuchTeam(std::string_view id) {
  return base::Error(base::ErrorCode::kNotFound, "there is no team '" + std::string(id) + "'");
}

base::Error Stale(std::int64_t current, std::int64_t expected) {
  return base::Error(base::ErrorCode::kStaleEdit, "it is at version " + std::to_string(current) +
                                                      ", the edit was made on " +
                                                      std::to_string(expected))
      .WithHint("read it anew and repeat the edit on that");
}

base::Error Taken(std::string_view what, std::string_view name) {
  return base::Error(base::ErrorCode::kNameTaken,
                     "there is a " + std::string(what) + " '" + std::string(name) + "' already")
      .WithHint("choose another name; upper and lower case do not tell names apart")
      .WithField({"/name", "is taken", ""});
}

}  // namespace

Accounts::Accounts(AccountStore& store, Passwords& passwords, const TeamBelongings& belongings,
                   EventBus& events, const base::Clock& clock, base::Random& random,
                   base::UlidGenerator& ids)
    : store_(store),
      passwords_(passwords),
      belongings_(belongings),
      events_(events),
      clock_(clock),
      random_(random),
      ids_(ids),
      snapshot_(std::make_shared<const AccountSnapshot>(AccountBook{})) {}

base::Status Accounts::Reload() {
  auto fresh = std::make_shared<const AccountSnapshot>(SP_TRY(store_.Load()));
  {
    const std::lock_guard lock(snapshot_mutex_);
    snapshot_ = std::move(fresh);
  }
  return base::Ok();
}

base::Result<bool> Accounts::ReloadIfChanged() {
  const std::lock_guard lock(changes_);
  const std::int64_t epoch = SP_TRY(store_.Epoch());
  if (epoch == seen_epoch_) {
    return false;
  }
  SP_TRY(Reload());
  seen_epoch_ = epoch;
  events_.WakeAll();
  return true;
}

std::shared_ptr<const AccountSnapshot> Accounts::snapshot() const {
  const std::lock_guard lock(snapshot_mutex_);
  return snapshot_;
}

base::Status Accounts::Published(const std::vector<std::string>& user_ids) {
  SP_TRY(Reload());
  for (const std::string& id : user_ids) {
    events_.Publish("session", "session/" + id, {.user_id = id}, "{}");
  }
  events_.WakeAll();
  return base::Ok();
}

std::optional<Team> Accounts::FindTeam(std::string_view id_or_name) const {
  const auto now = snapshot();
  const Team* team = now->FindTeam(id_or_name);
  return team == nullptr ? std::nullopt : std::optional(*team);
}

std::optional<User> Accounts::FindUser(std::string_view id_or_name) const {
  const auto now = snapshot();
  const User* user = now->FindUser(id_or_name);
  return user == nullptr ? std::nullopt : std::optional(*user);
}

std::vector<Team> Accounts::Teams() const { return snapshot()->teams(); }

std::string Accounts::TeamName(std::string_view id) const {
  const auto team = FindTeam(id);
  return team ? team->name : std::string(id);
}

std::string Accounts::UserName(std::string_view id) const {
  const auto user = FindUser(id);
  return user ? user->name : std::string(id);
}

base::Result<Accounts::UserWithPassword> Accounts::CreateUser(const UserDraft& draft) {
  UserWithPassword created;
  created.one_time_password = base::RandomPassword(random_, kOneTimePasswordLength);
  const std::string hash = SP_TRY(passwords_.Hash(created.one_time_password));
  User& user = created.user;
  user.id = ids_.Next();
  user.name = draft.name;
  user.display_name = draft.display_name;
  user.email = draft.email;
  user.platform_admin = draft.platform_admin;
  user.locked = draft.locked;
  user.password_change_required = true;
  user.created_at = clock_.Now();
  const std::lock_guard lock(changes_);
  if (snapshot()->FindUser(user.name) != nullptr) {
    return Taken("user", user.name);
  }
  SP_TRY(store_.InsertUser(user, hash));
  SP_TRY(Published({}));
  return created;
}

base::Status Accounts::CreateFounder(
    std::string_view user_name, std::string_view team_name,
    const std::function<base::Status(std::string_view password)>& leave) {
  const std::string password = base::RandomPassword(random_, kOneTimePasswordLength);
  const std::string hash = SP_TRY(passwords_.Hash(password));
  const base::Timestamp now = clock_.Now();
  User user;
  user.id = ids_.Next();
  user.name = user_name;
  user.platform_admin = true;
  user.password_change_required = true;
  user.created_at = now;
  Team team;
  team.id = ids_.Next();
  team.name = team_name;
  team.created_at = now;
  const std::lock_guard lock(changes_);
  SP_TRY(leave(password));
  SP_TRY(store_.InsertFounder(
      user, hash, team,
      {.team_id = team.id, .user_id = user.id, .role = api::Role::kAdmin, .since = now}));
  return Published({});
}

base::Status Accounts::RefuseLastAdministrator(const User& user) const {
  const auto now = snapshot();
  const bool another =
      std::any_of(now->users().begin(), now->users().end(), [&](const User& other) {
        return other.id != user.id && other.platform_admin && !other.locked;
      });
  if (user.platform_admin && !user.locked && !another) {
    return base::Error(base::ErrorCode::kIllegalState,
                       "'" + user.name + "' is the last platform administrator who can sign in")
        .WithHint("make somebody else a platform administrator first");
  }
  return base::Ok();
}

base::Result<User> Accounts::UpdateUser(std::string_view id, const UserDraft& draft,
                                        std::int64_t expected_version) {
  const std::lock_guard lock(changes_);
  const auto found = FindUser(id);
  if (!found || found->id != id) {
    return NoSuchUser(id);
  }
  if (found->version != expected_version) {
    return Stale(found->version, expected_version);
  }
  if (!draft.platform_admin || draft.locked) {
    SP_TRY(RefuseLastAdministrator(*found));
  }
  if (const auto other = FindUser(draft.name); other && other->id != id) {
    return Taken("user", draft.name);
  }
  User user = *found;
  user.name = draft.name;
  user.display_name = draft.display_name;
  user.email = draft.email;
  user.platform_admin = draft.platform_admin;
  user.locked = draft.locked;
  ++user.version;
  SP_TRY(store_.UpdateUser(user));
  SP_TRY(Published({user.id}));
  return user;
}

base::Status Accounts::DeleteUser(std::string_view id) {
  const std::lock_guard lock(changes_);
  const auto found = FindUser(id);
  if (!found || found->id != id) {
    return NoSuchUser(id);
  }
  SP_TRY(RefuseLastAdministrator(*found));
  SP_TRY(store_.DeleteUser(found->id));
  return Published({});
}

base::Result<Accounts::UserWithPassword> Accounts::ResetPassword(std::string_view id) {
  UserWithPassword reset;
  reset.one_time_password = base::RandomPassword(random_, kOneTimePasswordLength);
  const std::string hash = SP_TRY(passwords_.Hash(reset.one_time_password));
  const std::lock_guard lock(changes_);
  const auto found = FindUser(id);
  if (!found || found->id != id) {
    return NoSuchUser(id);
  }
  SP_TRY(store_.SetPassword(id, hash, PasswordOrigin::kGiven));
  SP_TRY(Published({found->id}));
  reset.user = *FindUser(id);
  return reset;
}

base::Status Accounts::ChangePassword(std::string_view id, std::string_view current,
                                      std::string_view replacement) {
  const auto found = FindUser(id);
  if (!found) {
    return NoSuchUser(id);
  }
  if (CountCharacters(replacement) < static_cast<long>(kShortestPassword)) {
    const std::string least = std::to_string(kShortestPassword);
    return base::Error(base::ErrorCode::kValidationFailed,
                       "the new password is shorter than " + least + " characters")
        .WithField({"/replacement", "needs at least " + least + " characters", ""});
  }
  const std::string stored = SP_TRY(store_.PasswordHash(id)).value_or("");
  if (!SP_TRY(passwords_.Matches(current, stored))) {
    return base::Error(base::ErrorCode::kBadCredentials, "the current password is wrong")
        .WithField({"/current", "is wrong", ""});
  }
  if (current == replacement) {
    return base::Error(base::ErrorCode::kValidationFailed, "the new password is the old one")
        .WithField({"/replacement", "must differ from the current one", ""});
  }
  const std::string hash = SP_TRY(passwords_.Hash(replacement));
  const std::lock_guard lock(changes_);
  SP_TRY(store_.SetPassword(id, hash, PasswordOrigin::kChosen));
  SP_TRY(Published({found->id}));
  if (on_password_chosen_) {
    on_password_chosen_(*found);
  }
  return base::Ok();
}

base::Result<User> Accounts::UpdateProfile(std::string_view id, std::string display_name,
                                           std::string email) {
  const std::lock_guard lock(changes_);
  auto found = FindUser(id);
  if (!found) {
    return NoSuchUser(id);
  }
  found->display_name = std::move(display_name);
  found->email = std::move(email);
  ++found->version;
  SP_TRY(store_.UpdateUser(*found));
  SP_TRY(Published({found->id}));
  return *found;
}

base::Result<User> Accounts::CheckPassword(std::string_view name, std::string_view password) {
  const auto now = snapshot();
  const User* user = now->FindUser(name);
  // Ids are no names to sign in with.
  if (user != nullptr && NameKey(user->name) != NameKey(name)) {
    user = nullptr;
  }
  std::string stored;
  if (user != nullptr) {
    stored = SP_TRY(store_.PasswordHash(user->id)).value_or("");
  }
  const bool matches = SP_TRY(passwords_.Matches(password, stored));
  if (!matches || user->locked) {
    return base::Error(base::ErrorCode::kBadCredentials,
                       "the name or the password is wrong, or the user is locked");
  }
  return *user;
}

base::Status Accounts::RecordSignIn(std::string_view id) {
  const std::lock_guard lock(changes_);
  SP_TRY(store_.RecordSignIn(id, clock_.Now()));
  return Reload();
}

base::Result<Team> Accounts::CreateTeam(const TeamDraft& draft) {
  Team team;
  team.id = ids_.Next();
  team.name = draft.name;
  team.description = draft.description;
  team.created_at = clock_.Now();
  const std::lock_guard lock(changes_);
  if (FindTeam(team.name)) {
    return Taken("team", team.name);
  }
  SP_TRY(store_.InsertTeam(team));
  SP_TRY(Published({}));
  return team;
}

base::Result<Team> Accounts::UpdateTeam(std::string_view id, const TeamDraft& draft,
                                        std::int64_t expected_version) {
  const std::lock_guard lock(changes_);
  auto team = FindTeam(id);
  if (!team) {
    return NoSuchTeam(id);
  }
  if (team->version != expected_version) {
    return Stale(team->version, expected_version);
  }
  if (const auto other = FindTeam(draft.name); other && other->id != team->id) {
    return Taken("team", draft.name);
  }
  team->name = draft.name;
  team->description = draft.description;
  ++team->version;
  SP_TRY(store_.UpdateTeam(*team));
  SP_TRY(Published({}));
  return *std::move(team);
}

base::Status Accounts::DeleteTeam(std::string_view id) {
  const std::lock_guard lock(changes_);
  const auto team = FindTeam(id);
  if (!team) {
    return NoSuchTeam(id);
  }
  if (const auto owned = belongings_.Find(team->id)) {
    return base::Error(base::ErrorCode::kInUse, "the team '" + team->name + "' owns " +
                                                    std::to_string(owned->count) + " " +
                                                    owned->what)
        .WithHint(
            "delete them first; deleted jobs can be brought back for a while and count until then");
  }
  std::vector<std::string> members;
  for (const Membership& membership : snapshot()->MembersOf(team->id)) {
    members.push_back(membership.user_id);
  }
  SP_TRY(store_.DeleteTeam(team->id));
  return Published(members);
}

base::Result<Membership> Accounts::PutMember(std::string_view team_id,
                                             std::string_view user_id_or_name, api::Role role) {
  const std::lock_guard lock(changes_);
  const auto team = FindTeam(team_id);
  if (!team) {
    return NoSuchTeam(team_id);
  }
  const auto user = FindUser(user_id_or_name);
  if (!user) {
    return NoSuchUser(user_id_or_name);
  }
  Membership membership{
      .team_id = team->id, .user_id = user->id, .role = role, .since = clock_.Now()};
  SP_TRY(store_.PutMembership(membership));
  SP_TRY(Published({user->id}));
  for (const Membership& stored : snapshot()->MembershipsOf(user->id)) {
    if (stored.team_id == team->id) {
      membership = stored;
    }
  }
  return membership;
}

base::Status Accounts::RemoveMember(std::string_view team_id, std::string_view user_id_or_name) {
  const std::lock_guard lock(changes_);
  const auto user = FindUser(user_id_or_name);
  const auto memberships = user ? snapshot()->MembershipsOf(user->id) : std::vector<Membership>();
  if (std::none_of(memberships.begin(), memberships.end(),
                   [&](const Membership& membership) { return membership.team_id == team_id; })) {
    return base::Error(base::ErrorCode::kNotFound,
                       "'" + std::string(user_id_or_name) + "' is not in the team");
  }
  SP_TRY(store_.DeleteMembership(team_id, user->id));
  return Published({user->id});
}

}  // namespace streampark::console
