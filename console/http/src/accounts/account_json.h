// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/fwd.hpp>

#include "streampark/console/accounts/access.h"
#include "streampark/console/accounts/accounts.h"
#include "streampark/console/accounts/audit.h"
#include "streampark/console/accounts/settings.h"
#include "streampark/http/accounts/account_routes.h"

namespace streampark::http {

/// The contract's shapes of account things.
boost::json::object UserJson(const console::User& user);
boost::json::object TeamJson(const console::Team& team, const console::Accounts& accounts);
boost::json::object MemberJson(const console::Membership& membership,
                               const console::Accounts& accounts);
boost::json::object TokenJson(const console::Token& token);
boost::json::object AuditEventJson(const console::AuditEvent& event);
boost::json::object SettingsJson(const console::Settings& settings);
boost::json::object RoleTableJson();
/// The signed-in user with his rights; NOT_FOUND when he has been removed meanwhile.
base::Result<boost::json::object> SessionJson(const AccountServices& services,
                                              const console::Caller& caller);

/// The parts of RegisterAccountRoutes().
void RegisterSessionRoutes(Router& router, const AccountServices& services);
void RegisterTokenRoutes(Router& router, const AccountServices& services);
void RegisterUserRoutes(Router& router, const AccountServices& services);
void RegisterTeamRoutes(Router& router, const AccountServices& services);
void RegisterSettingsRoutes(Router& router, const AccountServices& services);
void RegisterAuditRoutes(Router& router, const AccountServices& services);

}  // namespace streampark::http
