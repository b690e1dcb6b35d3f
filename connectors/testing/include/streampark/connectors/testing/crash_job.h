// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "streampark/base/result.h"
#include "streampark/connectors/connector.h"
#include "streampark/connectors/testing/mortal_work.h"
#include "streampark/connectors/testing/rows.h"

/// Processes that write by an exactly-once sink and are killed: a test calls it with the real system.
namespace streampark::connectors::testing {

/// A job in little, of two writers: its checkpoint is a file, from which it goes on, and it ends when all of its rows are committed. It passes
/// points around the checkpoint and the commit. What stands then are NumberedRows(schema, 0, kRowsOfASinkJob).
inline constexpr std::int64_t kRowsOfASinkJob = 42;
base::Status RunSinkJob(const Connector& connector, const Given& options, const SchemaPtr& schema,
                        const std::filesystem::path& checkpoint, Fate& fate);

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
/// The same, killed again and again on its way, each time a few points further.
void ExpectEachRowOnceHoweverOftenItIsKilled(const CrashTarget& target, int widest);
/// The same at `kills` moments that nobody chose, also while the system works on.
void ExpectEachRowOnceWheneverItIsKilled(const CrashTarget& target, int kills);

}  // namespace streampark::connectors::testing
