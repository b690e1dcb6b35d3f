// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/connectors/batch.h"

/// What a source is. Who calls what, in which thread:
///
///   coordinator (one a job)                    reader (one a subtask)
///   Source::MakeEnumerator                     Source::MakeReader
///   SplitEnumerator::Discover, each interval   SplitReader::Add ← splits, as they are given out
///   SplitEnumerator::Snapshot                  SplitReader::Read, again and again
///                                              SplitReader::Snapshot at a barrier
///                                              SplitReader::Acknowledge once that checkpoint is committed
///
/// A source outlives what it makes, and so does a sink. Each object is used by one thread at a time; only
/// SplitReader::WakeUp comes from another. No exception leaves a connector. Errors: a retryable one
/// (base::Error::retryable) is tried again with back-off by whoever called, on the same object when Read gave it and on
/// a new one when MakeReader did; another one fails the job.
namespace streampark::connectors {

/// A place in a split, as the connector that made it writes it; opaque to all others. `version` is the
/// connector's own: it reads what its older versions wrote.
struct Position {
  std::uint16_t version = 1;
  std::string bytes;

  bool operator==(const Position&) const = default;
};

/// A part of a source that one reader reads in order: a partition, a file, a range of keys.
struct Split {
  /// The same after a restart, and never used for another part: `orders-3`, `/in/a.csv`.
  std::string id;
  /// What to read, and from where on.
  Position position;

  bool operator==(const Split&) const = default;
};

/// A record that could not be read: kept or fatal as the job says, never skipped in silence.
struct DirtyRecord {
  std::string where;   // for people: `orders-3 at offset 17`
  std::string reason;  // what is wrong with it
  std::string bytes;   // the record, cut at 64 KiB
};

/// Finds the splits of a source.
class SplitEnumerator {
 public:
  struct Discovery {
    /// Those that were not told before; none twice in the life of a job, restarts included.
    std::vector<Split> splits;
    /// True when no more will ever follow: a bounded source.
    bool complete = false;
  };

  virtual ~SplitEnumerator() = default;
  /// Called at the start, and each `Source::discovery_interval` until it is complete.
  virtual base::Result<Discovery> Discover(std::stop_token stop) = 0;
  /// What it has told so far; given back to MakeEnumerator after a restart.
  virtual std::string Snapshot() const = 0;
};

/// Reads the splits that it is given.
class SplitReader {
 public:
  struct Rows {
    /// Absent when nothing came within the patience.
    std::unique_ptr<Batch> batch;
    /// The split of the batch: a batch is of one split.
    std::string split;
    /// No row of the split with an earlier event time will follow, by the source's own word: a heartbeat, or an index that
    /// knows. Beside what the job's own strategy makes of the rows; a job without one has no event time.
    std::optional<base::Timestamp> watermark;
    /// How many records are known to wait in the source behind these, of all splits in hand: what people call lag. Absent when it is
    /// not known, or when it was said a moment ago.
    std::optional<std::int64_t> waiting;
    std::vector<DirtyRecord> dirty;
    /// Splits that are read to their end; they are in no later Snapshot.
    std::vector<std::string> ended;
  };

  virtual ~SplitReader() = default;
  virtual base::Status Add(std::vector<Split> splits) = 0;
  /// Waits up to `patience` for rows; returns early when WakeUp was called. A reader without splits gives
  /// nothing and waits.
  virtual base::Result<Rows> Read(base::Millis patience) = 0;
  /// The splits in hand, each at the place after the last row that Read gave.
  virtual std::vector<Split> Snapshot() const = 0;
  /// All rows before these positions are committed for good; the source may forget them (a consumer
  /// group's offsets, a replication slot). A hint: it may be lost, and failing is not fatal.
  virtual base::Status Acknowledge(const std::vector<Split>& positions) = 0;
  /// From any thread: ends a waiting Read soon; remembered when none waits.
  virtual void WakeUp() = 0;
  /// Takes back a batch that is used up, to fill it again.
  virtual void Recycle(std::unique_ptr<Batch> batch) { batch.reset(); }
};

enum class Boundedness : std::uint8_t { kBounded, kUnbounded };

/// One configured source.
class Source {
 public:
  virtual ~Source() = default;
  /// What its batches hold: the columns that were asked for, or all that it knows.
  virtual SchemaPtr schema() const = 0;
  virtual Boundedness boundedness() const = 0;
  /// How often to look for new splits; absent: once.
  virtual std::optional<base::Millis> discovery_interval() const { return std::nullopt; }
  /// `restored` is what Snapshot gave, absent at a first start.
  virtual base::Result<std::unique_ptr<SplitEnumerator>> MakeEnumerator(
      std::optional<std::string> restored) = 0;
  virtual base::Result<std::unique_ptr<SplitReader>> MakeReader(int subtask) = 0;
};

}  // namespace streampark::connectors
