// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/os_user.h"

#include <cerrno>
#include <cstring>

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "streampark/base/descriptor.h"
#include "streampark/base/files.h"

#include "spawn.h"

namespace streampark::base {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepest = 64;
constexpr int kMostParts = 200;  // of a path: what an exit code can tell

/// By descriptors alone: whoever owns the folder may move things about while it is walked.
bool GiveEntries(int folder, const OsUser& user, int depth) {
  DIR* entries = ::fdopendir(::fcntl(folder, F_DUPFD_CLOEXEC, 0));
  if (entries == nullptr) {
    return false;
  }
  bool ok = true;
  while (const dirent* entry = ::readdir(entries)) {
    const std::string_view name(entry->d_name);
    if (name == "." || name == "..") {
      continue;
    }
    const Descriptor found(::openat(folder, entry->d_name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    if (!found.ok() || ::fstat(found.number(), &status) != 0) {
      ok = ok && errno == ENOENT;
      continue;
    }
    if (S_ISDIR(status.st_mode)) {
      const Descriptor inner(
          ::openat(found.number(), ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      ok = inner.ok() && depth < kDeepest && ::fchown(inner.number(), user.uid, user.gid) == 0 &&
           GiveEntries(inner.number(), user, depth + 1) && ok;
    } else if (status.st_nlink == 1 && status.st_uid != user.uid) {
      ok = ::fchownat(found.number(), "", user.uid, user.gid, AT_EMPTY_PATH) == 0 && ok;
    }
  }
  ::closedir(entries);
  return ok;
}

}  // namespace

Result<std::optional<OsUser>> FindOsUser(const std::string& name) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16384);
  const int failed = ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) {
    if (failed == 0 || failed == ENOENT || failed == ESRCH) {
      return std::optional<OsUser>();
    }
    return Error(ErrorCode::kIoError, "cannot look up the user " + name)
        .WithCause(std::strerror(failed));
  }
  OsUser user{
      .name = entry.pw_name, .home = entry.pw_dir, .uid = entry.pw_uid, .gid = entry.pw_gid};
  int count = 256;
  user.groups.resize(static_cast<std::size_t>(count));
  if (::getgrouplist(entry.pw_name, entry.pw_gid, user.groups.data(), &count) < 0) {
    return Error(ErrorCode::kIoError, "the user " + name + " is in too many groups");
  }
  user.groups.resize(static_cast<std::size_t>(count));
  return std::optional(std::move(user));
}

bool MaySwitchUser() { return ::geteuid() == 0; }

Status CheckReadableBy(const OsUser& user, const fs::path& path) {
  std::vector<std::string> parts;
  fs::path so_far;
  for (const fs::path& part : fs::absolute(path).lexically_normal()) {
    so_far /= part;
    parts.push_back(so_far.string());
  }
  std::error_code ignored;
  const int last_wish = fs::is_directory(path, ignored) ? X_OK : R_OK;
  if (parts.size() > kMostParts) {
    return Error(ErrorCode::kIoError, "the path " + path.string() + " has too many parts");
  }
  // The system alone knows all of its rules, and asks who the process is.
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (!BecomeUser(user.uid, user.gid, user.groups.data(), user.groups.size())) {
      ::_exit(255);
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (::access(parts[i].c_str(), i + 1 == parts.size() ? last_wish : X_OK) != 0) {
        ::_exit(static_cast<int>(i) + 1);
      }
    }
    ::_exit(0);
  }
  if (pid < 0) {
    return FileError(errno, "cannot fork to look at", path);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  const int at = WIFEXITED(status) ? WEXITSTATUS(status) : 255;
  if (at == 0) {
    return Ok();
  }
  if (at == 255) {
    return Error(ErrorCode::kIoError, "this process may not become the user " + user.name);
  }
  return Error(ErrorCode::kIoError,
               parts[static_cast<std::size_t>(at) - 1] + " is closed to the user " + user.name);
}

Status GiveFolderTo(const OsUser& user, const fs::path& folder) {
  const Descriptor root(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!root.ok()) {
    return FileError(errno, "cannot open", folder);
  }
  // What is in it first: until then nobody else can get in.
  if (::fchmod(root.number(), 0700) != 0 || !GiveEntries(root.number(), user, 0) ||
      ::fchown(root.number(), user.uid, user.gid) != 0) {
    return FileError(errno, "cannot give to the user " + user.name + " what is in", folder);
  }
  return Ok();
}

Status GiveFileTo(const OsUser& user, const fs::path& file) {
  if (::lchown(file.c_str(), user.uid, user.gid) != 0) {
    return FileError(errno, "cannot give to the user " + user.name, file);
  }
  return Ok();
}

}  // namespace streampark::base
