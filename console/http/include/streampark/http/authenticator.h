// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "streampark/base/result.h"
#include "streampark/console/caller.h"

namespace streampark::http {

/// What a request shows of who sends it.
struct Credentials {
  std::string session;  // of the cookie; empty without
  std::string bearer;   // of the Authorization header; empty without; wins over the cookie
};

/// Says who is behind credentials. Thread-safe.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  /// From memory, without waiting. Absent when only the database can tell. Without credentials: the
  /// anonymous caller.
  virtual std::optional<console::Caller> Recall(const Credentials& credentials) = 0;
  /// May ask the database. UNAUTHENTICATED for credentials that are not (or no longer) valid.
  virtual base::Result<console::Caller> Identify(const Credentials& credentials) = 0;
  /// The rights of this moment of somebody who was identified before, from memory; anonymous when
  /// the session or token has ended.
  virtual console::Caller Refresh(const console::Caller& caller) = 0;
};

}  // namespace streampark::http
