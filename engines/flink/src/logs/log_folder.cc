// SPDX-License-Identifier: Apache-2.0
#include "logs/log_folder.h"

#include <algorithm>
#include <string>

#include "streampark/base/files.h"
#include "streampark/engines/log_file.h"

namespace streampark::flink {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kJobManagerFiles = "jobmanager";
constexpr std::string_view kTaskManagerFiles = "taskmanager-";

}  // namespace

base::Result<std::vector<engines::LogFile>> ListLogFolder(const fs::path& folder) {
  std::vector<engines::LogFile> files;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    const bool of_job_manager = name.starts_with(kJobManagerFiles);
    auto file = engines::DescribeLogFile(it->path());
    if ((!of_job_manager && !name.starts_with(kTaskManagerFiles)) || !file) {
      continue;
    }
    file->role = of_job_manager ? "JOB_MANAGER" : "TASK_MANAGER";
    files.push_back(*std::move(file));
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return base::FileError(error.value(), "cannot list", folder);
  }
  std::sort(files.begin(), files.end(),
            [](const engines::LogFile& a, const engines::LogFile& b) { return a.title < b.title; });
  return files;
}

}  // namespace streampark::flink
