// SPDX-License-Identifier: Apache-2.0
#include "file_pattern.h"

#include <filesystem>
#include <map>

#include <fnmatch.h>

#include "streampark/base/files.h"

namespace streampark::connectors::file {
namespace {

namespace fs = std::filesystem;

bool IsPattern(std::string_view name) {
  return name.find_first_of("*?[") != std::string_view::npos;
}

bool IsHidden(std::string_view name) { return name.starts_with('.') || name.starts_with('_'); }

/// Whether a name may be met by a walk that says `pattern` of it.
bool Matches(const std::string& pattern, const std::string& name) {
  return (!IsHidden(name) || pattern.front() == name.front()) &&
         ::fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) == 0;
}

/// Walks folders along a pattern. What vanishes meanwhile was never there.
class Walk {
 public:
  explicit Walk(std::stop_token stop) : stop_(std::move(stop)) {}

  /// All files in a folder and below.
  base::Status All(const fs::path& folder) {
    return Each(folder, [&](const fs::directory_entry& entry) -> base::Status {
      const bool passed = IsHidden(entry.path().filename().string()) || IsLinkToFolder(entry);
      return passed ? base::Ok() : Take(entry, {});
    });
  }

  base::Status Along(const fs::path& folder, const std::vector<std::string>& parts,
                     std::size_t next) {
    if (parts[next] == "**" && next + 1 < parts.size()) {
      SP_TRY(Along(folder, parts, next + 1));
    }
    return Each(folder, [&](const fs::directory_entry& entry) -> base::Status {
      const std::string name = entry.path().filename().string();
      if (IsPattern(parts[next]) && IsLinkToFolder(entry)) {
        return base::Ok();
      }
      if (parts[next] == "**") {
        if (IsHidden(name)) {
          return base::Ok();
        }
        return next + 1 == parts.size() ? Take(entry, {}) : Take(entry, {&parts, next});
      }
      if (!Matches(parts[next], name)) {
        return base::Ok();
      }
      return next + 1 == parts.size() ? Take(entry, {}) : Take(entry, {&parts, next + 1});
    });
  }

  std::vector<FileStore::Found> found() const {
    std::vector<FileStore::Found> files;
    for (const auto& [path, size] : files_) {
      files.push_back({path, size});
    }
    return files;
  }

 private:
  struct Rest {
    const std::vector<std::string>* parts = nullptr;
    std::size_t next = 0;
  };

  template <typename F>
  base::Status Each(const fs::path& folder, F take) {
    std::error_code error;
    fs::directory_iterator at(folder, error);
    for (; !error && at != fs::directory_iterator(); at.increment(error)) {
      if (stop_.stop_requested()) {
        return base::Error(base::ErrorCode::kCancelled, "stopped while listing " + folder.string());
      }
      SP_TRY(take(*at));
    }
    if (error && error != std::errc::no_such_file_or_directory) {
      return base::FileError(error.value(), "cannot list", folder);
    }
    return base::Ok();
  }

  /// Not followed unless a path says its very name: it might be met again and again.
  static bool IsLinkToFolder(const fs::directory_entry& entry) {
    std::error_code error;
    return entry.is_symlink(error) && entry.is_directory(error);
  }

  /// A file, when nothing of the pattern is left; a folder is gone into.
  base::Status Take(const fs::directory_entry& entry, Rest rest) {
    std::error_code error;
    if (entry.is_directory(error)) {
      return rest.parts == nullptr ? All(entry.path())
                                   : Along(entry.path(), *rest.parts, rest.next);
    }
    if (rest.parts == nullptr && entry.is_regular_file(error)) {
      const auto size = entry.file_size(error);
      if (!error) {
        files_[entry.path().string()] = static_cast<std::int64_t>(size);
      }
    }
    return base::Ok();
  }

  std::stop_token stop_;
  std::map<std::string, std::int64_t> files_;
};

base::Error NothingThere(const fs::path& path) {
  return base::Error(base::ErrorCode::kNotFound, "there is no file or folder " + path.string())
      .WithHint("path names a file, a folder, or files by a pattern like /in/**/*.csv");
}

}  // namespace

base::Result<std::vector<FileStore::Found>> ListLocalFiles(const std::string& pattern,
                                                           std::stop_token stop) {
  std::error_code error;
  Walk walk(std::move(stop));
  const fs::path path(pattern);
  const auto status = fs::status(path, error);
  if (fs::is_directory(status)) {
    SP_TRY(walk.All(path));
    return walk.found();
  }
  if (fs::exists(status)) {
    const auto size = fs::file_size(path, error);
    if (error) {
      return base::FileError(error.value(), "cannot stat", path);
    }
    return std::vector<FileStore::Found>{{pattern, static_cast<std::int64_t>(size)}};
  }
  if (!IsPattern(pattern)) {
    return NothingThere(path);
  }
  fs::path folder = path.root_path();
  std::vector<std::string> parts;
  for (const fs::path& part : path.relative_path()) {
    if (parts.empty() && !IsPattern(part.string())) {
      folder /= part;
    } else if (!part.empty()) {
      parts.push_back(part.string());
    }
  }
  if (!fs::is_directory(folder, error)) {
    return NothingThere(folder);
  }
  SP_TRY(walk.Along(folder, parts, 0));
  return walk.found();
}

}  // namespace streampark::connectors::file
