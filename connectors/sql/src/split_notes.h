// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "streampark/connectors/sink.h"
#include "streampark/connectors/sql/session.h"

#include "sql_sink.h"

/// How far splits have come, beside the rows that came from them:
///
///   streampark_splits    owner    16 hex digits: the sink and the part of its source
///                        split    32 hex digits: the split's id
///                        lineage  of the job that noted it
///                        turn     its place in the plan
///                        ended    0 or 1
///                        place    id, version and position, in hex
///
/// A writer locks the note of its split for as long as its transaction lasts: what a process had begun when it was killed may go on at the
/// server for a moment, and whoever comes next waits for its end here.
namespace streampark::connectors::sql {

inline constexpr std::string_view kSplitTable = "streampark_splits";

/// The notes of one owner, in statements of whoever holds the session.
class SplitNotes {
 public:
  SplitNotes(const Dialect& dialect, const std::string& schema, const SplitOwner& owner);

  const std::string& table() const { return table_; }
  std::string CreateTable() const;
  std::string SelectAll() const;
  std::string DeleteAll() const;
  /// Of splits [first, last).
  std::string Insert(const std::vector<Split>& splits, std::size_t first, std::size_t last) const;
  /// Locks it, too.
  std::string SelectOne(const Split& split) const;
  std::string Update(const Split& split, SplitWriter::Reached reached) const;
  /// A row of a select's. SNAPSHOT_INVALID.
  base::Result<KeptSplit> Read(const TextRow& row) const;

 private:
  const Dialect& dialect_;
  const std::string table_;
  const std::string owner_;
  const std::string lineage_;
};

/// `plan` outlives what is made.
std::unique_ptr<SplitLedger> MakeSqlSplitLedger(const SinkPlan& plan, const SplitOwner& owner);
std::unique_ptr<SplitWriter> MakeSqlSplitWriter(const SinkPlan& plan, const SplitOwner& owner);

}  // namespace streampark::connectors::sql
