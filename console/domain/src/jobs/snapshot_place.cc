// SPDX-License-Identifier: Apache-2.0
#include "jobs/snapshot_place.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace streampark::console {
namespace {

constexpr std::string_view kMetadata = "_metadata";

struct Parts {
  std::string scheme;
  std::string authority;
  std::vector<std::string> segments;
};

std::string SchemeOf(std::string_view text) {
  std::string scheme(text);
  std::transform(scheme.begin(), scheme.end(), scheme.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return scheme == "s3a" || scheme == "s3p" || scheme == "s3n" ? "s3" : scheme;
}

Parts Split(std::string_view path) {
  Parts parts;
  parts.scheme = "file";
  const std::size_t colon = path.find(':');
  if (colon != std::string_view::npos && colon < path.find('/')) {
    parts.scheme = SchemeOf(path.substr(0, colon));
    path.remove_prefix(colon + 1);
    if (path.starts_with("//")) {
      path.remove_prefix(2);
      const std::size_t end = std::min(path.find('/'), path.size());
      parts.authority = path.substr(0, end);
      path.remove_prefix(end);
    }
  }
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (segment == "..") {
      if (!parts.segments.empty()) {
        parts.segments.pop_back();
      }
    } else if (!segment.empty() && segment != ".") {
      parts.segments.emplace_back(segment);
    }
  }
  if (!parts.segments.empty() && parts.segments.back() == kMetadata) {
    parts.segments.pop_back();
  }
  return parts;
}

}  // namespace

std::string PlaceOf(std::string_view path) {
  const Parts parts = Split(path);
  std::string folder;
  for (const std::string& segment : parts.segments) {
    folder.append("/").append(segment);
  }
  if (parts.scheme != "file") {
    return parts.scheme + "://" + parts.authority + folder;
  }
  std::error_code failed;
  const std::filesystem::path real = std::filesystem::weakly_canonical(folder, failed);
  return "file:" + (failed ? folder : real.string());
}

base::Result<std::vector<Snapshot>> SnapshotsAt(JobStore& store, std::string_view path) {
  const Parts parts = Split(path);
  if (parts.segments.empty()) {
    return std::vector<Snapshot>();
  }
  std::vector<Snapshot> found = SP_TRY(store.ListSnapshotsNamed(parts.segments.back()));
  const std::string place = PlaceOf(path);
  std::erase_if(found, [&](const Snapshot& one) { return PlaceOf(one.path) != place; });
  return found;
}

}  // namespace streampark::console
