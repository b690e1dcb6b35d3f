// SPDX-License-Identifier: Apache-2.0
#include "runtime/checkpoint_store.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <system_error>
#include <utility>

#include "streampark/base/files.h"
#include "streampark/core/bytes.h"

#include "sealed_bytes.h"
#include "state/change_log.h"

namespace streampark::core {

namespace {

namespace fs = std::filesystem;

// The first has no files of backends, and is what savepoints are.
constexpr Seal kSeal{.letters = "SPCK", .version = 1, .what = "record of the checkpoint"};
constexpr Seal kSealWithBackends{
    .letters = "SPCK", .version = 2, .what = "record of the checkpoint", .oldest = 1};
constexpr std::string_view kRecordName = "_record";
constexpr std::string_view kLineageName = "_lineage";
constexpr std::string_view kSharedName = "_shared";
constexpr std::string_view kBackendSuffix = ".backend";
constexpr std::string_view kPrefix = "chk-";
constexpr std::size_t kMostBytes = std::size_t{64} << 30U;

/// A node's name as a file's: names are people's.
std::string FileNameOf(std::string_view node, int subtask, std::string_view suffix = ".state") {
  std::string name;
  for (const char c : node) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += plain ? c : '_';
  }
  if (name.size() > 60) {
    name.resize(60);
  }
  static constexpr std::string_view kHex = "0123456789abcdef";
  name += '-';
  for (auto hash = static_cast<std::uint32_t>(HashBytes(node)), i = 0U; i < 8; ++i, hash >>= 4) {
    name += kHex[hash & 15U];
  }
  return name.append("-").append(std::to_string(subtask)).append(suffix);
}

}  // namespace

// The fields in order.
std::string CheckpointRecord::Serialize() const {
  auto out = OpenSealed(backends.empty() ? kSeal : kSealWithBackends);
  out.Fixed(id);
  out.Text(job);
  out.Text(lineage);
  out.Fixed(static_cast<std::int32_t>(key_groups));
  out.Fixed(static_cast<std::int64_t>(at.time_since_epoch().count()));
  out.Fixed(static_cast<std::uint8_t>(savepoint));
  out.Text(folder);
  out.Length(nodes.size());
  for (const auto& [name, node] : nodes) {
    out.Text(name);
    out.Fixed(static_cast<std::int32_t>(node.parallelism));
    out.Length(node.files.size());
    for (const auto& file : node.files) {
      out.Text(file);
    }
    out.Fixed(static_cast<std::uint8_t>(node.enumerator.has_value()));
    out.Text(node.enumerator.value_or(""));
    out.Length(node.unassigned.size());
    for (const auto& split : node.unassigned) {
      out.Text(split.id);
      out.Fixed(split.position.version);
      out.Text(split.position.bytes);
    }
    out.Fixed(static_cast<std::uint8_t>(node.discovered_all));
    out.Length(node.committables.size());
    for (const auto& committable : node.committables) {
      out.Fixed(static_cast<std::int32_t>(committable.subtask));
      out.Fixed(committable.sequence);
      out.Fixed(committable.version);
      out.Text(committable.bytes);
    }
  }
  if (!backends.empty()) {
    out.Length(backends.size());
    for (const auto& file : backends) {
      out.Text(file);
    }
  }
  return CloseSealed(std::move(out));
}

base::Result<CheckpointRecord> CheckpointRecord::Parse(std::string_view bytes) {
  auto in = SP_TRY(ReadSealed(kSealWithBackends, bytes));
  CheckpointRecord record;
  record.id = in.Fixed<std::uint64_t>();
  record.job = in.Text();
  record.lineage = in.Text();
  record.key_groups = in.Fixed<std::int32_t>();
  record.at = base::Timestamp(base::Millis(in.Fixed<std::int64_t>()));
  record.savepoint = in.Fixed<std::uint8_t>() != 0;
  record.folder = in.Text();
  for (auto nodes = in.Length(); nodes > 0 && !in.failed(); --nodes) {
    auto& node = record.nodes[std::string(in.Text())];
    node.parallelism = in.Fixed<std::int32_t>();
    for (auto files = in.Length(); files > 0 && !in.failed(); --files) {
      node.files.emplace_back(in.Text());
    }
    const bool has_enumerator = in.Fixed<std::uint8_t>() != 0;
    if (std::string enumerator(in.Text()); has_enumerator) {
      node.enumerator = std::move(enumerator);
    }
    for (auto splits = in.Length(); splits > 0 && !in.failed(); --splits) {
      connectors::Split split;
      split.id = in.Text();
      split.position.version = in.Fixed<std::uint16_t>();
      split.position.bytes = in.Text();
      node.unassigned.push_back(std::move(split));
    }
    node.discovered_all = in.Fixed<std::uint8_t>() != 0;
    for (auto count = in.Length(); count > 0 && !in.failed(); --count) {
      connectors::Committable committable;
      committable.subtask = in.Fixed<std::int32_t>();
      committable.sequence = in.Fixed<std::uint64_t>();
      committable.version = in.Fixed<std::uint16_t>();
      committable.bytes = in.Text();
      node.committables.push_back(std::move(committable));
    }
  }
  if (!in.failed() && !in.at_end()) {
    for (auto files = in.Length(); files > 0 && !in.failed(); --files) {
      record.backends.emplace_back(in.Text());
    }
  }
  SP_TRY(CheckReadAll(kSeal, in));
  return record;
}

