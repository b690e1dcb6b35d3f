// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/console/accounts/account.h"
#include "streampark/console/accounts/audit.h"
#include "streampark/console/accounts/settings.h"

namespace streampark::console {

/// All users, teams and memberships: few enough to be held in memory whole.
struct AccountBook {
  std::vector<User> users;
  std::vector<Team> teams;
  std::vector<Membership> memberships;
};

/// Who chose a password.
enum class PasswordOrigin {
  kGiven,  // by an administrator or the console: must be changed at the first sign-in
  kChosen  // by its user
};

/// Where users and teams are kept. Blocking; thread-safe.
class AccountStore {
 public:
  virtual ~AccountStore() = default;
  virtual base::Result<AccountBook> Load() = 0;
  /// Counts the changes that other processes have made; see NoteForeignChange().
  virtual base::Result<std::int64_t> Epoch() = 0;
  /// Tells a running console that users or credentials have changed.
  virtual base::Status NoteForeignChange() = 0;

  /// NAME_TAKEN.
  virtual base::Status InsertUser(const User& user, std::string_view password_hash) = 0;
  /// A user, a team and the membership of the one in the other: all or nothing.
  virtual base::Status InsertFounder(const User& user, std::string_view password_hash,
                                     const Team& team, const Membership& membership) = 0;
  /// NAME_TAKEN; STALE_EDIT when the stored version is not `user.version - 1`; NOT_FOUND.
  virtual base::Status UpdateUser(const User& user) = 0;
  virtual base::Status DeleteUser(std::string_view id) = 0;
  /// Absent when there is no such user.
  virtual base::Result<std::optional<std::string>> PasswordHash(std::string_view user_id) = 0;
  virtual base::Status SetPassword(std::string_view user_id, std::string_view hash,
                                   PasswordOrigin origin) = 0;
  virtual base::Status RecordSignIn(std::string_view user_id, base::Timestamp at) = 0;

  virtual base::Status InsertTeam(const Team& team) = 0;
  virtual base::Status UpdateTeam(const Team& team) = 0;
  virtual base::Status DeleteTeam(std::string_view id) = 0;
  /// Adds or changes it; `since` of one that exists stays.
  virtual base::Status PutMembership(const Membership& membership) = 0;
  virtual base::Status DeleteMembership(std::string_view team_id, std::string_view user_id) = 0;
};

/// A signed-in browser. Of its secret only the digest is kept.
struct Session {
  std::string id;
  std::string digest;
  std::string user_id;
  std::string csrf_token;
  base::Timestamp created_at;
  base::Timestamp last_used_at;
  base::Timestamp expires_at;
  std::string address;
  std::string user_agent;
};

/// A credential for programs. Of its secret only the digest and the first characters are kept.
struct Token {
  std::string id;
  std::string digest;
  std::string user_id;
  std::string name;
  std::string prefix;
  std::optional<api::Role> role;      // at most this one; absent: all of the owner's
  std::vector<std::string> team_ids;  // in these alone; empty: all of the owner's
  base::Timestamp created_at;
  std::optional<base::Timestamp> expires_at;
  std::optional<base::Timestamp> last_used_at;
};

/// Where sessions and tokens are kept. Blocking; thread-safe.
class CredentialStore {
 public:
  virtual ~CredentialStore() = default;
  virtual base::Result<std::vector<Session>> LoadSessions() = 0;
  virtual base::Result<std::vector<Token>> LoadTokens() = 0;
  virtual base::Result<std::optional<Session>> FindSession(std::string_view digest) = 0;
  virtual base::Result<std::optional<Token>> FindToken(std::string_view digest) = 0;
  virtual base::Status InsertSession(const Session& session) = 0;
  virtual base::Status DeleteSession(std::string_view id) = 0;
  /// All but the one with the id `kept`, which may be empty.
  virtual base::Status DeleteSessionsOf(std::string_view user_id, std::string_view kept) = 0;
  /// Sessions and tokens.
  virtual base::Status DeleteCredentialsOf(std::string_view user_id) = 0;
  virtual base::Status DeleteExpired(base::Timestamp now) = 0;
  virtual base::Status InsertToken(const Token& token) = 0;
  virtual base::Status DeleteToken(std::string_view id) = 0;
  /// Ids of sessions and tokens with the time of their last use.
  virtual base::Status RecordUse(
      const std::vector<std::pair<std::string, base::Timestamp>>& uses) = 0;
};

/// Where the audit trail is kept. It has no way to change or delete an event.
class AuditStore {
 public:
  virtual ~AuditStore() = default;
  virtual base::Status Append(const AuditEvent& event) = 0;
  virtual base::Result<std::vector<AuditEvent>> List(const AuditQuery& query) = 0;
};

class SettingsStore {
 public:
  virtual ~SettingsStore() = default;
  /// Defaults for what was never set.
  virtual base::Result<Settings> Load() = 0;
  /// STALE_EDIT when the stored version is not `settings.version - 1`.
  virtual base::Status Save(const Settings& settings) = 0;
};

}  // namespace streampark::console
