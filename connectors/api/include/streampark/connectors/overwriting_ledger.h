// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/connectors/sink.h"

namespace streampark::connectors {

/// What a ledger of splits may be beside: one that takes away what its target has. One that is none is asked by dynamic_cast in vain.
class OverwritingLedger {
 public:
  virtual ~OverwritingLedger() = default;
  /// As SplitLedger::Plan; the rows that the target has are gone when that is noted, and not before.
  virtual base::Status PlanEmptied(const std::vector<Split>& splits) = 0;
  /// The statement that it runs for that, for people.
  virtual std::string EmptyStatement() const = 0;
};

}  // namespace streampark::connectors
