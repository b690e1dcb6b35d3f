// SPDX-License-Identifier: Apache-2.0
#include "data_folder.h"

#include <cerrno>
#include <string>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

#include "streampark/base/process.h"

namespace streampark::server {
namespace {

namespace fs = std::filesystem;

base::Status MakeFolder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return base::FileError(error.value(), "cannot make", folder);
  }
  return base::Ok();
}

/// Nobody else may read or write it, whoever made it and whatever for. That others may pass through
/// stays: jobs that run under a user of their own have their files below.
base::Status KeepToOwner(const fs::path& folder) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) == 0 &&
      ((status.st_mode & 066U) == 0 ||
       ::chmod(folder.c_str(), (status.st_mode & 0711U) | 0700U) == 0 || errno == EPERM)) {
    return base::Ok();  // a folder that is somebody else's stays as he wants it
  }
  return base::FileError(errno, "cannot set the mode of", folder);
}

}  // namespace

base::Result<base::FileLock> TakeDataFolder(const DataFolder& data) {
  std::error_code error;
  SP_TRY(MakeFolder(data.root));
  SP_TRY(KeepToOwner(data.root));
  auto lock = base::FileLock::Acquire(data.lock());
  if (!lock.ok()) {
    if (lock.error().code() != base::ErrorCode::kDataFolderInUse) {
      return lock;
    }
    const auto holder = base::ReadFile(data.pid_file(), 100);
    const std::string pid = holder.ok() ? holder->substr(0, holder->find(' ')) : "";
    return base::Error(base::ErrorCode::kDataFolderInUse,
                       "another console uses " + data.root.string() +
                           (pid.empty() ? "" : " (process " + pid + ")"))
        .WithHint("stop it, or choose another folder with --data");
  }
  fs::remove_all(data.spool(), error);
  for (const fs::path& folder : {data.spool(), data.logs()}) {
    SP_TRY(MakeFolder(folder));
  }
  return lock;
}

base::Status WritePidFile(const DataFolder& data) {
  const auto self = base::Identify(::getpid());
  if (!self) {
    return base::Error(base::ErrorCode::kIoError, "cannot read this process's own /proc entry");
  }
  return base::WriteFileAtomically(
      data.pid_file(), std::to_string(self->pid) + " " + std::to_string(self->start_ticks) + "\n");
}

void RemovePidFile(const DataFolder& data) {
  std::error_code ignored;
  fs::remove(data.pid_file(), ignored);
}

}  // namespace streampark::server
