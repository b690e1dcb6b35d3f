// SPDX-License-Identifier: Apache-2.0
#include "streampark/objects/local_folder.h"

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <set>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "streampark/base/descriptor.h"
#include "streampark/base/files.h"
#include "streampark/objects/location.h"

namespace streampark::objects {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = std::size_t{64} << 30U;

base::Status SyncPath(const fs::path& path) {
  const base::Descriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened.ok() || ::fsync(opened.number()) != 0) {
    return base::FileError(errno, "syncing", path);
  }
  return base::Ok();
}

/// The lock of the file system ends with the process: it is never lost.
class LocalClaim final : public FolderClaim {
 public:
  explicit LocalClaim(base::FileLock lock) : lock_(std::move(lock)) {}
  base::Status Confirm() override { return base::Ok(); }
  base::Status Mark(std::uint64_t /*mark*/) override { return base::Ok(); }
  std::optional<std::uint64_t> mark() const override { return std::nullopt; }
  const std::string& tag() const override { return none_; }
  const std::string& weakness() const override { return none_; }

 private:
  const base::FileLock lock_;
  const std::string none_;
};

class LocalFolder final : public ObjectFolder {
 public:
  explicit LocalFolder(fs::path folder) : folder_(std::move(folder)) {}

  base::Status Put(std::string_view name, std::string_view bytes) override {
    const fs::path file = SP_TRY(PathOf(name));
    SP_TRY(MakeFolder(file.parent_path()));
    return base::WriteFileAtomically(file, bytes);
  }
  base::Status PutNew(std::string_view name, std::string_view bytes) override {
    return Put(name, bytes);
  }

  base::Status PutFile(std::string_view name, const fs::path& from) override {
    const fs::path to = SP_TRY(PathOf(name));
    SP_TRY(MakeFolder(to.parent_path()));
    std::error_code failed;
    if (fs::exists(to, failed)) {
      return base::Ok();
    }
    SP_TRY(SyncPath(from));
    fs::create_hard_link(from, to, failed);
    if (!failed) {
      Unsettle(to.parent_path());
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
    SP_TRY(SyncPath(aside));
    fs::rename(aside, to, failed);
    if (failed) {
      return base::FileError(failed.value(), "renaming", aside);
    }
    Unsettle(to.parent_path());
    return base::Ok();
  }

  // Under the lock: whoever finds nothing to do may rely on it.
  base::Status Settle() override {
    const std::lock_guard lock(mutex_);
    while (!unsettled_.empty()) {
      SP_TRY(SyncPath(*unsettled_.begin()));
      unsettled_.erase(unsettled_.begin());
    }
    return base::Ok();
  }

  base::Result<std::string> Get(std::string_view name) override {
    const fs::path file = SP_TRY(Find(name));
    return base::ReadFile(file, kMostBytes);
  }
  base::Result<fs::path> AsFile(std::string_view name, const fs::path& /*scratch*/) override {
    return Find(name);
  }
  base::Result<bool> Has(std::string_view name) override {
    const fs::path file = SP_TRY(PathOf(name));
    std::error_code ignored;
    return fs::exists(file, ignored);
  }

  base::Result<std::vector<std::string>> List(std::string_view prefix) override {
    const auto slash = prefix.rfind('/');
    const std::string below(slash == std::string_view::npos ? "" : prefix.substr(0, slash + 1));
    const std::string begins(prefix.substr(below.size()));
    std::vector<std::string> names;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder_ / below, ignored)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(begins)) {
        Add(entry, below + name, names);
      }
    }
    std::ranges::sort(names);
    return names;
  }

  base::Status Remove(const std::vector<std::string>& names) override {
    std::error_code failed;
    base::Status status = base::Ok();
    for (const auto& name : names) {
      fs::path file = folder_ / name;
      file = name.ends_with('/') ? file.parent_path() : file;
      fs::remove(file, failed);
      if (failed && status.ok()) {
        status = base::FileError(failed.value(), "removing", file);
      }
      for (fs::path above = file.parent_path(); above != folder_ && !failed;
           above = above.parent_path()) {
        fs::remove(above, failed);  // where nothing else is in it
      }
    }
    return status;
  }

  base::Result<std::unique_ptr<FolderClaim>> Claim() override {
    SP_TRY(MakeFolder(folder_));
    return std::unique_ptr<FolderClaim>(
        std::make_unique<LocalClaim>(SP_TRY(base::FileLock::Acquire(folder_ / "_lock"))));
  }

 private:
  base::Result<fs::path> PathOf(std::string_view name) const {
    if (!IsObjectName(name)) {
      return base::Error(base::ErrorCode::kInvalidRequest,
                         "'" + std::string(name) + "' is no object's name.");
    }
    return folder_ / name;
  }
  /// Whoever makes it also makes its name durable.
  base::Status MakeFolder(const fs::path& folder) const {
    std::error_code failed;
    const bool made = fs::create_directories(folder, failed);
    if (failed) {
      return base::FileError(failed.value(), "creating", folder);
    }
    return made && folder != folder_ ? SyncPath(folder.parent_path()) : base::Ok();
  }
  /// For reading, where a link might lead out of the folder.
  base::Result<fs::path> Find(std::string_view name) const {
    const fs::path file = SP_TRY(base::ConfinedPath(folder_, name));
    if (std::error_code ignored; !fs::exists(file, ignored)) {
      return base::Error(base::ErrorCode::kNotFound, file.string() + " is not there.");
    }
    return file;
  }
  static void Add(const fs::directory_entry& entry, const std::string& name,
                  std::vector<std::string>& names) {
    std::error_code ignored;
    if (entry.is_symlink(ignored) || !entry.is_directory(ignored)) {
      names.push_back(name);
      return;
    }
    const auto before = names.size();
    for (const auto& below : fs::directory_iterator(entry.path(), ignored)) {
      Add(below, name + "/" + below.path().filename().string(), names);
    }
    if (names.size() == before) {
      names.push_back(name + "/");
    }
  }

  void Unsettle(fs::path folder) {
    const std::lock_guard lock(mutex_);
    unsettled_.insert(std::move(folder));
  }

  const fs::path folder_;
  std::mutex mutex_;
  std::set<fs::path> unsettled_;  // hold names that are not durable yet
};

}  // namespace

std::unique_ptr<ObjectFolder> MakeLocalFolder(fs::path folder) {
  return std::make_unique<LocalFolder>(std::move(folder));
}

}  // namespace streampark::objects