base::Result<std::string> MemoryCheckpointStore::WriteState(std::uint64_t checkpoint,
                                                            std::string_view node, int subtask,
                                                            const OperatorSnapshot& state) {
  auto name = std::string(kPrefix) + std::to_string(checkpoint) + "/" + FileNameOf(node, subtask);
  auto bytes = state.Serialize();
  const std::lock_guard lock(mutex_);
  files_[name] = std::move(bytes);
  return name;
}

base::Status MemoryCheckpointStore::Complete(const CheckpointRecord& record) {
  const std::lock_guard lock(mutex_);
  latest_ = record;
  const auto keep = std::string(kPrefix) + std::to_string(record.id) + "/";
  std::erase_if(files_, [&](const auto& file) { return !file.first.starts_with(keep); });
  return base::Ok();
}

void MemoryCheckpointStore::Discard(std::uint64_t checkpoint) {
  const auto gone = std::string(kPrefix) + std::to_string(checkpoint) + "/";
  const std::lock_guard lock(mutex_);
  std::erase_if(files_, [&](const auto& file) { return file.first.starts_with(gone); });
}

void MemoryCheckpointStore::DiscardAll() {
  const std::lock_guard lock(mutex_);
  files_.clear();
  latest_.reset();
}

base::Result<std::optional<CheckpointRecord>> MemoryCheckpointStore::Latest() {
  const std::lock_guard lock(mutex_);
  return latest_;
}

base::Result<std::string> MemoryCheckpointStore::BeginLineage(std::string fresh) { return fresh; }

base::Result<OperatorSnapshot> MemoryCheckpointStore::ReadState(const std::string& file) {
  const std::lock_guard lock(mutex_);
  const auto found = files_.find(file);
  if (found == files_.end()) {
    return base::Error(base::ErrorCode::kSnapshotInvalid,
                       "The state file " + file + " is not there.");
  }
  return OperatorSnapshot::Parse(found->second);
}

namespace {

base::Error KeepsNoFiles() {
  return {base::ErrorCode::kInternal, "checkpoints in memory keep no files"};
}

}  // namespace

base::Status MemoryCheckpointStore::KeepFile(const fs::path& /*from*/,
                                             const std::string& /*kept*/) {
  return KeepsNoFiles();
}
fs::path MemoryCheckpointStore::PathOfKept(const std::string& /*kept*/) const { return {}; }
base::Result<std::string> MemoryCheckpointStore::WriteBackend(std::uint64_t /*checkpoint*/,
                                                              std::string_view /*name*/,
                                                              int /*subtask*/,
                                                              const BackendRecord& /*record*/) {
  return KeepsNoFiles();
}
base::Result<BackendRecord> MemoryCheckpointStore::ReadBackend(const std::string& /*file*/) {
  return KeepsNoFiles();
}

struct FolderCheckpointStore::Lock {
  base::FileLock held;
};

FolderCheckpointStore::FolderCheckpointStore(fs::path folder, int keep, std::unique_ptr<Lock> lock)
    : folder_(std::move(folder)), keep_(std::max(1, keep)), lock_(std::move(lock)) {}
FolderCheckpointStore::~FolderCheckpointStore() = default;

