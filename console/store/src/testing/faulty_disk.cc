// SPDX-License-Identifier: Apache-2.0
#include "testing/faulty_disk.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include <sqlite3.h>

#include "streampark/base/check.h"

namespace streampark::store::testing {
namespace {

constexpr std::size_t kSector = 512;  // the unit that is written whole or not at all

/// The index that connections of a write-ahead log share; never on disk.
struct SharedIndex {
  struct Slot {
    std::set<const void*> readers;
    const void* writer = nullptr;
  };
  std::vector<std::unique_ptr<std::vector<char>>> regions;
  std::array<Slot, SQLITE_SHM_NLOCK> slots;
};

/// What was done to a file since it was synced.
struct Change {
  enum class Kind { kWrite, kTruncate, kDelete } kind;
  std::size_t offset = 0;  // of kTruncate: the new size
  std::string bytes = {};
};

struct File {
  std::string content;  // what a reader sees
  bool exists = false;
  std::string synced;  // what a power cut leaves
  bool synced_exists = false;
  std::vector<Change> unsynced;
  bool syncs_folder = false;         // its next sync, as SQLite does for a journal that it made
  std::map<const void*, int> locks;  // SQLITE_LOCK_… by connection
  std::shared_ptr<SharedIndex> index;
};

void Apply(const Change& change, std::string& content, bool& exists) {
  exists = change.kind != Change::Kind::kDelete;
  switch (change.kind) {
    case Change::Kind::kWrite:
      content.resize(std::max(content.size(), change.offset + change.bytes.size()));
      content.replace(change.offset, change.bytes.size(), change.bytes);
      break;
    case Change::Kind::kTruncate:
      content.resize(change.offset);
      break;
    case Change::Kind::kDelete:
      content.clear();
      break;
  }
}

/// Some of the sectors of an unsynced write.
void ApplyTorn(const Change& change, std::mt19937_64& dice, std::string& content, bool& exists) {
  for (std::size_t from = 0; from < change.bytes.size(); from += kSector) {
    if (dice() % 2 == 0) {
      Apply({change.kind, change.offset + from, change.bytes.substr(from, kSector)}, content,
            exists);
    }
  }
}

}  // namespace

struct FaultyDisk::State {
  mutable std::mutex mutex;
  std::map<std::string, std::shared_ptr<File>> files;
  bool dark = false;
  bool read_only = false;
  int life = 0;  // connections of an earlier one are dead
  std::optional<std::int64_t> room;
  std::int64_t passages = 0;
  std::int64_t cut_at = 0;
  std::int64_t syncs = 0;
  int failing_syncs = 0;
  bool ignores_syncs = false;
  int last_errno = 0;
  std::string name;
  sqlite3_vfs vfs{};
  sqlite3_vfs* real = nullptr;

