// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/connectors/batch.h"
#include "streampark/connectors/source.h"

/// What a sink is. Writing is done by one writer a subtask; committing in one place a job, by whichever
/// process happens to run it.
///
///   writer (one a subtask)                        committer (one a job)
///   Sink::MakeWriter ← its last Snapshot          Sink::MakeCommitter
///   SinkWriter::Write, again and again            Committer::Recover ← what the checkpoint held, before
///   SinkWriter::Prepare at a barrier                                   any writer writes
///   SinkWriter::Snapshot right after it           Committer::Commit ← all that was prepared for a
///                                                                     checkpoint, once that is durable
///
/// Threads and errors as in source.h. What a sink promises is its Delivery:
///
/// | delivery         | Prepare                                   | Commit                         | after a crash                    |
/// |------------------|-------------------------------------------|--------------------------------|----------------------------------|
/// | kAtLeastOnce     | everything written has reached the target | nothing to do                  | rows since the checkpoint return |
/// | kUpsert          | the same                                  | nothing to do                  | the same; by their key no double |
/// | kExactlyOnce     | written aside, durable, not yet visible   | makes it visible, once         | Recover commits or undoes        |
namespace streampark::connectors {

/// Who writes. Chosen by us and never an engine's number: a lineage begins when a job starts from nothing or
/// from an older savepoint, and goes on through restarts and moves to another engine. Names that a sink
/// leaves at its target (transactional ids, staging tables, part files) are made of these three.
struct WriterId {
  std::string lineage;  // letters and digits, at most 26
  std::string sink;     // the sink's name in the job
  int subtask = 0;
};

/// What a writer has prepared for one checkpoint: bytes that any process can commit, and only
/// this connector reads.
struct Committable {
  int subtask = 0;
  std::uint64_t sequence = 0;  // grows with each checkpoint of a lineage
  std::uint16_t version = 1;
  std::string bytes;

  bool operator==(const Committable&) const = default;
};

class SinkWriter {
 public:
  virtual ~SinkWriter() = default;
  /// Rows that the target refuses for good come back as dirty ones; all others are taken.
  virtual base::Result<std::vector<DirtyRecord>> Write(const Batch& batch) = 0;
  /// Ends an epoch: see the table above. Nothing when there is nothing to commit.
  virtual base::Result<std::vector<Committable>> Prepare(std::uint64_t sequence) = 0;
  /// The writer's own state after Prepare; may be empty.
  virtual std::string Snapshot() const = 0;
  /// Sends what waits, when rows trickle; called when nothing more has come for a moment.
  virtual base::Status Flush() { return base::Ok(); }
};

class Committer {
 public:
  virtual ~Committer() = default;
  /// All that every writer prepared for one checkpoint. May be called again with the same after a crash, also by
  /// another process, and then has no second effect.
  virtual base::Status Commit(std::span<const Committable> prepared, std::stop_token stop) = 0;
  /// Before any writer of this lineage writes: commits `pending` and undoes everything else that the lineage
  /// left at the target with a sequence of `next` or more, or that no checkpoint knows.
  virtual base::Status Recover(const WriterId& lineage, std::span<const Committable> pending,
                               std::uint64_t next, std::stop_token stop) = 0;
};

/// What a sink knows of a split.
struct KeptSplit {
  Split split;  // from where on its rows are not there
  bool ended = false;
};

/// The splits of one part of a source (a table), kept at the target of its rows, so that each row gets there once without checkpoints:
///
///   coordinator                                     writer (one a subtask)
///   SplitLedger::Read    absent: a first start      SplitWriter::Begin   where the split stands
///   SplitLedger::Plan    before any is given out    SplitWriter::Write, again and again
///                                                   SplitWriter::Commit  rows and place, in one transaction
///                                                   SplitWriter::Abandon all since Begin or Commit
///
/// A split is written by one writer at a time. Threads and errors as in source.h.
class SplitLedger {
 public:
  virtual ~SplitLedger() = default;
  /// Absent when this part was not planned.
  virtual base::Result<std::optional<std::vector<KeptSplit>>> Read() = 0;
  /// Notes all splits of the part, none of which is read yet; whatever older lineages noted of it is forgotten.
  virtual base::Status Plan(const std::vector<Split>& splits) = 0;
};

class SplitWriter {
 public:
  virtual ~SplitWriter() = default;
  virtual base::Result<KeptSplit> Begin(const Split& split) = 0;
  /// Rows of that split; those that the target refuses for good come back.
  virtual base::Result<std::vector<DirtyRecord>> Write(const Batch& batch) = 0;
  enum class Reached : std::uint8_t { kPlace, kEnd };
  /// All rows since Begin or the last Commit are there for good, and so is that the split has come to its position.
  virtual base::Status Commit(const Split& split, Reached reached) = 0;
  /// Gives up what is not committed. After an error nothing else is called but this and the destructor.
  virtual void Abandon() = 0;
};

/// Whose splits: a lineage, as in WriterId, and the part of the source.
struct SplitOwner {
  std::string lineage;
  std::string sink;
  std::string part;
};

enum class Delivery : std::uint8_t { kAtLeastOnce, kUpsert, kExactlyOnce };

/// One configured sink.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual Delivery delivery() const = 0;
  /// `restored` is what this subtask's Snapshot gave; empty at a first start or after a rescale.
  virtual base::Result<std::unique_ptr<SinkWriter>> MakeWriter(const WriterId& id,
                                                               std::string restored) = 0;
  /// Absent when there is nothing to commit.
  virtual base::Result<std::unique_ptr<Committer>> MakeCommitter() = 0;
  /// ILLEGAL_STATE where the connector does not keep splits.
  virtual base::Result<std::unique_ptr<SplitLedger>> MakeSplitLedger(const SplitOwner& owner);
  virtual base::Result<std::unique_ptr<SplitWriter>> MakeSplitWriter(const SplitOwner& owner);
};

}  // namespace streampark::connectors