base::Result<std::unique_ptr<FolderCheckpointStore>> FolderCheckpointStore::Open(fs::path folder,
                                                                                 int keep) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) {
    return base::FileError(failed.value(), "creating", folder);
  }
  auto lock = std::make_unique<Lock>(Lock{SP_TRY(base::FileLock::Acquire(folder / "_lock"))});
  auto store = std::unique_ptr<FolderCheckpointStore>(
      new FolderCheckpointStore(std::move(folder), keep, std::move(lock)));
  store->Sweep();  // what a process that ended in the middle of a checkpoint has left
  return store;
}

std::unique_ptr<FolderCheckpointStore> FolderCheckpointStore::OpenToRead(fs::path folder) {
  return std::unique_ptr<FolderCheckpointStore>(
      new FolderCheckpointStore(std::move(folder), 1, nullptr));
}

fs::path FolderCheckpointStore::FolderOf(std::uint64_t checkpoint) const {
  return folder_ / (std::string(kPrefix) + std::to_string(checkpoint));
}

std::vector<std::uint64_t> FolderCheckpointStore::Ids() const {
  std::vector<std::uint64_t> ids;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    const auto name = entry.path().filename().string();
    std::uint64_t id = 0;
    if (name.starts_with(kPrefix) &&
        std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), id).ec ==
            std::errc()) {
      ids.push_back(id);
    }
  }
  std::ranges::sort(ids);
  return ids;
}

base::Result<std::string> FolderCheckpointStore::WriteState(std::uint64_t checkpoint,
                                                            std::string_view node, int subtask,
                                                            const OperatorSnapshot& state) {
  const auto folder = FolderOf(checkpoint);
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) {
    return base::FileError(failed.value(), "creating", folder);
  }
  const auto name = FileNameOf(node, subtask);
  SP_TRY(base::WriteFileAtomically(folder / name, state.Serialize()));
  return folder.filename().string() + "/" + name;
}

base::Status FolderCheckpointStore::Complete(const CheckpointRecord& record) {
  const auto folder = FolderOf(record.id);
  std::error_code failed;
  fs::create_directories(folder, failed);
  SP_TRY(base::WriteFileAtomically(folder / kRecordName, record.Serialize()));
  SP_TRY(SyncFile(folder_));  // the name of its folder has to outlive a loss of power, too
  std::vector<std::uint64_t> older;
  for (const auto id : Ids()) {
    if (id >= record.id) {
      continue;
    }
    if (fs::exists(FolderOf(id) / kRecordName, failed)) {
      older.push_back(id);
    } else {
      Discard(id);  // given up, and written to once more by a subtask that was slow
    }
  }
  for (std::size_t i = 0; i + static_cast<std::size_t>(keep_) <= older.size(); ++i) {
    Discard(older[i]);
  }
  Sweep();
  return base::Ok();
}

// Nothing is kept meanwhile: the next checkpoint begins when this one is complete.
void FolderCheckpointStore::Sweep() {
  std::error_code ignored;
  if (!fs::exists(folder_ / kSharedName, ignored)) {
    return;
  }
  std::set<std::string> needed;
  for (const auto id : Ids()) {
    if (!fs::exists(FolderOf(id) / kRecordName, ignored)) {
      continue;
    }
    for (const auto& entry : fs::directory_iterator(FolderOf(id), ignored)) {
      if (!entry.path().filename().string().ends_with(kBackendSuffix)) {
        continue;
      }
      const auto record =
          ReadBackend(FolderOf(id).filename().string() + "/" + entry.path().filename().string());
      if (!record.ok()) {
        return;  // what it needs is not known
      }
      for (const auto* files : {&record->base, &record->logs}) {
        for (const auto& file : *files) {
          needed.insert(file.kept);
        }
      }
    }
  }
  for (const auto& entry : fs::directory_iterator(folder_ / kSharedName, ignored)) {
    if (!needed.contains(entry.path().filename().string())) {
      fs::remove(entry.path(), ignored);
    }
  }
}

fs::path FolderCheckpointStore::PathOfKept(const std::string& kept) const {
  return folder_ / kSharedName / kept;
}

