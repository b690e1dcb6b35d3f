// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/console/caller.h"

namespace streampark::console {

/// Who did what to what. Append-only.
struct AuditEvent {
  std::string id;
  base::Timestamp at;
  std::string actor;   // the user's name; what was typed, for a sign-in that failed
  std::string action;  // an operationId of the contract
  std::string target;
  std::string team_id;  // empty: of no team
  std::string outcome;  // OK or an error code
  std::string address;
};

/// A part of the trail, newest first.
struct AuditQuery {
  TeamSet teams = TeamSet::All();  // events of no team are in All() alone
  std::string part;                // of actor, action or target; empty: any
  std::string before_id;           // older than this event; empty: from the newest
  std::size_t limit = 50;
};

}  // namespace streampark::console
