// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/console/operations/operation.h"

namespace streampark::console {

/// One intent to act on the outside, committed before the act; and how it ended.
struct JournalEntry {
  enum class State { kOpen, kDone, kFailed, kVoid };
  std::string id;
  std::string operation_id;
  std::string step;
  std::string verb;  // SUBMIT, TRIGGER_SAVEPOINT, CANCEL, START_PROCESS …
  std::string
      key;  // under which a repeat has no second effect: an engine job id, a trigger id, a digest
  std::string intent;  // JSON: with what
  State state = State::kOpen;
  std::string outcome;  // JSON or text: what came of it; of kFailed the error's text
  base::Timestamp opened_at;
  std::optional<base::Timestamp> closed_at;
};
std::string_view ToString(JournalEntry::State state);  // OPEN

struct OperationPage {
  std::vector<Operation> items;  // newest first
  std::string next_after;        // empty: that was all
};

/// Operations and the journal on disk. What a call has written is durable when it returns.
/// Thread-safe.
class OperationStore {
 public:
  virtual ~OperationStore() = default;

  /// Writes a new operation. OPERATION_IN_FLIGHT with the related id when its subject has an open
  /// one (unless `operation.preempts` names that one). When (subject, idempotency key) was used
  /// before: the operation of then for the same request digest, IDEMPOTENCY_MISMATCH for another.
  virtual base::Result<Operation> Begin(const Operation& operation) = 0;
  virtual base::Status Save(const Operation& operation) = 0;
  virtual base::Result<std::optional<Operation>> Find(std::string_view operation_id) = 0;
  virtual base::Result<std::optional<Operation>> FindByKey(const Subject& subject,
                                                           std::string_view idempotency_key) = 0;
  /// `after`: an operation's id; empty: from the newest.
  virtual base::Result<OperationPage> List(SubjectKind kind, std::string_view subject_id, int limit,
                                           std::string_view after) = 0;
  /// The newest ones on the subjects of these teams and on shared ones; of all when `teams` is
  /// absent.
  virtual base::Result<std::vector<Operation>> Recent(
      const std::optional<std::vector<std::string>>& teams, int limit) = 0;
  /// Pending and running ones, oldest first.
  virtual base::Result<std::vector<Operation>> ListOpen(SubjectKind kind) = 0;

  virtual base::Status Open(const JournalEntry& entry) = 0;
  virtual base::Status Close(const JournalEntry& entry) = 0;
  /// The newest entry of that step, verb and key; absent when the intent was never committed.
  virtual base::Result<std::optional<JournalEntry>> FindEntry(std::string_view operation_id,
                                                              std::string_view step,
                                                              std::string_view verb,
                                                              std::string_view key) = 0;
  virtual base::Result<std::vector<JournalEntry>> ListEntries(std::string_view operation_id) = 0;
};

}  // namespace streampark::console