  /// Counts a passage; SQLITE_OK when it may be done.
  int Pass(int when_refused) {
    if (dark) {
      return when_refused;
    }
    ++passages;
    if (cut_at != 0 && passages >= cut_at) {
      dark = true;
      return when_refused;
    }
    if (read_only) {
      last_errno = EROFS;
      return when_refused;
    }
    return SQLITE_OK;
  }
  /// The folder was synced: what was deleted does not come back.
  void ForgetDeleted() {
    for (auto& [path, file] : files) {
      if (!file->exists) {
        *file = File{.locks = std::move(file->locks)};
      }
    }
  }
  std::int64_t Used() const {
    std::int64_t bytes = 0;
    for (const auto& [path, file] : files) {
      bytes += static_cast<std::int64_t>(file->content.size());
    }
    return bytes;
  }
};

namespace {

using State = FaultyDisk::State;

/// One open file of one connection. SQLite gives the memory.
struct Handle {
  sqlite3_file base;
  State* disk;
  std::shared_ptr<File>* file;
  std::shared_ptr<SharedIndex>* index;
  int life;
};

Handle& Of(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file); }
bool Dead(const Handle& handle) { return handle.disk->dark || handle.life != handle.disk->life; }

int Close(sqlite3_file* opened) {
  Handle& handle = Of(opened);
  const std::lock_guard lock(handle.disk->mutex);
  (*handle.file)->locks.erase(&handle);
  delete handle.index;
  delete handle.file;
  return SQLITE_OK;
}

int Read(sqlite3_file* opened, void* into, int count, sqlite3_int64 offset) {
  Handle& handle = Of(opened);
  const std::lock_guard lock(handle.disk->mutex);
  if (Dead(handle)) {
    return SQLITE_IOERR_READ;
  }
  const std::string& content = (*handle.file)->content;
  const auto size = static_cast<sqlite3_int64>(content.size());
  const auto there = std::clamp<sqlite3_int64>(size - offset, 0, count);
  std::memcpy(into, content.data() + std::min(offset, size), static_cast<std::size_t>(there));
  std::memset(static_cast<char*>(into) + there, 0, static_cast<std::size_t>(count - there));
  return there == count ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int Write(sqlite3_file* opened, const void* from, int count, sqlite3_int64 offset) {
  Handle& handle = Of(opened);
  State& disk = *handle.disk;
  const std::lock_guard lock(disk.mutex);
  if (handle.life != disk.life) {
    return SQLITE_IOERR_WRITE;
  }
  if (const int refused = disk.Pass(SQLITE_IOERR_WRITE); refused != SQLITE_OK) {
    return refused;
  }
  File& file = **handle.file;
  std::int64_t fits = count;
  if (disk.room) {
    const std::int64_t size = static_cast<std::int64_t>(file.content.size());
    const std::int64_t most = std::max(size, size + *disk.room - disk.Used());
    fits = std::clamp<std::int64_t>(most - offset, 0, count);
  }
  if (fits > 0) {
    Change change{Change::Kind::kWrite, static_cast<std::size_t>(offset),
                  std::string(static_cast<const char*>(from), static_cast<std::size_t>(fits))};
    Apply(change, file.content, file.exists);
    file.unsynced.push_back(std::move(change));
  }
  if (fits < count) {
    disk.last_errno = ENOSPC;
    return SQLITE_FULL;
  }
  return SQLITE_OK;
}

int Truncate(sqlite3_file* opened, sqlite3_int64 size) {
  Handle& handle = Of(opened);
  const std::lock_guard lock(handle.disk->mutex);
  if (handle.life != handle.disk->life) {
    return SQLITE_IOERR_TRUNCATE;
  }
  if (const int refused = handle.disk->Pass(SQLITE_IOERR_TRUNCATE); refused != SQLITE_OK) {
    return refused;
  }
  File& file = **handle.file;
  Change change{Change::Kind::kTruncate, static_cast<std::size_t>(size)};
  Apply(change, file.content, file.exists);
  file.unsynced.push_back(std::move(change));
  return SQLITE_OK;
}

int Sync(sqlite3_file* opened, int /*flags*/) {
  Handle& handle = Of(opened);
  State& disk = *handle.disk;
  const std::lock_guard lock(disk.mutex);
  if (handle.life != disk.life) {
    return SQLITE_IOERR_FSYNC;
  }
  if (const int refused = disk.Pass(SQLITE_IOERR_FSYNC); refused != SQLITE_OK) {
    return refused;
  }
  ++disk.syncs;
  if (disk.ignores_syncs) {
    return SQLITE_OK;
  }
  File& file = **handle.file;
  const bool fails = disk.failing_syncs > 0;
  if (fails) {
    --disk.failing_syncs;
    disk.last_errno = EIO;
  } else {
    for (const Change& change : file.unsynced) {
      Apply(change, file.synced, file.synced_exists);
    }
    file.synced_exists = true;
    if (std::exchange(file.syncs_folder, false)) {
      disk.ForgetDeleted();
    }
  }
  file.unsynced.clear();
  return fails ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

int FileSize(sqlite3_file* opened, sqlite3_int64* size) {
  Handle& handle = Of(opened);
  const std::lock_guard lock(handle.disk->mutex);
  *size = static_cast<sqlite3_int64>((*handle.file)->content.size());
  return Dead(handle) ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

int HighestOfOthers(const Handle& handle) {
  int highest = SQLITE_LOCK_NONE;
  for (const auto& [owner, level] : (*handle.file)->locks) {
    highest = owner == &handle ? highest : std::max(highest, level);
  }
  return highest;
}

int Lock(sqlite3_file* opened, int level) {
  Handle& handle = Of(opened);
  const std::lock_guard lock(handle.disk->mutex);
  if (Dead(handle)) {
    return SQLITE_IOERR_LOCK;
  }
  int& mine = (*handle.file)->locks[&handle];
  if (mine >= level) {
    return SQLITE_OK;
  }
  const int others = HighestOfOthers(handle);
  if (level == SQLITE_LOCK_SHARED ? others >= SQLITE_LOCK_PENDING
                                  : others >= SQLITE_LOCK_RESERVED) {
    return SQLITE_BUSY;
  }
  if (level == SQLITE_LOCK_EXCLUSIVE && others >= SQLITE_LOCK_SHARED) {
    mine = SQLITE_LOCK_PENDING;
    return SQLITE_BUSY;
  }
  mine = level;
  return SQLITE_OK;
}

int Unlock(sqlite3_file* opened, int level) {
  Handle& handle = Of(opened);
  const std::lock_guard lock(handle.disk->mutex);
  int& mine = (*handle.file)->locks[&handle];
  mine = std::min(mine, level);
  return SQLITE_OK;
}

int CheckReserved(sqlite3_file* opened, int* reserved) {
  Handle& handle = Of(opened);
  const std::lock_guard lock(handle.disk->mutex);
  *reserved = HighestOfOthers(handle) >= SQLITE_LOCK_RESERVED ? 1 : 0;
  return SQLITE_OK;
}

int Control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int SectorSize(sqlite3_file*) { return 4096; }  // as the one of Unix
int Characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int MapIndex(sqlite3_file* opened, int region, int size, int extend, void volatile** into) {
  Handle& handle = Of(opened);
  const std::lock_guard lock(handle.disk->mutex);
  *into = nullptr;
  if (Dead(handle)) {
    return SQLITE_IOERR_SHMOPEN;
  }
  File& file = **handle.file;
  if (*handle.index == nullptr) {
    if (file.index == nullptr) {
      file.index = std::make_shared<SharedIndex>();
    }
    *handle.index = file.index;
  }
  auto& regions = (*handle.index)->regions;
  while (extend != 0 && regions.size() <= static_cast<std::size_t>(region)) {
    regions.push_back(std::make_unique<std::vector<char>>(static_cast<std::size_t>(size)));
  }
  if (static_cast<std::size_t>(region) < regions.size()) {
    *into = regions[static_cast<std::size_t>(region)]->data();
  }
  return SQLITE_OK;
}

int LockIndex(sqlite3_file* opened, int offset, int count, int flags) {
  Handle& handle = Of(opened);
  const std::lock_guard lock(handle.disk->mutex);
  if (*handle.index == nullptr) {
    return SQLITE_IOERR_SHMLOCK;
  }
  const auto first = (*handle.index)->slots.begin() + offset;
  const auto last = first + count;
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    std::for_each(first, last, [&](SharedIndex::Slot& slot) {
      slot.readers.erase(&handle);
      slot.writer = slot.writer == &handle ? nullptr : slot.writer;
    });
    return SQLITE_OK;
  }
  if (Dead(handle)) {
    return SQLITE_IOERR_SHMLOCK;
  }
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  const bool taken = std::any_of(first, last, [&](const SharedIndex::Slot& slot) {
    const bool read_by_others = slot.readers.size() > slot.readers.count(&handle);
    return (slot.writer != nullptr && slot.writer != &handle) || (exclusive && read_by_others);
  });
  if (taken) {
    return SQLITE_BUSY;
  }
  std::for_each(first, last, [&](SharedIndex::Slot& slot) {
    if (exclusive) {
      slot.writer = &handle;
    } else {
      slot.readers.insert(&handle);
    }
  });
  return SQLITE_OK;
}

void IndexBarrier(sqlite3_file*) { std::atomic_thread_fence(std::memory_order_seq_cst); }

int UnmapIndex(sqlite3_file* opened, int /*remove*/) {
  Handle& handle = Of(opened);
  const std::lock_guard lock(handle.disk->mutex);
  handle.index->reset();
  File& file = **handle.file;
  if (file.index != nullptr && file.index.use_count() == 1) {
    file.index.reset();  // the next one to open the log builds it anew
  }
  return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods = {2,
                                         &Close,
                                         &Read,
                                         &Write,
                                         &Truncate,
                                         &Sync,
                                         &FileSize,
                                         &Lock,
                                         &Unlock,
                                         &CheckReserved,
                                         &Control,
                                         &SectorSize,
                                         &Characteristics,
                                         &MapIndex,
                                         &LockIndex,
                                         &IndexBarrier,
                                         &UnmapIndex,
                                         nullptr,
                                         nullptr};

State& DiskOf(sqlite3_vfs* vfs) { return *static_cast<State*>(vfs->pAppData); }

int Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* into, int flags, int* out_flags) {
  State& disk = DiskOf(vfs);
  into->pMethods = nullptr;
  const std::lock_guard lock(disk.mutex);
  if (disk.dark) {
    return SQLITE_CANTOPEN;
  }
  std::shared_ptr<File> file;
  if (path == nullptr) {
    file = std::make_shared<File>();  // temporary: nobody else sees it
  } else {
    const auto found = disk.files.find(path);
    const bool exists = found != disk.files.end() && found->second->exists;
    if (!exists && ((flags & SQLITE_OPEN_CREATE) == 0 || disk.read_only)) {
      return SQLITE_CANTOPEN;
    }
    std::shared_ptr<File>& place = disk.files[path];
    if (place == nullptr) {
      place = std::make_shared<File>();
    }
    place->exists = true;
    place->syncs_folder |= !exists && (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
    file = place;
  }
  if (disk.read_only) {
    flags = (flags & ~SQLITE_OPEN_READWRITE) | SQLITE_OPEN_READONLY;
  }
  Handle& handle = Of(into);
  handle.disk = &disk;
  handle.file = new std::shared_ptr<File>(std::move(file));
  handle.index = new std::shared_ptr<SharedIndex>();
  handle.life = disk.life;
  handle.base.pMethods = &kMethods;
  if (out_flags != nullptr) {
    *out_flags = flags;
  }
  return SQLITE_OK;
}

int Delete(sqlite3_vfs* vfs, const char* path, int sync_folder) {
  State& disk = DiskOf(vfs);
  const std::lock_guard lock(disk.mutex);
  if (const int refused = disk.Pass(SQLITE_IOERR_DELETE); refused != SQLITE_OK) {
    return refused;
  }
  const auto found = disk.files.find(path);
  if (found == disk.files.end() || !found->second->exists) {
    return SQLITE_IOERR_DELETE_NOENT;
  }
  File& file = *found->second;
  file.unsynced.push_back({Change::Kind::kDelete});
  Apply(file.unsynced.back(), file.content, file.exists);
  if (sync_folder != 0) {
    disk.ForgetDeleted();
  }
  return SQLITE_OK;
}

int Access(sqlite3_vfs* vfs, const char* path, int flags, int* result) {
  State& disk = DiskOf(vfs);
  const std::lock_guard lock(disk.mutex);
  const auto found = disk.files.find(path);
  const bool exists = found != disk.files.end() && found->second->exists;
  *result = exists && !(flags == SQLITE_ACCESS_READWRITE && disk.read_only) ? 1 : 0;
  return disk.dark ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

int FullPath(sqlite3_vfs*, const char* path, int size, char* into) {
  sqlite3_snprintf(size, into, "%s", path);
  return SQLITE_OK;
}

int Randomness(sqlite3_vfs* vfs, int size, char* into) {
  sqlite3_vfs* real = DiskOf(vfs).real;
  return real->xRandomness(real, size, into);
}
int Sleep(sqlite3_vfs* vfs, int microseconds) {
  sqlite3_vfs* real = DiskOf(vfs).real;
  return real->xSleep(real, microseconds);
}
int Now(sqlite3_vfs* vfs, double* now) {
  sqlite3_vfs* real = DiskOf(vfs).real;
  return real->xCurrentTime(real, now);
}
int LastError(sqlite3_vfs* vfs, int, char*) {
  State& disk = DiskOf(vfs);
  const std::lock_guard lock(disk.mutex);
  return disk.last_errno;
}

}  // namespace

FaultyDisk::FaultyDisk(Image image) : state_(std::make_unique<State>()) {
  static std::atomic<int> made = 0;
  for (auto& [path, bytes] : image) {
    auto file = std::make_shared<File>();
    file->content = file->synced = std::move(bytes);
    file->exists = file->synced_exists = true;
    state_->files.emplace(path, std::move(file));
  }
  state_->name = "faulty-disk-" + std::to_string(++made);
  state_->real = sqlite3_vfs_find(nullptr);
  sqlite3_vfs& vfs = state_->vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(Handle);
  vfs.mxPathname = 512;
  vfs.zName = state_->name.c_str();
  vfs.pAppData = state_.get();
  vfs.xOpen = &Open;
  vfs.xDelete = &Delete;
  vfs.xAccess = &Access;
  vfs.xFullPathname = &FullPath;
  vfs.xRandomness = &Randomness;
  vfs.xSleep = &Sleep;
  vfs.xCurrentTime = &Now;
  vfs.xGetLastError = &LastError;
  SP_CHECK(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
}

FaultyDisk::~FaultyDisk() { sqlite3_vfs_unregister(&state_->vfs); }

const std::string& FaultyDisk::vfs() const { return state_->name; }

void FaultyDisk::CutPower() {
  const std::lock_guard lock(state_->mutex);
  state_->dark = true;
}

void FaultyDisk::CutPowerAt(std::int64_t passage) {
  const std::lock_guard lock(state_->mutex);
  state_->cut_at = state_->passages + passage;
}

bool FaultyDisk::dark() const {
  const std::lock_guard lock(state_->mutex);
  return state_->dark;
}

void FaultyDisk::PowerOn(Survival survival) {
  const std::lock_guard lock(state_->mutex);
  std::mt19937_64 dice(survival.seed);
  for (auto& [path, place] : state_->files) {
    // A new file object: dead connections keep the old one.
    auto file = std::make_shared<File>();
    if (survival.kind == Survival::Kind::kEverything) {
      file->content = place->content;
      file->exists = place->exists;
    } else {
      file->content = place->synced;
      file->exists = place->synced_exists;
      for (const Change& change : place->unsynced) {
        if (survival.kind == Survival::Kind::kSynced || dice() % 2 == 0) {
          continue;
        }
        if (change.kind == Change::Kind::kWrite && dice() % 4 == 0) {
          ApplyTorn(change, dice, file->content, file->exists);
        } else {
          Apply(change, file->content, file->exists);
        }
      }
    }
    file->synced = file->content;
    file->synced_exists = file->exists;
    place = std::move(file);
  }
  ++state_->life;
  state_->dark = false;
  state_->cut_at = 0;
}

void FaultyDisk::SetRoom(std::optional<std::int64_t> bytes) {
  const std::lock_guard lock(state_->mutex);
  state_->room = bytes;
}

std::int64_t FaultyDisk::used_bytes() const {
  const std::lock_guard lock(state_->mutex);
  return state_->Used();
}

void FaultyDisk::FailSyncs(int count) {
  const std::lock_guard lock(state_->mutex);
  state_->failing_syncs = count;
}

void FaultyDisk::IgnoreSyncs() {
  const std::lock_guard lock(state_->mutex);
  state_->ignores_syncs = true;
}

void FaultyDisk::SetReadOnly() {
  const std::lock_guard lock(state_->mutex);
  state_->read_only = true;
}

void FaultyDisk::SetWritable() {
  const std::lock_guard lock(state_->mutex);
  state_->read_only = false;
}

std::int64_t FaultyDisk::passages() const {
  const std::lock_guard lock(state_->mutex);
  return state_->passages;
}

std::int64_t FaultyDisk::syncs() const {
  const std::lock_guard lock(state_->mutex);
  return state_->syncs;
}

FaultyDisk::Image FaultyDisk::image() const {
  const std::lock_guard lock(state_->mutex);
  Image image;
  for (const auto& [path, file] : state_->files) {
    if (file->exists) {
      image.emplace(path, file->content);
    }
  }
  return image;
}

}  // namespace streampark::store::testing
