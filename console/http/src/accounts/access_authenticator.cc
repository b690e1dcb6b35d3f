// SPDX-License-Identifier: Apache-2.0
#include "streampark/http/accounts/account_routes.h"

namespace streampark::http {

std::optional<console::Caller> AccessAuthenticator::Recall(const Credentials& credentials) {
  std::optional<console::Caller> caller;
  if (!credentials.bearer.empty()) {
    caller = access_.RecallToken(credentials.bearer);
  } else if (!credentials.session.empty()) {
    caller = access_.RecallSession(credentials.session);
  } else {
    return console::Caller();
  }
  // What memory knows as ended gets its reason from Identify().
  return caller && caller->anonymous() ? std::nullopt : caller;
}

base::Result<console::Caller> AccessAuthenticator::Identify(const Credentials& credentials) {
  if (!credentials.bearer.empty()) {
    return access_.IdentifyToken(credentials.bearer);
  }
  return credentials.session.empty() ? base::Result<console::Caller>(console::Caller())
                                     : access_.IdentifySession(credentials.session);
}

console::Caller AccessAuthenticator::Refresh(const console::Caller& caller) {
  return access_.Refresh(caller);
}

}  // namespace streampark::http
