// SPDX-License-Identifier: Apache-2.0
#include "streampark/engines/log_file.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

#include "streampark/base/descriptor.h"
#include "streampark/base/files.h"

namespace streampark::engines {
namespace {

constexpr std::string_view kOfJob = "job-";

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// How long the character that begins with `c` is; 0 when none begins so.
std::size_t LengthAt(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x80U) {
    return 1;
  }
  if (byte >= 0xC2U && byte < 0xE0U) {
    return 2;
  }
  if (byte >= 0xE0U && byte < 0xF0U) {
    return 3;
  }
  return byte >= 0xF0U && byte < 0xF5U ? 4 : 0;
}

}  // namespace

void TrimToWholeCharacters(LogPiece& piece) {
  std::string& text = piece.text;
  std::size_t start = 0;
  while (piece.offset > 0 && start < text.size() && start < 3 && IsContinuation(text[start])) {
    ++start;
  }
  std::string whole;
  whole.reserve(text.size());
  std::size_t at = start;
  while (at < text.size()) {
    const std::size_t length = LengthAt(text[at]);
    std::size_t present = 1;
    while (present < length && at + present < text.size() && IsContinuation(text[at + present])) {
      ++present;
    }
    if (length > present && at + present == text.size()) {
      break;  // the rest of it comes with the next piece
    }
    if (length != present) {
      whole.push_back('?');
      at += length == 0 ? 1 : present;
      continue;
    }
    whole.append(text, at, length);
    at += length;
  }
  // A piece too small for one character must still move on.
  if (at == start && at < text.size()) {
    at = text.size();
  }
  piece.next_offset = piece.offset + static_cast<std::int64_t>(at);
  piece.offset += static_cast<std::int64_t>(start);
  text = std::move(whole);
}

std::optional<LogFile> DescribeLogFile(const std::filesystem::path& file) {
  struct stat status {};
  if (::lstat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  const std::string name = file.filename().string();
  return LogFile{.id = name,
                 .title = name,
                 .size_bytes = status.st_size,
                 .modified_at = base::Timestamp(std::chrono::duration_cast<base::Millis>(
                     std::chrono::seconds(status.st_mtim.tv_sec) +
                     std::chrono::nanoseconds(status.st_mtim.tv_nsec)))};
}

std::string LogOfJob(std::string_view engine_job_id, std::string_view name) {
  return std::string(kOfJob).append(engine_job_id).append("-").append(name);
}

std::string JobOfLog(std::string_view log_id) {
  if (!log_id.starts_with(kOfJob)) {
    return "";
  }
  log_id.remove_prefix(kOfJob.size());
  return std::string(log_id.substr(0, log_id.find('-')));
}

base::Result<LogPiece> ReadLogFile(const std::filesystem::path& folder, std::string_view log_id,
                                   std::optional<std::int64_t> offset, std::int64_t bytes) {
  const std::filesystem::path file = SP_TRY(base::ConfinedPath(folder, log_id));
  const base::Descriptor opened(
      ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!opened.ok()) {
    if (errno == ENOENT || errno == ELOOP) {
      return base::Error(base::ErrorCode::kNotFound,
                         "there is no log '" + std::string(log_id) + "'");
    }
    return base::FileError(errno, "cannot read", file);
  }
  struct stat status {};
  // Whoever writes it may be another user, who must not have us read a file of ours.
  if (::fstat(opened.number(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink > 1) {
    return base::Error(base::ErrorCode::kNotFound, "there is no log '" + std::string(log_id) + "'");
  }
  LogPiece piece;
  piece.size_bytes = status.st_size;
  const std::int64_t wanted = std::clamp<std::int64_t>(bytes, 0, kLongestPiece);
  // Beyond the end: the file was rotated since; begin with the new one.
  if (offset && *offset > piece.size_bytes) {
    offset = 0;
  }
  piece.offset = std::max<std::int64_t>(0, offset.value_or(piece.size_bytes - wanted));
  piece.text.resize(
      static_cast<std::size_t>(std::min<std::int64_t>(wanted, piece.size_bytes - piece.offset)));
  const ssize_t count =
      ::pread(opened.number(), piece.text.data(), piece.text.size(), piece.offset);
  if (count < 0) {
    return base::FileError(errno, "cannot read", file);
  }
  piece.text.resize(static_cast<std::size_t>(count));
  TrimToWholeCharacters(piece);
  return piece;
}

}  // namespace streampark::engines
