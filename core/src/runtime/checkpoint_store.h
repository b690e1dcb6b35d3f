// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/result.h"
#include "streampark/connectors/sink.h"
#include "streampark/core/snapshot.h"

#include "state/backend_record.h"

namespace streampark::core {

/// What a complete checkpoint holds, without the state itself. Nodes are known by their names.
struct CheckpointRecord {
  std::uint64_t id = 0;
  std::string job;
  std::string lineage;
  int key_groups = 0;
  base::Timestamp at;
  bool savepoint = false;
  /// Where the files are, when they are not in the folder of the store: a savepoint that the job stopped with.
  std::string folder;

  struct NodeRecord {
    int parallelism = 0;
    std::vector<std::string> files;             // one a subtask that has state
    std::optional<std::string> enumerator;      // of a source
    std::vector<connectors::Split> unassigned;  // found, and given to nobody yet
    bool discovered_all = false;
    std::vector<connectors::Committable> committables;
  };
  std::map<std::string, NodeRecord, std::less<>> nodes;
  /// The stores of subtasks whose keyed state is on disk, each a file (backend_record.h). A savepoint has none.
  std::vector<std::string> backends;

  std::string Serialize() const;
  /// SNAPSHOT_INVALID.
  static base::Result<CheckpointRecord> Parse(std::string_view bytes);
};

/// Keeps checkpoints. State files are written by the threads of the subtasks, the record last; what has no record does not
/// exist. Thread-safe.
class CheckpointStore {
 public:
  virtual ~CheckpointStore() = default;
  /// The file's name, for the record. STORAGE_FULL and IO_ERROR fail the checkpoint, not the job.
  virtual base::Result<std::string> WriteState(std::uint64_t checkpoint, std::string_view node,
                                               int subtask, const OperatorSnapshot& state) = 0;
  /// Whether it can keep files of a backend; if not, all state is canonical.
  virtual bool keeps_files() const = 0;
  /// Keeps a file that never changes, durably, by a link where that is possible; one of that name that is kept already is the same.
  virtual base::Status KeepFile(const std::filesystem::path& from, const std::string& kept) = 0;
  virtual std::filesystem::path PathOfKept(const std::string& kept) const = 0;
  /// The record's file; what is kept and in no complete checkpoint's record goes with the next one that is complete. SNAPSHOT_INVALID
  /// when a file of it is not kept.
  virtual base::Result<std::string> WriteBackend(std::uint64_t checkpoint, std::string_view name,
                                                 int subtask, const BackendRecord& record) = 0;
  virtual base::Result<BackendRecord> ReadBackend(const std::string& file) = 0;
  /// Makes it complete; older ones beyond those that are kept go.
  virtual base::Status Complete(const CheckpointRecord& record) = 0;
  /// Removes what an incomplete one has written.
  virtual void Discard(std::uint64_t checkpoint) = 0;
  /// Removes all: the job has finished.
  virtual void DiscardAll() = 0;
  /// The newest complete one; absent when there is none.
  virtual base::Result<std::optional<CheckpointRecord>> Latest() = 0;
  /// The lineage of a job that has no checkpoint here: `fresh`, or the one that a process before us began and did not bring to its
  /// first checkpoint, so that what its sinks have left is known.
  virtual base::Result<std::string> BeginLineage(std::string fresh) = 0;
  virtual base::Result<OperatorSnapshot> ReadState(const std::string& file) = 0;
};

/// In memory, for tests and jobs without a folder: survives a restart of the job in this process, not the process.
class MemoryCheckpointStore final : public CheckpointStore {
 public:
  base::Result<std::string> WriteState(std::uint64_t checkpoint, std::string_view node, int subtask,
                                       const OperatorSnapshot& state) override;
  base::Status Complete(const CheckpointRecord& record) override;
  void Discard(std::uint64_t checkpoint) override;
  void DiscardAll() override;
  base::Result<std::optional<CheckpointRecord>> Latest() override;
  base::Result<std::string> BeginLineage(std::string fresh) override;
  base::Result<OperatorSnapshot> ReadState(const std::string& file) override;
  bool keeps_files() const override { return false; }
  base::Status KeepFile(const std::filesystem::path& from, const std::string& kept) override;
  std::filesystem::path PathOfKept(const std::string& kept) const override;
  base::Result<std::string> WriteBackend(std::uint64_t checkpoint, std::string_view name,
                                         int subtask, const BackendRecord& record) override;
  base::Result<BackendRecord> ReadBackend(const std::string& file) override;

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> files_;
  std::optional<CheckpointRecord> latest_;
};

/// In a folder: `chk-ID/NODE-SUBTASK.state`, `chk-ID/CHAIN-SUBTASK.backend` and, last, `chk-ID/_record`; `_shared/` with the files of
/// backends; `_lineage`. One process at a time: it holds a lock on the folder.
class FolderCheckpointStore final : public CheckpointStore {
 public:
  static constexpr int kAll = std::numeric_limits<int>::max();
  /// Creates the folder. DATA_FOLDER_IN_USE when another process uses it.
  static base::Result<std::unique_ptr<FolderCheckpointStore>> Open(std::filesystem::path folder,
                                                                   int keep);
  /// The same without the lock and only to read: the folder of another job, or of savepoints.
  static std::unique_ptr<FolderCheckpointStore> OpenToRead(std::filesystem::path folder);
  /// The record in the folder of one checkpoint or savepoint. SNAPSHOT_INVALID when it has none.
  static base::Result<CheckpointRecord> ReadRecord(const std::filesystem::path& checkpoint);

  ~FolderCheckpointStore() override;
  base::Result<std::string> WriteState(std::uint64_t checkpoint, std::string_view node, int subtask,
                                       const OperatorSnapshot& state) override;
  base::Status Complete(const CheckpointRecord& record) override;
  void Discard(std::uint64_t checkpoint) override;
  void DiscardAll() override;
  base::Result<std::optional<CheckpointRecord>> Latest() override;
  base::Result<std::string> BeginLineage(std::string fresh) override;
  base::Result<OperatorSnapshot> ReadState(const std::string& file) override;
  bool keeps_files() const override { return true; }
  base::Status KeepFile(const std::filesystem::path& from, const std::string& kept) override;
  std::filesystem::path PathOfKept(const std::string& kept) const override;
  base::Result<std::string> WriteBackend(std::uint64_t checkpoint, std::string_view name,
                                         int subtask, const BackendRecord& record) override;
  base::Result<BackendRecord> ReadBackend(const std::string& file) override;

 private:
  struct Lock;
  FolderCheckpointStore(std::filesystem::path folder, int keep, std::unique_ptr<Lock> lock);
  std::filesystem::path FolderOf(std::uint64_t checkpoint) const;
  std::vector<std::uint64_t> Ids() const;
  void Sweep();

  const std::filesystem::path folder_;
  const int keep_;
  const std::unique_ptr<Lock> lock_;
};

}  // namespace streampark::core
