// SPDX-License-Identifier: Apache-2.0
#include "runtime/folder_checkpoint_store.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "streampark/base/log.h"

#include "runtime/checkpoint_names.h"

namespace streampark::core {

namespace {

namespace fs = std::filesystem;

/// Absent: it belongs to no checkpoint.
std::optional<std::uint64_t> IdOf(std::string_view name) {
  if (!name.starts_with(kCheckpointPrefix)) {
    return std::nullopt;
  }
  name.remove_prefix(kCheckpointPrefix.size());
  std::uint64_t id = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), id);
  return read.ec == std::errc() && read.ptr != name.data() + name.size() && *read.ptr == '/'
             ? std::optional(id)
             : std::nullopt;
}

/// What is missing of a checkpoint is no passing trouble.
base::Error AsInvalid(base::Error error) {
  return error.code() == base::ErrorCode::kNotFound
             ? base::Error(base::ErrorCode::kSnapshotInvalid, error.message())
                   .WithHint(error.hint())
                   .WithCause(error.cause())
             : error;
}

std::string Shared(const std::string& kept) { return std::string(kSharedFolder) + kept; }

}  // namespace

FolderCheckpointStore::FolderCheckpointStore(std::unique_ptr<objects::ObjectFolder> folder,
                                             int keep, std::unique_ptr<objects::FolderClaim> claim)
    : folder_(std::move(folder)), keep_(std::max(1, keep)), claim_(std::move(claim)) {}
FolderCheckpointStore::~FolderCheckpointStore() = default;

base::Result<std::unique_ptr<FolderCheckpointStore>> FolderCheckpointStore::Open(
    std::unique_ptr<objects::ObjectFolder> folder, int keep) {
  auto claim = SP_TRY(folder->Claim());
  if (!claim->weakness().empty()) {
    base::LogWarn("nothing keeps two processes off one folder of checkpoints",
                  {{"because", claim->weakness()}});
  }
  auto store = std::unique_ptr<FolderCheckpointStore>(
      new FolderCheckpointStore(std::move(folder), keep, std::move(claim)));
  SP_TRY(store->TakeOver());
  return store;
}

std::unique_ptr<FolderCheckpointStore> FolderCheckpointStore::OpenToRead(
    std::unique_ptr<objects::ObjectFolder> folder) {
  return std::unique_ptr<FolderCheckpointStore>(
      new FolderCheckpointStore(std::move(folder), 1, nullptr));
}

std::string FolderCheckpointStore::NameOf(std::uint64_t checkpoint) {
  return CheckpointName(checkpoint);
}

base::Result<std::map<std::uint64_t, FolderCheckpointStore::Found>> FolderCheckpointStore::Look() {
  std::map<std::uint64_t, Found> all;
  for (auto& name : SP_TRY(folder_->List(kCheckpointPrefix))) {
    if (const auto id = IdOf(name)) {
      auto& found = all[*id];
      if (name == CheckpointName(*id) + "/" + std::string(kRecordName)) {
        found.has_record = true;
        // First: what has no record does not exist.
        found.names.insert(found.names.begin(), std::move(name));
      } else {
        found.names.push_back(std::move(name));
      }
    }
  }
  return all;
}

bool FolderCheckpointStore::IsComplete(std::uint64_t id, const Found& found) const {
  const auto mark = claim_ ? claim_->mark() : std::nullopt;
  return found.has_record && (!mark || id <= *mark);
}

base::Status FolderCheckpointStore::TakeOver() {
  const auto all = SP_TRY(Look());
  if (can_be_lost() && !claim_->mark()) {
    // Its claims have left nothing: all that has a record counts.
    std::uint64_t newest = 0;
    for (const auto& [id, found] : all) {
      newest = found.has_record ? id : newest;
    }
    SP_TRY(claim_->Mark(newest));
  }
  std::vector<std::uint64_t> gone;
  for (const auto& [id, found] : all) {
    if (!IsComplete(id, found)) {
      gone.push_back(id);
    }
  }
  auto tidied = Tidy(all, gone);
  // Of this machine's disk a few files may stay; where a server refuses, who may not remove is to know now.
  return can_be_lost() ? tidied : base::Ok();
}

base::Result<std::vector<std::string>> FolderCheckpointStore::NeededBy(const std::string& backend) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = needed_by_.find(backend); found != needed_by_.end()) {
      return found->second;
    }
  }
  const auto record = SP_TRY(ReadBackend(backend));
  std::vector<std::string> needed;
  for (const auto* files : {&record.base, &record.logs}) {
    for (const auto& file : *files) {
      needed.push_back(Shared(file.kept));
    }
  }
  const std::lock_guard lock(mutex_);
  return needed_by_[backend] = std::move(needed);
}