base::Status FolderCheckpointStore::KeepFile(const fs::path& from, const std::string& kept) {
  std::error_code failed;
  fs::create_directories(folder_ / kSharedName, failed);
  if (failed) {
    return base::FileError(failed.value(), "creating", folder_ / kSharedName);
  }
  const auto to = SP_TRY(base::ConfinedPath(folder_ / kSharedName, kept));
  if (fs::exists(to, failed)) {
    return base::Ok();
  }
  SP_TRY(SyncFile(from));
  fs::create_hard_link(from, to, failed);
  if (!failed) {
    return base::Ok();
  }
  // Another file system. Copied aside: what has its name is whole.
  const fs::path aside = to.string() + ".part";
  fs::copy_file(from, aside, fs::copy_options::overwrite_existing, failed);
  if (failed) {
    const int reason = failed.value();
    fs::remove(aside, failed);
    return base::FileError(reason, "copying " + from.string() + " to", to);
  }
  SP_TRY(SyncFile(aside));
  fs::rename(aside, to, failed);
  return failed ? base::Status(base::FileError(failed.value(), "renaming", aside)) : base::Ok();
}

base::Result<std::string> FolderCheckpointStore::WriteBackend(std::uint64_t checkpoint,
                                                              std::string_view name, int subtask,
                                                              const BackendRecord& record) {
  std::error_code failed;
  for (const auto* files : {&record.base, &record.logs}) {
    for (const auto& file : *files) {
      if (!fs::exists(PathOfKept(file.kept), failed)) {
        return base::Error(base::ErrorCode::kSnapshotInvalid,
                           "The state's file " + PathOfKept(file.kept).string() + " is not there.");
      }
    }
  }
  SP_TRY(SyncFile(folder_ / kSharedName));  // the names, too
  const auto folder = FolderOf(checkpoint);
  fs::create_directories(folder, failed);
  if (failed) {
    return base::FileError(failed.value(), "creating", folder);
  }
  const auto file = FileNameOf(name, subtask, kBackendSuffix);
  SP_TRY(base::WriteFileAtomically(folder / file, record.Serialize()));
  return folder.filename().string() + "/" + file;
}

base::Result<BackendRecord> FolderCheckpointStore::ReadBackend(const std::string& file) {
  const auto path = SP_TRY(base::ConfinedPath(folder_, file));
  auto parsed = BackendRecord::Parse(SP_TRY(base::ReadFile(path, kMostBytes)));
  if (!parsed.ok()) {
    return std::move(parsed).error().Annotate("reading " + path.string());
  }
  return parsed;
}

void FolderCheckpointStore::Discard(std::uint64_t checkpoint) {
  std::error_code ignored;
  fs::remove(FolderOf(checkpoint) / kRecordName,
             ignored);  // first: what has no record does not exist
  fs::remove_all(FolderOf(checkpoint), ignored);
}

void FolderCheckpointStore::DiscardAll() {
  for (const auto id : Ids()) {
    Discard(id);
  }
  std::error_code ignored;
  fs::remove_all(folder_ / kSharedName, ignored);
  fs::remove(folder_ / kLineageName, ignored);
}

base::Result<std::string> FolderCheckpointStore::BeginLineage(std::string fresh) {
  const fs::path file = folder_ / kLineageName;
  if (std::error_code error; fs::exists(file, error)) {
    return base::ReadFile(file, kMostBytes);
  }
  SP_TRY(base::WriteFileAtomically(file, fresh));
  return fresh;
}

base::Result<CheckpointRecord> FolderCheckpointStore::ReadRecord(const fs::path& checkpoint) {
  std::error_code ignored;
  if (!fs::exists(checkpoint / kRecordName, ignored)) {
    return base::Error(base::ErrorCode::kSnapshotInvalid,
                       "There is no complete checkpoint in " + checkpoint.string() + ".");
  }
  return CheckpointRecord::Parse(SP_TRY(base::ReadFile(checkpoint / kRecordName, kMostBytes)));
}

base::Result<std::optional<CheckpointRecord>> FolderCheckpointStore::Latest() {
  auto ids = Ids();
  std::error_code ignored;
  while (!ids.empty() && !fs::exists(FolderOf(ids.back()) / kRecordName, ignored)) {
    ids.pop_back();
  }
  if (ids.empty()) {
    return std::nullopt;
  }
  return std::optional(SP_TRY(ReadRecord(FolderOf(ids.back()))));
}

base::Result<OperatorSnapshot> FolderCheckpointStore::ReadState(const std::string& file) {
  const auto path = SP_TRY(base::ConfinedPath(folder_, file));
  auto bytes = SP_TRY(base::ReadFile(path, kMostBytes));
  auto parsed = OperatorSnapshot::Parse(bytes);
  if (!parsed.ok()) {
    return std::move(parsed).error().Annotate("reading " + path.string());
  }
  return parsed;
}

}  // namespace streampark::core
