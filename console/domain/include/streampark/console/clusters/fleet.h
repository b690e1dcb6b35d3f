// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/error.h"
#include "streampark/console/operations/operation.h"

namespace streampark::console {

/// SUSPEND stops every job on managed clusters with a savepoint, then those clusters. RESUME starts
/// what suspensions stopped.
enum class FleetKind { kSuspend, kResume };

std::string_view ToString(FleetKind kind);
std::optional<FleetKind> ParseFleetKind(std::string_view text);

struct FleetCommand {
  FleetKind kind = FleetKind::kSuspend;
  bool force = false;  // go on although a job cannot be suspended
};

/// A job or a cluster that the fleet acts on.
struct FleetSubject {
  SubjectKind kind = SubjectKind::kJob;
  std::string id;
  std::string name;
};

struct FleetItem {
  FleetSubject subject;
  OperationState state = OperationState::kPending;
  std::string message;
};

/// One suspension or resumption of everything. At most one is open.
struct FleetOperation {
  std::string id;
  FleetCommand command;
  OperationState state = OperationState::kPending;
  Requester requested_by;
  base::Timestamp requested_at;
  std::optional<base::Timestamp> finished_at;
  std::string idempotency_key;  // empty: none was given
  std::vector<FleetItem> items;
  std::optional<base::Error> error;
};

}  // namespace streampark::console
