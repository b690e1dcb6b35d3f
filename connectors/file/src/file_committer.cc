// SPDX-License-Identifier: Apache-2.0
#include "file_committer.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <vector>

#include "part_names.h"

/// A commit in its steps, and what a crash after each leaves:
///
///   1 see that every part is staged      nothing has happened; a part that is gone is an error before any is visible
///   2 note the checkpoint, durably       from here on a part that is not staged any more has been published
///   3 rename each part                   some are visible; the next commit renames the rest
///   4 sync both folders                  done
///
/// So a commit that is repeated (each restart repeats the last one) does not mind that readers have taken published files away, and
/// still tells a staging that somebody deleted. The note also shows a checkpoint that is older than what was published.
namespace streampark::connectors::file {
namespace {

base::Error NoNote(const std::string& path) {
  return base::Error(base::ErrorCode::kSnapshotInvalid, path + " is no note of a file sink")
      .WithHint("put back what was in it: the number of the newest checkpoint that was committed");
}

class FileCommitter final : public Committer {
 public:
  FileCommitter(std::shared_ptr<FileStore> store, std::string folder)
      : store_(std::move(store)), folder_(std::move(folder)) {}

  base::Status Commit(std::span<const Committable> prepared, std::stop_token stop) override {
    std::map<std::string, Staging> stagings;
    for (const Committable& committable : prepared) {
      PreparedPart part = SP_TRY(PreparedPart::From(committable));
      Staging& staging = stagings[part.staging];
      staging.newest = std::max(staging.newest, committable.sequence);
      staging.parts.push_back({committable.sequence, std::move(part)});
    }
    for (const auto& [name, staging] : stagings) {
      SP_TRY(Begin(name, staging));
    }
    for (const auto& [name, staging] : stagings) {
      for (const auto& [sequence, part] : staging.parts) {
        if (stop.stop_requested()) {
          return base::Error(base::ErrorCode::kCancelled, "stopped while publishing files");
        }
        SP_TRY(store_->Move(PathOf(name) + "/" + part.staged, PathOf(part.published)));
      }
      SP_TRY(store_->SyncFolder(folder_));
      SP_TRY(store_->SyncFolder(PathOf(name)));
    }
    return base::Ok();
  }

  base::Status Recover(const WriterId& lineage, std::span<const Committable> pending,
                       std::uint64_t next, std::stop_token stop) override {
    const std::string staging = StagingOf(lineage);
    if (const auto committed = SP_TRY(Committed(staging)); committed >= next) {
      return base::Error(base::ErrorCode::kIllegalState,
                         folder_ + " holds files of checkpoint " + std::to_string(committed) +
                             ", and the job goes on from checkpoint " + std::to_string(next - 1))
          .WithHint(
              "start from that checkpoint's folder explicitly, so that the files stay and are "
              "written again under other names; or take them away, with " +
              PathOf(staging));
    }
    SP_TRY(Commit(pending, std::move(stop)));
    for (const std::string& name : SP_TRY(store_->Names(PathOf(staging)))) {
      if (name != kCommittedNote) {
        SP_TRY(store_->Remove(PathOf(staging) + "/" + name));
      }
    }
    return base::Ok();
  }

 private:
  struct Staging {
    std::uint64_t newest = 0;
    std::vector<std::pair<std::uint64_t, PreparedPart>> parts;
  };

  std::string PathOf(std::string_view name) const { return folder_ + "/" + std::string(name); }

  /// Steps 1 and 2.
  base::Status Begin(const std::string& name, const Staging& staging) {
    const std::uint64_t committed = SP_TRY(Committed(name));
    if (staging.newest <= committed) {
      return base::Ok();
    }
    for (const auto& [sequence, part] : staging.parts) {
      const std::string path = PathOf(name) + "/" + part.staged;
      if (sequence > committed && !SP_TRY(store_->Exists(path))) {
        return base::Error(base::ErrorCode::kSnapshotInvalid, "the rows of checkpoint " +
                                                                  std::to_string(sequence) +
                                                                  " are gone: there is no " + path)
            .WithHint("put the folder .streampark back, or start from an older checkpoint");
      }
    }
    return store_->WriteNote(PathOf(name) + "/" + std::string(kCommittedNote),
                             std::to_string(staging.newest));
  }

  /// 0: none yet.
  base::Result<std::uint64_t> Committed(const std::string& staging) {
    const std::string path = PathOf(staging) + "/" + std::string(kCommittedNote);
    const auto note = SP_TRY(store_->ReadNote(path));
    std::uint64_t sequence = 0;
    if (note) {
      const auto [end, error] =
          std::from_chars(note->data(), note->data() + note->size(), sequence);
      if (error != std::errc() || end != note->data() + note->size()) {
        return NoNote(path);
      }
    }
    return sequence;
  }

  const std::shared_ptr<FileStore> store_;
  const std::string folder_;
};

}  // namespace

std::unique_ptr<Committer> MakeFileCommitter(std::shared_ptr<FileStore> store, std::string folder) {
  return std::make_unique<FileCommitter>(std::move(store), std::move(folder));
}

}  // namespace streampark::connectors::file
