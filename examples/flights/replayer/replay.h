// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <vector>

#include "event_log.h"
#include "release_folder.h"

namespace streampark::flights {

/// How many of the newest files a reader may read in any order without an event that is behind the
/// watermark. Flink's filesystem source promises no order: after a failure it reads again what came
/// after its last checkpoint, and what was released meanwhile. With a checkpoint as often as a file
/// that is three at most.
inline constexpr std::size_t kFilesInAnyOrder = 3;

/// One log on its way into one folder. Event time only grows: the end of the log is followed by its
/// start, a year later each time round. Each event carries `complete_until`, the end of the file
/// kFilesInAnyOrder before its own: the watermark of who reads the folder.
class Stream {
 public:
  /// `log` must outlive the stream. Goes on where the folder's newest file ends.
  Stream(EventLog& log, ReleaseFolder folder);

  bool IsNew() const { return next_ == Position{}; }
  /// The time of the last event released, or of the first one if there is none.
  EventTime LastEvent() const;
  EventTime NextEvent() const;

  /// Releases all events up to `until` as one file; no file when there are none.
  void ReleaseUntil(EventTime until);

  bool NewestWasRead() { return folder_.NewestWasRead(); }
  void Prune(std::size_t keep) const { folder_.Prune(keep); }

 private:
  EventTime TimeOfEnd(Position end) const;
  void Advance();

  EventLog& log_;
  ReleaseFolder folder_;
  Position next_;
  std::deque<EventTime> ends_;  // of the newest files, kFilesInAnyOrder at most
};

/// The streams that one job reads, on a clock of their own. The clock stands still while a newest
/// file is not read: a job that is stopped finds no heap of files when it comes back, and goes on
/// where it was.
class Feed {
 public:
  /// The streams must outlive the feed. A new feed's first file has all events of `prefill`.
  Feed(std::vector<Stream*> streams, std::chrono::seconds prefill);

  EventTime now() const { return now_; }

  /// Moves the clock on by `step` and releases what is due, unless something is unread.
  void Tick(std::chrono::seconds step);

  void Prune(std::size_t keep) const;

 private:
  std::vector<Stream*> streams_;
  EventTime now_;
  bool first_;
};

}  // namespace streampark::flights
