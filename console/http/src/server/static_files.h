// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "streampark/http/response.h"

namespace streampark::http {

/// The web app's files. Only what was found below the root when it was read is ever served, so a
/// request's path never reaches the file system. Precompressed neighbours (`.br`, `.gz`) are sent
/// to who accepts them. Thread-safe.
class StaticFiles {
 public:
  /// Nothing is served when `root` is empty or not there.
  explicit StaticFiles(std::filesystem::path root);

  /// The answer to GET `path` (decoded): a file; index.html for the addresses of the app's pages;
  /// 304 when `if_none_match` still holds. Absent when there is no such file.
  std::optional<Response> Find(std::string_view path, std::string_view accept_encoding,
                               std::string_view if_none_match);

 private:
  struct Variant {
    std::filesystem::path file;
    std::string etag;
  };
  struct Entry {
    Variant plain;
    std::optional<Variant> brotli;
    std::optional<Variant> gzip;
    std::string_view content_type;
    bool immutable = false;
  };
  using Index = std::map<std::string, Entry, std::less<>>;

  std::shared_ptr<const Index> Read() const;
  std::shared_ptr<const Index> Current();

  const std::filesystem::path root_;
  std::mutex mutex_;
  std::shared_ptr<const Index> index_;
  std::filesystem::file_time_type read_of_;  // when index.html was written that index_ goes with
};

}  // namespace streampark::http
