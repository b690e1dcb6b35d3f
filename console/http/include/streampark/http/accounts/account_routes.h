// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "streampark/console/accounts/access.h"
#include "streampark/console/accounts/accounts.h"
#include "streampark/console/accounts/settings_box.h"
#include "streampark/http/authenticator.h"
#include "streampark/http/router.h"

namespace streampark::http {

/// The services behind the account routes; all outlive the router.
struct AccountServices {
  console::Accounts& accounts;
  console::Access& access;
  console::SettingsBox& settings;
  console::AuditStore& audit;
  const base::Clock& clock;
  base::UlidGenerator& ids;
};

/// Session, profile, tokens, users, teams, members, roles, audit trail and settings; the team
/// resolver of {teamId}; and the audit trail's ear at the router.
void RegisterAccountRoutes(Router& router, const AccountServices& services);

/// Finds callers by session cookie and bearer token.
class AccessAuthenticator final : public Authenticator {
 public:
  explicit AccessAuthenticator(console::Access& access) : access_(access) {}
  std::optional<console::Caller> Recall(const Credentials& credentials) override;
  base::Result<console::Caller> Identify(const Credentials& credentials) override;
  console::Caller Refresh(const console::Caller& caller) override;

 private:
  console::Access& access_;
};

}  // namespace streampark::http
