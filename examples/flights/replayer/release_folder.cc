// SPDX-License-Identifier: Apache-2.0
#include "release_folder.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace streampark::flights {
namespace fs = std::filesystem;
namespace {

/// `flights-000001-0012345.json`: fixed widths, so that the order of names is the order of time.
std::string FileName(const std::string& prefix, Position end) {
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%06d-%010zu.json", end.lap, end.row);
  return prefix + std::string(text.data(), static_cast<std::size_t>(size));
}

std::optional<Position> Parse(const std::string& prefix, const std::string& name) {
  Position end;
  int used = 0;
  if (!name.starts_with(prefix) ||
      std::sscanf(name.c_str() + prefix.size(), "%6d-%10zu.json%n", &end.lap, &end.row, &used) !=
          2 ||
      prefix.size() + static_cast<std::size_t>(used) != name.size()) {
    return std::nullopt;
  }
  return end;
}

[[noreturn]] void Throw(const char* what, const fs::path& file) {
  throw fs::filesystem_error(what, file, std::error_code(errno, std::generic_category()));
}

class Descriptor {
 public:
  Descriptor(const fs::path& file, int flags) : fd_(::open(file.c_str(), flags | O_CLOEXEC, 0644)) {
    if (fd_ < 0) {
      Throw("cannot open", file);
    }
  }
  ~Descriptor() { ::close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }

 private:
  int fd_;
};

fs::path MadeFolder(fs::path folder) {
  fs::create_directories(folder);
  return folder;
}

bool IsHidden(const fs::path& file) { return file.filename().string().starts_with('.'); }

}  // namespace

void WriteWhole(const fs::path& file, std::string_view content) {
  const fs::path part = file.parent_path() / ("." + file.filename().string() + ".part");
  {
    const Descriptor out(part, O_WRONLY | O_CREAT | O_TRUNC);
    for (std::size_t done = 0; done < content.size();) {
      const ssize_t written = ::write(out.get(), content.data() + done, content.size() - done);
      if (written < 0 && errno != EINTR) {
        Throw("cannot write", part);
      }
      done += written > 0 ? static_cast<std::size_t>(written) : 0;
    }
    if (::fsync(out.get()) != 0) {
      Throw("cannot write", part);
    }
  }
  fs::rename(part, file);
  const Descriptor folder(file.parent_path(), O_RDONLY | O_DIRECTORY);
  ::fsync(folder.get());
}

ReadWatch::ReadWatch(const fs::path& folder) : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (fd_ >= 0 && ::inotify_add_watch(fd_, folder.c_str(), IN_CLOSE_NOWRITE) < 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

ReadWatch::~ReadWatch() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

ReadWatch::ReadWatch(ReadWatch&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

std::vector<std::string> ReadWatch::TakeClosed() {
  std::vector<std::string> names;
  alignas(inotify_event) std::array<char, 16384> events{};
  for (;;) {
    const ssize_t size = fd_ < 0 ? -1 : ::read(fd_, events.data(), events.size());
    if (size <= 0) {
      return names;
    }
    for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
      const auto* event = reinterpret_cast<const inotify_event*>(events.data() + at);
      if (event->len > 0) {
        names.emplace_back(event->name);
      }
      at += sizeof(inotify_event) + event->len;
    }
  }
}

ReleaseFolder::ReleaseFolder(fs::path folder, std::string_view prefix)
    : folder_(MadeFolder(std::move(folder))), prefix_(std::string(prefix) + '-'), watch_(folder_) {
  for (const auto& entry : fs::directory_iterator(folder_)) {
    if (IsHidden(entry.path()) && entry.path().extension() == ".part") {
      fs::remove(entry.path());
    }
  }
}

std::vector<Position> ReleaseFolder::Newest(std::size_t count) const {
  std::vector<Position> ends;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    if (const auto end = Parse(prefix_, entry.path().filename().string())) {
      ends.push_back(*end);
    }
  }
  std::ranges::sort(ends);
  ends.erase(ends.begin(), ends.end() - static_cast<std::ptrdiff_t>(std::min(count, ends.size())));
  return ends;
}

bool ReleaseFolder::NewestWasRead() {
  for (const std::string& name : watch_.TakeClosed()) {
    if (name == unread_) {
      unread_.clear();
    }
  }
  return unread_.empty() || !watch_.works();
}

void ReleaseFolder::Release(Position end, std::string_view content) {
  const std::string name = FileName(prefix_, end);
  WriteWhole(folder_ / name, content);
  unread_ = name;
}

void ReleaseFolder::Prune(std::size_t keep) const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    if (Parse(prefix_, entry.path().filename().string())) {
      names.push_back(entry.path().filename().string());
    }
  }
  if (names.size() <= keep) {
    return;
  }
  std::ranges::sort(names);
  names.resize(names.size() - keep);
  for (const std::string& name : names) {
    fs::remove(folder_ / name);
  }
}

void PruneByAge(const fs::path& folder, std::size_t keep) {
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (!IsHidden(entry.path()) && entry.is_regular_file(error)) {
      files.emplace_back(entry.last_write_time(error), entry.path());
    }
  }
  if (files.size() <= keep) {
    return;
  }
  std::ranges::sort(files);
  files.resize(files.size() - keep);
  for (const auto& [time, path] : files) {
    fs::remove(path, error);
  }
}

}  // namespace streampark::flights