// Nothing is kept meanwhile: the next checkpoint begins when this one is complete.
base::Status FolderCheckpointStore::Tidy(const std::map<std::uint64_t, Found>& all,
                                         const std::vector<std::uint64_t>& gone) {
  std::vector<std::string> removed;
  std::set<std::string> needed;
  bool all_known = true;
  for (const auto& [id, found] : all) {
    const bool goes = std::ranges::find(gone, id) != gone.end();
    for (const auto& name : found.names) {
      if (goes) {
        removed.push_back(name);
        const std::lock_guard lock(mutex_);
        needed_by_.erase(name);
      } else if (name.ends_with(kBackendSuffix)) {
        const auto kept = NeededBy(name);
        all_known = all_known && kept.ok();
        if (kept.ok()) {
          needed.insert(kept->begin(), kept->end());
        }
      }
    }
  }
  if (all_known && may_keep_files_.exchange(false)) {
    auto shared = folder_->List(kSharedFolder);
    if (!shared.ok() || !shared->empty()) {
      may_keep_files_ = true;
    }
    for (auto& name : SP_TRY(std::move(shared))) {
      if (!needed.contains(name)) {
        removed.push_back(std::move(name));
      }
    }
  }
  if (removed.empty()) {
    return base::Ok();
  }
  if (claim_) {
    SP_TRY(claim_->Confirm());
  }
  return folder_->Remove(removed);
}

std::string FolderCheckpointStore::NameIn(std::uint64_t checkpoint, std::string_view node,
                                          int subtask, std::string_view suffix) const {
  const std::string tag = can_be_lost() ? "-" + claim_->tag() : "";
  return CheckpointName(checkpoint) + "/" +
         CheckpointFileName(node, subtask, tag + std::string(suffix));
}

base::Result<std::string> FolderCheckpointStore::WriteState(std::uint64_t checkpoint,
                                                            std::string_view node, int subtask,
                                                            const OperatorSnapshot& state) {
  auto name = NameIn(checkpoint, node, subtask, kStateSuffix);
  SP_TRY(folder_->Put(name, state.Serialize()));
  return name;
}

base::Status FolderCheckpointStore::Complete(const CheckpointRecord& record) {
  SP_TRY(folder_->PutNew(CheckpointName(record.id) + "/" + std::string(kRecordName),
                         record.Serialize()));
  SP_TRY(claim_->Mark(record.id));
  // It is complete: what cannot be tidied up now is so after the next one.
  auto all = Look();
  if (!all.ok()) {
    return base::Ok();
  }
  std::vector<std::uint64_t> older, gone;
  std::set<std::uint64_t> given_up;
  {
    const std::lock_guard lock(mutex_);
    given_up = std::exchange(given_up_, {});
  }
  for (const auto& [id, found] : *all) {
    if (id >= record.id) {
      continue;
    }
    // What has no record was given up, and written to once more by a subtask that was slow.
    (found.has_record && !given_up.contains(id) ? older : gone).push_back(id);
  }
  for (std::size_t i = 0; i + static_cast<std::size_t>(keep_) <= older.size(); ++i) {
    gone.push_back(older[i]);
  }
  static_cast<void>(Tidy(*all, gone));
  return base::Ok();
}

base::Result<fs::path> FolderCheckpointStore::FetchKept(const std::string& kept,
                                                        const fs::path& scratch) {
  auto file = folder_->AsFile(Shared(kept), scratch);
  if (!file.ok()) {
    return AsInvalid(std::move(file).error());
  }
  return file;
}

base::Status FolderCheckpointStore::KeepFile(const fs::path& from, const std::string& kept) {
  may_keep_files_ = true;
  return folder_->PutFile(Shared(kept), from);
}

base::Result<std::string> FolderCheckpointStore::WriteBackend(std::uint64_t checkpoint,
                                                              std::string_view name, int subtask,
                                                              const BackendRecord& record) {
  std::vector<std::string> needed;
  for (const auto* files : {&record.base, &record.logs}) {
    for (const auto& file : *files) {
      needed.push_back(Shared(file.kept));
      if (!SP_TRY(folder_->Has(needed.back()))) {
        return base::Error(base::ErrorCode::kSnapshotInvalid,
                           "The state's file " + needed.back() + " is not there.");
      }
    }
  }
  SP_TRY(folder_->Settle());
  auto file = NameIn(checkpoint, name, subtask, kBackendSuffix);
  SP_TRY(folder_->Put(file, record.Serialize()));
  const std::lock_guard lock(mutex_);
  needed_by_[file] = std::move(needed);
  return file;
}

