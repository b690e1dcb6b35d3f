// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "streampark/connectors/sql/session.h"
#include "streampark/connectors/testing/rows.h"

/// Processes that write to a database and are killed, by the exactly-once sink: a test calls it with a real server.
namespace streampark::connectors::sql::testing {

using connectors::testing::Given;
using connectors::testing::Strings;

/// Stands between a connector and its database.
using WrapDatabase = std::function<DatabasePtr(DatabasePtr)>;

struct CrashTarget {
  /// The connector over databases as `wrap` makes them; called in processes of their own.
  std::function<std::unique_ptr<Connector>(WrapDatabase wrap)> make_connector;
  Given options;
  /// Of the columns (n BIGINT NOT NULL, name STRING), as DebugText has them.
  std::function<Strings()> visible;
  std::function<Strings()> staged;
  /// Makes the target empty, with a ledger that knows nobody.
  std::function<void()> clear;
};

/// A process is killed before and after each thing that it asks of the database, and started again: each row is there once, and nothing
/// is left staged.
void ExpectEachRowOnceWhereverItIsKilled(const CrashTarget& target);
/// The same at `kills` moments that nobody chose, also while the server works on.
void ExpectEachRowOnceWheneverItIsKilled(const CrashTarget& target, int kills);

}  // namespace streampark::connectors::sql::testing
