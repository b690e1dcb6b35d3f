// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/connectors/sink.h"

#include "sink_plan.h"

/// What an exactly-once sink has at the server beside what it writes:
///
///   PREFIX:stage:JOB:SUBTASK:TOKEN   a list: the rows of one writer and epoch, behind a first element that is none
///   PREFIX:stages:JOB                a set: the names of these
///   PREFIX:ledger:JOB                a hash: for each subtask the newest checkpoint that was committed
///   PREFIX:fence:JOB                 set anew by each Recover; whoever makes a stage watches it
///
/// JOB is a digest of lineage and sink. A row is its key and its words as MessagePack texts, one after another.
namespace streampark::connectors::redis {

struct StageNames {
  /// Sixteen hex digits.
  static std::string JobOf(const WriterId& id);
  /// A name that is never used twice.
  static std::string NewStage(const std::string& prefix, const WriterId& id);

  std::string prefix;
  std::string job;

  std::string index() const { return prefix + ":stages:" + job; }
  std::string ledger() const { return prefix + ":ledger:" + job; }
  std::string fence() const { return prefix + ":fence:" + job; }
};

/// Rows that are prepared: all that it takes to commit them, also for a job that was changed meanwhile.
struct PreparedStage {
  std::string stage;
  std::int64_t rows = 0;
  Addition addition;

  /// As the stage's name has them.
  StageNames names() const;
  Committable ToCommittable(int subtask, std::uint64_t sequence) const;
  /// SNAPSHOT_INVALID, also for a stage that is named as none of ours.
  static base::Result<PreparedStage> From(const Committable& committable);
};

std::string_view ToString(Addition::Command command);

/// Appends a row of a stage.
void AppendStaged(std::string_view key, const std::vector<std::string_view>& words,
                  std::string& out);

}  // namespace streampark::connectors::redis
