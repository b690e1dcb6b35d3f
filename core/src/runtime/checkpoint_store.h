// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
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
  /// A kept file that nobody may change: where it is kept, or a copy in the folder `scratch`. SNAPSHOT_INVALID when it is not there.
  virtual base::Result<std::filesystem::path> FetchKept(const std::string& kept,
                                                        const std::filesystem::path& scratch) = 0;
  /// The record's file; what is kept and in no complete checkpoint's record goes with the next one that is complete. SNAPSHOT_INVALID
  /// when a file of it is not kept.
  virtual base::Result<std::string> WriteBackend(std::uint64_t checkpoint, std::string_view name,
                                                 int subtask, const BackendRecord& record) = 0;
  virtual base::Result<BackendRecord> ReadBackend(const std::string& file) = 0;
  /// Makes it complete; older ones beyond those that are kept go. DATA_FOLDER_IN_USE when another process has taken the place of this one.
  virtual base::Status Complete(const CheckpointRecord& record) = 0;
  /// Removes what an incomplete one has written, now or with the next one that is complete.
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
  base::Result<std::filesystem::path> FetchKept(const std::string& kept,
                                                const std::filesystem::path& scratch) override;
  base::Result<std::string> WriteBackend(std::uint64_t checkpoint, std::string_view name,
                                         int subtask, const BackendRecord& record) override;
  base::Result<BackendRecord> ReadBackend(const std::string& file) override;

 private:
  std::mutex mutex_;
  std::map<std::string, std::string> files_;
  std::optional<CheckpointRecord> latest_;
};

}  // namespace streampark::core
