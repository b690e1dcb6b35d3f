// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "streampark/core/disk_states.h"
#include "streampark/core/state_backend.h"

#include "state/backend_record.h"
#include "state/change_log.h"

namespace streampark::core {

/// What a subtask has captured at a barrier. Its files are immutable; they are kept by another thread while the subtask goes on.
struct BackendCapture {
  struct File {
    std::filesystem::path from;
    std::string kept;
  };
  BackendRecord record;
  std::vector<File> files;            // of the record, those that were not kept before
  std::filesystem::path needed_till;  // a folder that may go once they are kept; may be empty
  /// To be set when they could not be kept: what comes next must not rest on them.
  std::shared_ptr<std::atomic<bool>> lost = std::make_shared<std::atomic<bool>>(false);
};

/// The working folder of one subtask's states: the store, and what is captured of it.
///
/// | when                                            | a capture is                                                   |
/// |-------------------------------------------------|----------------------------------------------------------------|
/// | the first; there are no logs; the last was lost | a base: all files of the store, linked, and no log             |
/// | the logs have grown to half of the base         | a base                                                         |
/// | else                                            | the base and logs of the one before, and one more log          |
///
/// For the subtask's thread. The folder is its own, and goes with it.
class SubtaskStates {
 public:
  struct Setup {
    StateBackend* backend = nullptr;
    std::filesystem::path folder;
    /// Unique among all processes: what it captures is kept under names that begin so.
    std::string prefix;
    std::size_t cache_bytes = 0;
    /// Whether captures are frequent, so that changes are worth a log.
    enum class Logs : std::uint8_t { kNone, kKept } logs = Logs::kKept;
    KeyGroupRange groups;
    std::vector<std::string> owners;  // the operators of the chain
    std::vector<BackendRecord> restored;
    /// A kept file: where it is, or a copy in the folder `scratch`.
    std::function<base::Result<std::filesystem::path>(const std::string& kept,
                                                      const std::filesystem::path& scratch)>
        find_kept;
    /// Whether what is captured is kept where `restored` is.
    enum class KeptAt : std::uint8_t { kSamePlace, kElsewhere } restored_from = KeptAt::kElsewhere;
  };

  /// Restores it. Throws TaskFailure.
  explicit SubtaskStates(Setup setup);
  ~SubtaskStates();
  SubtaskStates(const SubtaskStates&) = delete;
  SubtaskStates& operator=(const SubtaskStates&) = delete;

  DiskStates& states() { return *states_; }
  /// All changes so far. An error fails the checkpoint, and the next capture is a base.
  base::Result<BackendCapture> Capture(std::uint64_t checkpoint, std::int64_t now_ms);

  /// Half of a base's size, but no less: it is not worth a base.
  static constexpr std::uint64_t kLeastLogs = std::uint64_t{64} << 20U;
  static constexpr std::uint64_t kMostLogs = std::uint64_t{1} << 30U;

 private:
  std::unique_ptr<StateStore> OpenRestored(const BackendRecord& record,
                                           const std::filesystem::path& folder);
  void TakeOver(const BackendRecord& record);
  void CopyFrom(const BackendRecord& record, int number);
  void BeginLog();
  void MakeStates(std::unique_ptr<StateStore> store, std::vector<DiskState> states);
  base::Status CaptureBase(std::uint64_t checkpoint, BackendCapture& into);

  Setup setup_;
  std::unique_ptr<ChangeLog> log_;
  std::unique_ptr<DiskStates> states_;
  std::vector<BackendRecord::File> base_;
  std::vector<BackendRecord::File> logs_;
  std::map<std::string, std::string>
      kept_;  // immutable files of the store: under which name they are kept
  /// Of the captures that the next one would rest on.
  std::vector<std::shared_ptr<std::atomic<bool>>> lost_;
  bool base_next_ = true;
  int logs_begun_ = 0;
};

}  // namespace streampark::core
