// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "streampark/connectors/connector.h"
#include "streampark/connectors/testing/mortal_work.h"
#include "streampark/connectors/testing/rows.h"

/// Processes that write by an exactly-once sink and are killed: a test calls it with the real system.
namespace streampark::connectors::testing {

struct CrashTarget {
  /// The connector, with points wherever it asks something of its system; called in processes of their own.
  std::function<std::unique_ptr<Connector>(Fate& fate)> make_connector;
  Given options;
  /// Of the columns (n BIGINT NOT NULL, name STRING), as DebugText has them.
  std::function<Strings()> visible;
  std::function<Strings()> staged;
  /// Makes the target empty, with a ledger that knows nobody.
  std::function<void()> clear;
};

/// A process is killed at each point, of which there are more than `points`, and started again: each row is there once, and nothing is left
/// staged.
void ExpectEachRowOnceWhereverItIsKilled(const CrashTarget& target, int points);
/// The same at `kills` moments that nobody chose, also while the system works on.
void ExpectEachRowOnceWheneverItIsKilled(const CrashTarget& target, int kills);

}  // namespace streampark::connectors::testing
