// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/temporary_folder.h"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "streampark/base/files.h"

namespace streampark::base {

Result<TemporaryFolder> TemporaryFolder::Create(const std::filesystem::path& parent) {
  std::error_code error;
  const std::filesystem::path home =
      parent.empty() ? std::filesystem::temp_directory_path(error) : parent;
  if (!error) {
    std::filesystem::create_directories(home, error);
  }
  if (error) {
    return FileError(error.value(), "cannot make", home);
  }
  std::string path = (home / "streampark-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) {
    return FileError(errno, "cannot make a folder in", home);
  }
  return TemporaryFolder(path);
}

TemporaryFolder::~TemporaryFolder() {
  if (!path_.empty()) {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
}

}  // namespace streampark::base
