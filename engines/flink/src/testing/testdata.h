// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "streampark/base/files.h"
#include "streampark/base/json.h"

namespace streampark::flink {

inline std::string TestText(const std::filesystem::path& name) {
  return base::ReadFile(std::filesystem::path(SP_FLINK_TESTDATA) / name).value();
}

/// An answer that a real cluster gave, by line: `1.20.5/job.json`.
inline json::value Recorded(const std::filesystem::path& name) {
  return json::Parse(TestText(name)).value();
}

/// The text of a golden file; with SP_UPDATE_GOLDENS set, `actual` becomes it.
inline std::string Golden(const std::filesystem::path& name, std::string_view actual) {
  if (std::getenv("SP_UPDATE_GOLDENS") != nullptr) {
    (void)base::WriteFileAtomically(std::filesystem::path(SP_FLINK_TESTDATA) / name, actual).ok();
  }
  return TestText(name);
}

/// A folder that goes with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sp-flink-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

  /// Writes a file below the folder, with its parents.
  std::filesystem::path Write(const std::filesystem::path& name, std::string_view text) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    (void)base::WriteFileAtomically(file, text).ok();
    return file;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace streampark::flink
