// SPDX-License-Identifier: Apache-2.0
#include "logs/log_folder.h"

#include <algorithm>
#include <cerrno>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "streampark/base/files.h"

#include "logs/log_piece.h"

namespace streampark::flink {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kJobManagerFiles = "jobmanager";
constexpr std::string_view kTaskManagerFiles = "taskmanager-";

base::Timestamp ModifiedAt(const struct stat& status) {
  return base::Timestamp(
      std::chrono::duration_cast<base::Millis>(std::chrono::seconds(status.st_mtim.tv_sec) +
                                               std::chrono::nanoseconds(status.st_mtim.tv_nsec)));
}

}  // namespace

base::Result<std::vector<engines::LogFile>> ListLogFolder(const fs::path& folder) {
  std::vector<engines::LogFile> files;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    const bool of_job_manager = name.starts_with(kJobManagerFiles);
    struct stat status {};
    if ((!of_job_manager && !name.starts_with(kTaskManagerFiles)) ||
        ::lstat(it->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
      continue;
    }
    files.push_back({.id = name,
                     .title = name,
                     .role = of_job_manager ? "JOB_MANAGER" : "TASK_MANAGER",
                     .size_bytes = status.st_size,
                     .modified_at = ModifiedAt(status)});
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return base::FileError(error.value(), "cannot list", folder);
  }
  std::sort(files.begin(), files.end(),
            [](const engines::LogFile& a, const engines::LogFile& b) { return a.title < b.title; });
  return files;
}

base::Result<engines::LogPiece> ReadLogFile(const fs::path& folder, std::string_view log_id,
                                            std::optional<std::int64_t> offset,
                                            std::int64_t bytes) {
  const fs::path file = SP_TRY(base::ConfinedPath(folder, log_id));
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) {
    if (errno == ENOENT || errno == ELOOP) {
      return base::Error(base::ErrorCode::kNotFound,
                         "there is no log '" + std::string(log_id) + "'");
    }
    return base::FileError(errno, "cannot read", file);
  }
  struct stat status {};
  ::fstat(descriptor, &status);
  engines::LogPiece piece;
  piece.size_bytes = status.st_size;
  const std::int64_t wanted = std::clamp<std::int64_t>(bytes, 0, kLongestPiece);
  // Beyond the end: the file was rotated since; begin with the new one.
  if (offset && *offset > piece.size_bytes) {
    offset = 0;
  }
  piece.offset = std::max<std::int64_t>(0, offset.value_or(piece.size_bytes - wanted));
  piece.text.resize(
      static_cast<std::size_t>(std::min<std::int64_t>(wanted, piece.size_bytes - piece.offset)));
  const ssize_t count = ::pread(descriptor, piece.text.data(), piece.text.size(), piece.offset);
  const int number = errno;
  ::close(descriptor);
  if (count < 0) {
    return base::FileError(number, "cannot read", file);
  }
  piece.text.resize(static_cast<std::size_t>(count));
  TrimToWholeCharacters(piece);
  return piece;
}

}  // namespace streampark::flink
