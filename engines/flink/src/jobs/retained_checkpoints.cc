// SPDX-License-Identifier: Apache-2.0
// Flink keeps a job's checkpoints as DIRECTORY/JOB_ID/chk-NUMBER; one is whole when its _metadata
// is there, which is moved into place at its end.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>

#include "jobs/flink_jobs.h"

namespace streampark::flink {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "chk-";

/// Absent for what is not of this machine.
std::optional<fs::path> LocalPath(std::string_view directory) {
  if (directory.starts_with("file:")) {
    directory.remove_prefix(5);
    if (directory.starts_with("//") && !directory.starts_with("///")) {
      return std::nullopt;  // it names a host
    }
  }
  if (!directory.starts_with("/")) {
    return std::nullopt;
  }
  return fs::path("/" + std::string(directory.substr(directory.find_first_not_of('/'))));
}

}  // namespace

std::vector<engines::RetainedCheckpoint> FlinkJobs::RetainedCheckpoints(
    const engines::Endpoint&, const std::string& directory, const std::string& engine_job_id) {
  std::vector<engines::RetainedCheckpoint> found;
  const std::optional<fs::path> folder =
      directory.find_first_not_of('/') == std::string::npos ? std::nullopt : LocalPath(directory);
  if (!folder || engine_job_id.empty()) {
    return found;
  }
  std::error_code error;
  for (fs::directory_iterator entry(*folder / engine_job_id, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    const fs::path metadata = entry->path() / "_metadata";
    if (!entry->path().filename().string().starts_with(kPrefix) ||
        !fs::is_regular_file(metadata, ignored)) {
      continue;
    }
    const auto written = fs::last_write_time(metadata, ignored);
    if (!ignored) {
      found.push_back({"file:" + entry->path().string(),
                       std::chrono::floor<base::Millis>(std::chrono::file_clock::to_sys(written))});
    }
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.completed_at > b.completed_at; });
  return found;
}

}  // namespace streampark::flink
