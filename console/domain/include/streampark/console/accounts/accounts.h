// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/random.h"
#include "streampark/base/ulid.h"
#include "streampark/console/accounts/account_store.h"
#include "streampark/console/accounts/directory.h"
#include "streampark/console/accounts/passwords.h"
#include "streampark/console/accounts/team_belongings.h"
#include "streampark/console/events.h"

namespace streampark::console {

/// All users, teams and memberships at one moment, with what is looked up. Immutable.
class AccountSnapshot {
 public:
  explicit AccountSnapshot(AccountBook book);

  const std::vector<User>& users() const { return book_.users; }  // by name
  const std::vector<Team>& teams() const { return book_.teams; }  // by name
  /// Null when there is none.
  const User* FindUser(std::string_view id_or_name) const;
  const Team* FindTeam(std::string_view id_or_name) const;
  std::vector<Membership> MembersOf(std::string_view team_id) const;      // by user id
  std::vector<Membership> MembershipsOf(std::string_view user_id) const;  // by team id
  /// What the user may do now; nothing when he is gone or locked.
  Rights RightsOf(const User& user) const;

 private:
  AccountBook book_;
  std::map<std::string_view, std::size_t> users_by_id_;
  std::map<std::string, std::size_t, std::less<>> users_by_key_;
  std::map<std::string_view, std::size_t> teams_by_id_;
  std::map<std::string, std::size_t, std::less<>> teams_by_key_;
};

/// Users, teams and who is in which. Reads come from memory; each change is stored first, then
/// seen. Thread-safe; changes block on the database.
class Accounts final : public Directory {
 public:
  struct UserWithPassword {
    User user;
    std::string one_time_password;
  };

  Accounts(AccountStore& store, Passwords& passwords, const TeamBelongings& belongings,
           EventBus& events, const base::Clock& clock, base::Random& random,
           base::UlidGenerator& ids);

  /// Reads everything from the store: at the start, and when another process has changed it.
  base::Status Reload();
  /// Reload() when another process has changed something; whether it had.
  base::Result<bool> ReloadIfChanged();
  std::shared_ptr<const AccountSnapshot> snapshot() const;
  const TeamBelongings& belongings() const { return belongings_; }

  std::optional<Team> FindTeam(std::string_view id_or_name) const override;
  std::optional<User> FindUser(std::string_view id_or_name) const override;
  std::vector<Team> Teams() const override;
  std::string TeamName(std::string_view id) const override;
  std::string UserName(std::string_view id) const override;

  /// NAME_TAKEN.
  base::Result<UserWithPassword> CreateUser(const UserDraft& draft);
  /// The first user, who administrates the platform and the first team. `leave` hands the password
  /// on before anything is stored: there is never an account whose password nobody knows.
  base::Status CreateFounder(std::string_view user_name, std::string_view team_name,
                             const std::function<base::Status(std::string_view password)>& leave);
  /// STALE_EDIT, NAME_TAKEN; ILLEGAL_STATE when no unlocked platform administrator would be left.
  base::Result<User> UpdateUser(std::string_view id, const UserDraft& draft,
                                std::int64_t expected_version);
  /// ILLEGAL_STATE as above.
  base::Status DeleteUser(std::string_view id);
  /// A one-time password; the caller ends the user's sessions.
  base::Result<UserWithPassword> ResetPassword(std::string_view id);
  /// BAD_CREDENTIALS when `current` is not the password; VALIDATION_FAILED when the new one is too
  /// short, or the same.
  base::Status ChangePassword(std::string_view id, std::string_view current,
                              std::string_view replacement);
  base::Result<User> UpdateProfile(std::string_view id, std::string display_name,
                                   std::string email);
  /// The user with that name and password. BAD_CREDENTIALS whatever is wrong, after the same time.
  base::Result<User> CheckPassword(std::string_view name, std::string_view password);
  base::Status RecordSignIn(std::string_view id);

  base::Result<Team> CreateTeam(const TeamDraft& draft);
  base::Result<Team> UpdateTeam(std::string_view id, const TeamDraft& draft,
                                std::int64_t expected_version);
  /// IN_USE while the team owns anything.
  base::Status DeleteTeam(std::string_view id);
  base::Result<Membership> PutMember(std::string_view team_id, std::string_view user_id_or_name,
                                     api::Role role);
  base::Status RemoveMember(std::string_view team_id, std::string_view user_id_or_name);

  /// Called when a user has chosen a password of his own.
  void OnPasswordChosen(std::function<void(const User&)> listener) {
    on_password_chosen_ = std::move(listener);
  }

  static constexpr std::size_t kShortestPassword = 10;

 private:
  base::Status RefuseLastAdministrator(const User& user) const;
  /// Takes a change over from the store and tells the pages of the users it concerns.
  base::Status Published(const std::vector<std::string>& user_ids);

  AccountStore& store_;
  Passwords& passwords_;
  const TeamBelongings& belongings_;
  EventBus& events_;
  const base::Clock& clock_;
  base::Random& random_;
  base::UlidGenerator& ids_;
  std::mutex changes_;  // one change at a time
  std::int64_t seen_epoch_ = 0;
  mutable std::mutex snapshot_mutex_;
  std::shared_ptr<const AccountSnapshot> snapshot_;
  std::function<void(const User&)> on_password_chosen_;
};

}  // namespace streampark::console
