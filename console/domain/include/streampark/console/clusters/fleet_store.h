// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/console/clusters/fleet.h"

namespace streampark::console {

/// The database's side of the fleet. Every write is durable when it returns. Thread-safe.
class FleetStore {
 public:
  virtual ~FleetStore() = default;
  /// Inserts, or replaces the one with that id and all its items.
  virtual base::Status Save(const FleetOperation& operation) = 0;
  virtual base::Result<std::optional<FleetOperation>> Find(std::string_view operation_id) = 0;
  virtual base::Result<std::optional<FleetOperation>> FindByKey(
      std::string_view idempotency_key) = 0;
  /// PENDING and RUNNING ones, oldest first.
  virtual base::Result<std::vector<FleetOperation>> ListOpen() = 0;

  /// What the console stopped for a suspension and has not started again: it survives restarts of
  /// the console. Adding one that is there changes nothing.
  virtual base::Status AddSuspended(const FleetSubject& subject) = 0;
  virtual base::Status RemoveSuspended(const FleetSubject& subject) = 0;
  /// In the order of their adding.
  virtual base::Result<std::vector<FleetSubject>> LoadSuspended() = 0;
};

}  // namespace streampark::console
