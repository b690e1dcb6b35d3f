// SPDX-License-Identifier: Apache-2.0
#include "streampark/console/jobs/artifact_store.h"

#include <algorithm>
#include <chrono>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "streampark/base/digest.h"
#include "streampark/base/files.h"
#include "streampark/base/log.h"

namespace streampark::console {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".jar";

base::Error Failed(const std::error_code& code, std::string_view doing, const fs::path& path) {
  return base::FileError(code.value(), doing, path);
}

/// Readable for the user that runs jobs, who knows the folder's names alone; written through.
base::Status Settle(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  const bool settled =
      descriptor >= 0 && ::fchmod(descriptor, 0644) == 0 && ::fsync(descriptor) == 0;
  const int number = errno;
  if (descriptor >= 0) {
    ::close(descriptor);
  }
  return settled ? base::Ok() : base::Status(base::FileError(number, "cannot write", file));
}

base::Status SyncFolder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // Some file systems refuse to sync a folder.
  const bool synced = descriptor >= 0 && (::fsync(descriptor) == 0 || errno == EINVAL);
  const int number = errno;
  if (descriptor >= 0) {
    ::close(descriptor);
  }
  return synced ? base::Ok() : base::Status(base::FileError(number, "cannot sync", folder));
}

}  // namespace

fs::path ArtifactStore::PathOf(std::string_view digest) const {
  return root_ / digest.substr(0, 2) / std::string(digest.substr(2)).append(kSuffix);
}

bool ArtifactStore::Has(std::string_view digest) const {
  std::error_code ignored;
  return digest.size() > 2 && fs::is_regular_file(PathOf(digest), ignored);
}

base::Result<std::string> ArtifactStore::Adopt(const fs::path& file) {
  const std::string digest = SP_TRY(base::Sha256HexOfFile(file));
  const std::lock_guard lock(mutex_);
  const fs::path target = PathOf(digest);
  std::error_code failed;
  if (Has(digest)) {
    // Young again: a sweep leaves it alone until its new reference is on disk.
    fs::last_write_time(target, fs::file_time_type::clock::now(), failed);
    return digest;
  }
  fs::create_directories(target.parent_path(), failed);
  if (failed) {
    return Failed(failed, "making the folder of", target);
  }
  // A name stands for its content for ever, so the content is on disk before the name is.
  SP_TRY(Settle(file));
  fs::rename(file, target, failed);
  if (!failed) {
    SP_TRY(SyncFolder(target.parent_path()));
    return digest;
  }
  // Another device: copied aside first, so that a half-written file never has the final name.
  const fs::path aside = target.string() + ".part";
  fs::copy_file(file, aside, fs::copy_options::overwrite_existing, failed);
  if (failed) {
    return Failed(failed, "copying", aside);
  }
  SP_TRY(Settle(aside));
  fs::rename(aside, target, failed);
  if (failed) {
    return Failed(failed, "storing", target);
  }
  SP_TRY(SyncFolder(target.parent_path()));
  return digest;
}

int ArtifactStore::Sweep(const std::vector<std::string>& referenced) {
  const std::lock_guard lock(mutex_);
  int deleted = 0;
  std::error_code failed;
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(1);
  for (fs::recursive_directory_iterator it(root_, failed), end; !failed && it != end;
       it.increment(failed)) {
    std::error_code ignored;
    if (!it->is_regular_file(ignored) || it->last_write_time(ignored) > old) {
      continue;
    }
    const std::string digest =
        it->path().parent_path().filename().string() + it->path().stem().string();
    if (!std::binary_search(referenced.begin(), referenced.end(), digest) &&
        fs::remove(it->path(), ignored)) {
      ++deleted;
    }
  }
  if (deleted > 0) {
    base::LogInfo("deleted artifacts that nothing refers to", {{"count", deleted}});
  }
  return deleted;
}

}  // namespace streampark::console
