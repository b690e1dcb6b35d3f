// SPDX-License-Identifier: Apache-2.0
#include "state/change_log.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "streampark/base/files.h"
#include "streampark/core/key_hash.h"

namespace streampark::core {

namespace {

constexpr std::size_t kWrittenAtOnce = std::size_t{1} << 20U;
constexpr std::uint32_t kLongestChunk = std::uint32_t{1} << 30U;

struct ChunkHead {
  std::uint32_t size = 0;
  std::uint64_t checksum = 0;
};

}  // namespace

ChangeLog::ChangeLog(std::filesystem::path file)
    : file_(std::move(file)),
      descriptor_(::open(file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
  if (descriptor_ < 0) {
    failed_ = base::FileError(errno, "making", file_);
  }
}

ChangeLog::~ChangeLog() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

void ChangeLog::Append(std::string_view changes) {
  const auto size = static_cast<std::uint32_t>(changes.size());
  const auto checksum = HashBytes(changes);
  char head[sizeof size + sizeof checksum];
  std::memcpy(head, &size, sizeof size);
  std::memcpy(head + sizeof size, &checksum, sizeof checksum);
  waiting_.append(head, sizeof head);
  waiting_.append(changes);
  bytes_ += sizeof head + changes.size();
  if (waiting_.size() >= kWrittenAtOnce) {
    Write();
  }
}

void ChangeLog::Write() {
  std::string_view rest = waiting_;
  while (failed_.ok() && !rest.empty()) {
    const auto written = ::write(descriptor_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      failed_ = base::FileError(errno, "writing", file_);
    }
  }
  waiting_.clear();
}

base::Status ChangeLog::Close() {
  Write();
  if (descriptor_ >= 0 && ::close(std::exchange(descriptor_, -1)) != 0 && failed_.ok()) {
    failed_ = base::FileError(errno, "writing", file_);
  }
  return failed_;
}

base::Status ChangeLog::Read(const std::filesystem::path& file,
                             const std::function<void(std::string_view)>& changes) {
  const auto damaged = [&](const char* why) {
    return base::Error(base::ErrorCode::kSnapshotInvalid,
                       "The changes of state in " + file.string() + " are " + why + ".");
  };
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    return base::FileError(errno, "opening", file);
  }
  std::string chunk;
  char head[sizeof ChunkHead::size + sizeof ChunkHead::checksum];
  while (in.read(head, sizeof head)) {
    ChunkHead read;
    std::memcpy(&read.size, head, sizeof read.size);
    std::memcpy(&read.checksum, head + sizeof read.size, sizeof read.checksum);
    if (read.size > kLongestChunk) {
      return damaged("damaged");
    }
    chunk.resize(read.size);
    if (!in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()))) {
      return damaged("cut short");
    }
    if (HashBytes(chunk) != read.checksum) {
      return damaged("damaged: a checksum does not match");
    }
    changes(chunk);
  }
  return in.gcount() == 0 ? base::Ok() : base::Status(damaged("cut short"));
}

base::Status SyncFile(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return base::FileError(errno, "opening", file);
  }
  // Some file systems refuse to sync a folder; what is in it is safe all the same.
  const bool synced = ::fsync(descriptor) == 0 || errno == EINVAL;
  const int reason = errno;
  ::close(descriptor);
  return synced ? base::Ok() : base::Status(base::FileError(reason, "syncing", file));
}

}  // namespace streampark::core
