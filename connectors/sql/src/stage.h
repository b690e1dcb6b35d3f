// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/connectors/sink.h"
#include "streampark/connectors/sql/session.h"

/// What an exactly-once sink has at its target beside the target itself:
///
///   streampark_stage_JOB_SUBTASK_TOKEN   the rows of one writer and epoch, until they are merged
///   streampark_ledger                    a row a JOB and subtask: the newest checkpoint that was merged
///
/// JOB is a digest of lineage and sink, so that names of people never meet the limits of identifiers.
namespace streampark::connectors::sql {

inline constexpr std::string_view kLedger = "streampark_ledger";
inline constexpr std::string_view kRowColumn = "streampark_row";
inline constexpr std::string_view kKindColumn = "streampark_kind";

/// Sixteen hex digits.
std::string JobOf(const WriterId& id);
/// What the names of a job's stages begin with.
std::string StagePrefix(const std::string& job);
/// A name that is never used twice.
std::string NewStage(const WriterId& id);

/// A stage's columns in CREATE TABLE.
std::string StageColumns(const Dialect& dialect, const std::vector<NativeColumn>& columns);

enum class WriteMode : std::uint8_t {
  kAppend,
  kUpsert,
  kIgnore,  // rows whose key is there are left out
};
inline bool WritesByKey(WriteMode mode) { return mode != WriteMode::kAppend; }

/// Rows that are prepared: all that it takes to merge them, also for a job that was changed meanwhile.
struct PreparedStage {
  TableName target;
  TableName stage;
  WriteMode mode = WriteMode::kAppend;
  Names columns;
  Names key;  // of one that writes by it

  /// The job that made it, as in the stage's name.
  std::string job() const;
  Committable ToCommittable(int subtask, std::uint64_t sequence) const;
  /// SNAPSHOT_INVALID, also for a stage that is named as none of ours.
  static base::Result<PreparedStage> From(const Committable& committable);
};

/// The statements that bring a stage's rows into its target.
std::vector<std::string> MergeStatements(const Dialect& dialect, const PreparedStage& stage);

}  // namespace streampark::connectors::sql
