// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "streampark/base/descriptor.h"

namespace streampark::base {
namespace {

namespace fs = std::filesystem;

bool WriteAll(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t count = ::write(descriptor, content.data(), content.size());
    if (count < 0) {
      if (errno == EINTR) {
        continue;
      }
      return false;
    }
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool StartsWithPath(const fs::path& path, const fs::path& root) {
  return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

Error NotConfined(std::string_view name, std::string_view why) {
  return Error(ErrorCode::kInvalidRequest,
               "the name '" + std::string(name) + "' " + std::string(why))
      .WithHint("use a name below the folder, without '..'");
}

}  // namespace

Error FileError(int error_number, std::string_view doing, const fs::path& path) {
  const bool full = error_number == ENOSPC || error_number == EDQUOT;
  std::string message(doing);
  message.append(" ").append(path.string());
  return Error(full ? ErrorCode::kStorageFull : ErrorCode::kIoError, std::move(message))
      .WithCause(std::generic_category().message(error_number));
}

Result<std::string> ReadFile(const fs::path& file, std::size_t limit) {
  const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!in.ok()) {
    return FileError(errno, "cannot open", file);
  }
  struct stat status {};
  if (::fstat(in.number(), &status) != 0) {
    return FileError(errno, "cannot stat", file);
  }
  std::string content;
  // Files under /proc say 0; the loop, not the size, decides how much is read.
  content.resize(std::min<std::size_t>(static_cast<std::size_t>(status.st_size), limit) + 1);
  std::size_t used = 0;
  for (;;) {
    if (used == content.size()) {
      content.resize(std::max<std::size_t>(content.size() * 2, 4096));
    }
    const ssize_t count = ::read(in.number(), content.data() + used, content.size() - used);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return FileError(errno, "cannot read", file);
    }
    if (count == 0) {
      break;
    }
    used += static_cast<std::size_t>(count);
    if (used > limit) {
      return Error(ErrorCode::kIoError,
                   file.string() + " is longer than " + std::to_string(limit) + " bytes");
    }
  }
  content.resize(used);
  return content;
}

Status WriteFileAtomically(const fs::path& file, std::string_view content, FileMode mode) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  std::string aside = (folder / ("." + file.filename().string() + ".XXXXXX")).string();
  const Descriptor out(::mkostemp(aside.data(), O_CLOEXEC));
  if (!out.ok()) {
    return FileError(errno, "cannot create a file beside", file);
  }
  const auto fail = [&](std::string_view doing) -> Status {
    const int number = errno;
    ::unlink(aside.c_str());
    return FileError(number, doing, file);
  };
  if (::fchmod(out.number(), static_cast<mode_t>(mode)) != 0) {
    return fail("cannot set the mode of");
  }
  if (!WriteAll(out.number(), content)) {
    return fail("cannot write");
  }
  if (::fsync(out.number()) != 0) {
    return fail("cannot sync");
  }
  if (::rename(aside.c_str(), file.c_str()) != 0) {
    return fail("cannot replace");
  }
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some file systems refuse to sync a folder; the content is safe all the same.
  if (directory.ok() && ::fsync(directory.number()) != 0 && errno != EINVAL) {
    return FileError(errno, "cannot sync the folder of", file);
  }
  return Ok();
}

Result<fs::path> ConfinedPath(const fs::path& root, std::string_view name) {
  if (name.empty() || name.find('\0') != std::string_view::npos) {
    return NotConfined("", "is empty or holds a zero byte");
  }
  const fs::path relative(name);
  if (relative.is_absolute()) {
    return NotConfined(name, "is absolute");
  }
  if (std::find(relative.begin(), relative.end(), fs::path("..")) != relative.end()) {
    return NotConfined(name, "climbs out of its folder");
  }
  std::error_code error;
  const fs::path real_root = fs::weakly_canonical(fs::absolute(root), error);
  if (error) {
    return FileError(error.value(), "cannot resolve", root);
  }
  const fs::path real = fs::weakly_canonical(real_root / relative, error);
  if (error) {
    return FileError(error.value(), "cannot resolve", root / relative);
  }
  if (real == real_root || !StartsWithPath(real, real_root)) {
    return NotConfined(name, "leads out of its folder");
  }
  // A link that points at nothing yet resolves to itself above but would be followed by a writer.
  if (fs::is_symlink(fs::symlink_status(real_root / relative, error)) && !fs::exists(real, error)) {
    return NotConfined(name, "is a broken link");
  }
  return root / relative;
}

Result<FileLock> FileLock::Acquire(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return FileError(errno, "cannot open", file);
  }
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const int number = errno;
    ::close(descriptor);
    if (number == EWOULDBLOCK) {
      return Error(ErrorCode::kDataFolderInUse, "another process holds " + file.string());
    }
    return FileError(number, "cannot lock", file);
  }
  return FileLock(descriptor);
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

}  // namespace streampark::base
