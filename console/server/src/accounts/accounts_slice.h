// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "streampark/base/clock.h"
#include "streampark/base/random.h"
#include "streampark/base/ulid.h"
#include "streampark/console/accounts/access.h"
#include "streampark/console/accounts/accounts.h"
#include "streampark/console/accounts/passwords.h"
#include "streampark/console/accounts/settings_box.h"
#include "streampark/console/events.h"
#include "streampark/http/accounts/account_routes.h"
#include "streampark/http/router.h"
#include "streampark/store/accounts/account_tables.h"
#include "streampark/store/database.h"

namespace streampark::server {

/// Users, teams, sessions, tokens, settings and the audit trail, put together. Made before all
/// other slices: they use its directory and settings.
class AccountsSlice {
 public:
  static constexpr std::string_view kFirstUser = "admin";
  static constexpr std::string_view kFirstTeam = "default";

  /// Reads everything. All arguments outlive the slice.
  static base::Result<std::unique_ptr<AccountsSlice>> Make(
      store::Database& database, const console::TeamBelongings& belongings,
      console::EventBus& events, const base::Clock& clock, base::Random& random,
      base::UlidGenerator& ids);
  ~AccountsSlice();

  /// On a database without users: makes the first administrator and a team, and leaves his one-time
  /// password in `password_file` (mode 0600). The file goes when he has chosen his own.
  base::Status EnsureFirstUser(const std::filesystem::path& password_file);

  console::Accounts& accounts() { return accounts_; }
  console::Access& access() { return access_; }
  console::SettingsBox& settings() { return settings_; }
  store::AccountTables& tables() { return account_tables_; }
  http::Authenticator& authenticator() { return authenticator_; }

  void Bind(http::Router& router);
  /// Starts to look for other processes' changes.
  base::Status Start();
  void Stop();

 private:
  AccountsSlice(store::Database& database, const console::TeamBelongings& belongings,
                console::EventBus& events, const base::Clock& clock, base::Random& random,
                base::UlidGenerator& ids);

  const base::Clock& clock_;
  base::UlidGenerator& ids_;
  store::AccountTables account_tables_;
  store::CredentialTables credential_tables_;
  store::AuditTable audit_table_;
  store::SettingsTable settings_table_;
  console::Passwords passwords_;
  console::Accounts accounts_;
  console::SettingsBox settings_;
  console::Access access_;
  http::AccessAuthenticator authenticator_;
  std::mutex ticker_mutex_;
  std::condition_variable_any ticker_wake_;
  std::jthread ticker_;
};

}  // namespace streampark::server
