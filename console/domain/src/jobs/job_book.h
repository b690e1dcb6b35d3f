// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "streampark/console/jobs/job_board.h"
#include "streampark/console/jobs/job_store.h"
#include "streampark/console/operations/operation_log.h"

namespace streampark::console {

/// One change to a job: what it becomes, and what goes to disk with it.
struct JobEdit {
  JobState state;
  JobChanges changes;  // beside the rows of `state` that are saved below

  void SaveJob() { job_ = true; }
  void SaveAttempt() { attempt_ = true; }
  void SaveObserved() { observed_ = true; }
  /// Sets the newest attempt and its mark.
  void PutAttempt(Attempt attempt);
  /// Ends the newest attempt.
  void EndAttempt(AttemptOutcome outcome, std::string message, base::Timestamp at);

 private:
  friend class JobBook;
  bool job_ = false;
  bool attempt_ = false;
  bool observed_ = false;
};

/// The one way in which a job changes: one at a time a job; on disk first, then on the board. Where
/// the disk refuses, nothing has changed but what was observed, which is shown. Thread-safe.
class JobBook {
 public:
  using Change = std::function<base::Status(JobEdit&)>;

  JobBook(JobStore& store, OperationStore& operations, OperationLog& log, JobBoard& board)
      : store_(store), operations_(operations), log_(log), board_(board) {}

  /// Hears the id of each job that was changed, also where nothing of it shows; under the job's lock,
  /// so it must return at once. Set before threads start.
  void OnChange(std::function<void(const std::string& job_id)> heard) { heard_ = std::move(heard); }

  /// Reads everything; once, before anything else.
  base::Status Load();

  /// NOT_FOUND when there is no such job.
  base::Result<JobViewPtr> Edit(std::string_view job_id, const Change& change);
  /// Puts a new job in the book.
  base::Result<JobViewPtr> Add(JobEdit edit);
  /// Begins an operation; `change` sees the job as it is and may refuse. The answer is an older
  /// operation when the idempotency key was used before.
  base::Result<Operation> Begin(const Operation& operation, const Change& change);
  /// Takes a job off the disk and the board.
  base::Status Purge(std::string_view job_id);

 private:
  std::mutex& LockOf(std::string_view job_id);
  static JobChanges Gather(JobEdit& edit);
  void Put(JobState state);

  JobStore& store_;
  OperationStore& operations_;
  OperationLog& log_;
  JobBoard& board_;
  std::function<void(const std::string& job_id)> heard_;
  std::array<std::mutex, 64> locks_;  // by hash of the job's id
};

/// The mark of an open operation on the board.
OperationMark MarkOf(const Operation& operation);

}  // namespace streampark::console
