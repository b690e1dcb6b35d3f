// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/result.h"
#include "streampark/objects/location.h"
#include "streampark/objects/object_folder.h"
#include "streampark/objects/open_folder.h"

#include "runtime/checkpoint_store.h"

namespace streampark::core {

/// In a folder of objects, of this machine or of a bucket: `chk-ID/NODE-SUBTASK.state`, `chk-ID/CHAIN-SUBTASK.backend` and, last,
/// `chk-ID/_record`; `_shared/` with the files of backends; `_lineage`. One process at a time: it holds a claim on the folder.
///
/// Where a claim can be lost (objects::FolderClaim), a checkpoint is complete when it has a record and the claim is marked with its number,
/// or a later one; and what is removed was listed before the claim was confirmed. So a process that hung, and was taken for dead, neither
/// completes a checkpoint nor removes what its successor needs.
class FolderCheckpointStore final : public CheckpointStore {
 public:
  static constexpr int kAll = std::numeric_limits<int>::max();
  /// Claims the folder, and removes what a process that ended in the middle of a checkpoint has left. DATA_FOLDER_IN_USE when another
  /// process uses it.
  static base::Result<std::unique_ptr<FolderCheckpointStore>> Open(
      std::unique_ptr<objects::ObjectFolder> folder, int keep);
  /// The same without a claim and only to read: the folder of another job, or of savepoints.
  static std::unique_ptr<FolderCheckpointStore> OpenToRead(
      std::unique_ptr<objects::ObjectFolder> folder);
  /// The record of `checkpoint`, as files and folders are called: `chk-7`. SNAPSHOT_INVALID when it has none.
  base::Result<CheckpointRecord> ReadRecord(const std::string& checkpoint);
  static std::string NameOf(std::uint64_t checkpoint);

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
  base::Result<std::filesystem::path> FetchKept(const std::string& kept,
                                                const std::filesystem::path& scratch) override;
  base::Result<std::string> WriteBackend(std::uint64_t checkpoint, std::string_view name,
                                         int subtask, const BackendRecord& record) override;
  base::Result<BackendRecord> ReadBackend(const std::string& file) override;

 private:
  /// The checkpoints that there are, complete or not.
  struct Found {
    std::vector<std::string> names;  // of their objects
    bool has_record = false;
  };
  FolderCheckpointStore(std::unique_ptr<objects::ObjectFolder> folder, int keep,
                        std::unique_ptr<objects::FolderClaim> claim);
  base::Status TakeOver();
  base::Result<std::map<std::uint64_t, Found>> Look();
  bool IsComplete(std::uint64_t id, const Found& found) const;
  /// Removes these checkpoints, and what is kept for none that is left.
  base::Status Tidy(const std::map<std::uint64_t, Found>& all,
                    const std::vector<std::uint64_t>& gone);
  base::Result<std::vector<std::string>> NeededBy(const std::string& backend);
  /// Whether another process may have taken the folder without this one knowing.
  bool can_be_lost() const { return claim_ && !claim_->tag().empty(); }
  std::string NameIn(std::uint64_t checkpoint, std::string_view node, int subtask,
                     std::string_view suffix) const;

  const std::unique_ptr<objects::ObjectFolder> folder_;
  const int keep_;
  const std::unique_ptr<objects::FolderClaim> claim_;
  std::atomic<bool> may_keep_files_ = true;  // whether it is worth looking which are needed
  std::mutex mutex_;
  std::map<std::string, std::vector<std::string>>
      needed_by_;                     // file of a backend's record: what is kept for it
  std::set<std::uint64_t> given_up_;  // and not removed yet
};

/// A checkpoint or savepoint somewhere, and what reads its files.
struct FoundCheckpoint {
  CheckpointRecord record;
  std::unique_ptr<FolderCheckpointStore> store;
};
/// In the folder of the checkpoint, `…/chk-7`. SNAPSHOT_INVALID when there is none.
base::Result<FoundCheckpoint> FindCheckpoint(const objects::Location& checkpoint,
                                             const objects::S3Options& options,
                                             std::stop_token stop = {});

}  // namespace streampark::core