base::Result<BackendRecord> FolderCheckpointStore::ReadBackend(const std::string& file) {
  const auto bytes = folder_->Get(file);
  if (!bytes.ok()) {
    return AsInvalid(bytes.error());
  }
  auto parsed = BackendRecord::Parse(*bytes);
  if (!parsed.ok()) {
    return std::move(parsed).error().Annotate("reading " + file);
  }
  return parsed;
}

// Where a server is asked, whoever gives a checkpoint up does not wait for it: it may be what has failed.
void FolderCheckpointStore::Discard(std::uint64_t checkpoint) {
  if (can_be_lost()) {
    const std::lock_guard lock(mutex_);
    given_up_.insert(checkpoint);
    return;
  }
  const auto all = Look();
  if (const auto found =
          all.ok() ? all->find(checkpoint) : std::map<std::uint64_t, Found>::const_iterator();
      all.ok() && found != all->end()) {
    static_cast<void>(folder_->Remove(found->second.names));
  }
}

void FolderCheckpointStore::DiscardAll() {
  const auto all = Look();
  if (!all.ok()) {
    return;
  }
  std::vector<std::uint64_t> ids;
  for (const auto& [id, found] : *all) {
    ids.push_back(id);
  }
  // The mark first: a process that is killed meanwhile leaves nothing that counts.
  if (claim_->Mark(0).ok() && Tidy(*all, ids).ok()) {
    static_cast<void>(folder_->Remove({std::string(kLineageName)}));
  }
}

base::Result<std::string> FolderCheckpointStore::BeginLineage(std::string fresh) {
  auto begun = folder_->Get(kLineageName);
  if (begun.ok() || begun.error().code() != base::ErrorCode::kNotFound) {
    return begun;
  }
  SP_TRY(folder_->Put(kLineageName, fresh));
  return fresh;
}

base::Result<CheckpointRecord> FolderCheckpointStore::ReadRecord(const std::string& checkpoint) {
  const auto bytes = folder_->Get(checkpoint + "/" + std::string(kRecordName));
  if (!bytes.ok()) {
    return AsInvalid(bytes.error());
  }
  return CheckpointRecord::Parse(*bytes);
}

base::Result<std::optional<CheckpointRecord>> FolderCheckpointStore::Latest() {
  const auto all = SP_TRY(Look());
  for (auto at = all.rbegin(); at != all.rend(); ++at) {
    if (IsComplete(at->first, at->second)) {
      return std::optional(SP_TRY(ReadRecord(CheckpointName(at->first))));
    }
  }
  return std::nullopt;
}

base::Result<OperatorSnapshot> FolderCheckpointStore::ReadState(const std::string& file) {
  const auto bytes = folder_->Get(file);
  if (!bytes.ok()) {
    return AsInvalid(bytes.error());
  }
  auto parsed = OperatorSnapshot::Parse(*bytes);
  if (!parsed.ok()) {
    return std::move(parsed).error().Annotate("reading " + file);
  }
  return parsed;
}

base::Result<FoundCheckpoint> FindCheckpoint(const objects::Location& checkpoint,
                                             const objects::S3Options& options,
                                             std::stop_token stop) {
  objects::Location whole = checkpoint;
  if (checkpoint.local()) {
    // `chk-7/` names the same folder as `chk-7`, and has another parent.
    auto folder = fs::absolute(checkpoint.folder()).lexically_normal();
    whole = folder.has_filename() ? folder : folder.parent_path();
  }
  auto store = FolderCheckpointStore::OpenToRead(
      SP_TRY(objects::OpenFolder(whole.parent(), options, std::move(stop))));
  auto record = store->ReadRecord(whole.name());
  if (!record.ok() && record.error().code() == base::ErrorCode::kSnapshotInvalid &&
      record.error().message().ends_with("is not there.")) {
    return base::Error(base::ErrorCode::kSnapshotInvalid,
                       "There is no complete checkpoint in " + whole.text() + ".");
  }
  return FoundCheckpoint{SP_TRY(std::move(record)), std::move(store)};
}

}  // namespace streampark::core
