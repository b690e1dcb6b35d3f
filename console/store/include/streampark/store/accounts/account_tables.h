// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/console/accounts/account_store.h"
#include "streampark/store/database.h"

namespace streampark::store {

/// Tables users, teams, memberships. The database outlives it.
class AccountTables final : public console::AccountStore {
 public:
  explicit AccountTables(Database& database) : database_(database) {}

  base::Result<console::AccountBook> Load() override;
  base::Result<std::int64_t> Epoch() override;
  base::Status NoteForeignChange() override;
  base::Status InsertUser(const console::User& user, std::string_view password_hash) override;
  base::Status InsertFounder(const console::User& user, std::string_view password_hash,
                             const console::Team& team,
                             const console::Membership& membership) override;
  base::Status UpdateUser(const console::User& user) override;
  base::Status DeleteUser(std::string_view id) override;
  base::Result<std::optional<std::string>> PasswordHash(std::string_view user_id) override;
  base::Status SetPassword(std::string_view user_id, std::string_view hash,
                           console::PasswordOrigin origin) override;
  base::Status RecordSignIn(std::string_view user_id, base::Timestamp at) override;
  base::Status InsertTeam(const console::Team& team) override;
  base::Status UpdateTeam(const console::Team& team) override;
  base::Status DeleteTeam(std::string_view id) override;
  base::Status PutMembership(const console::Membership& membership) override;
  base::Status DeleteMembership(std::string_view team_id, std::string_view user_id) override;

 private:
  Database& database_;
};

/// Tables sessions and tokens.
class CredentialTables final : public console::CredentialStore {
 public:
  explicit CredentialTables(Database& database) : database_(database) {}

  base::Result<std::vector<console::Session>> LoadSessions() override;
  base::Result<std::vector<console::Token>> LoadTokens() override;
  base::Result<std::optional<console::Session>> FindSession(std::string_view digest) override;
  base::Result<std::optional<console::Token>> FindToken(std::string_view digest) override;
  base::Status InsertSession(const console::Session& session) override;
  base::Status DeleteSession(std::string_view id) override;
  base::Status DeleteSessionsOf(std::string_view user_id, std::string_view kept) override;
  base::Status DeleteCredentialsOf(std::string_view user_id) override;
  base::Status DeleteExpired(base::Timestamp now) override;
  base::Status InsertToken(const console::Token& token) override;
  base::Status DeleteToken(std::string_view id) override;
  base::Status RecordUse(const std::vector<std::pair<std::string, base::Timestamp>>& uses) override;

 private:
  Database& database_;
};

/// Table audit_events: written, read, never changed.
class AuditTable final : public console::AuditStore {
 public:
  explicit AuditTable(Database& database) : database_(database) {}
  base::Status Append(const console::AuditEvent& event) override;
  base::Result<std::vector<console::AuditEvent>> List(const console::AuditQuery& query) override;

 private:
  Database& database_;
};

/// Table settings: one row for all of them, as JSON.
class SettingsTable final : public console::SettingsStore {
 public:
  explicit SettingsTable(Database& database) : database_(database) {}
  base::Result<console::Settings> Load() override;
  base::Status Save(const console::Settings& settings) override;

 private:
  Database& database_;
};

}  // namespace streampark::store
