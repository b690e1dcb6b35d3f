// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "streampark/base/files.h"
#include "streampark/base/result.h"

namespace streampark::server {

/// Where things are below the data folder; the module's README says what each is.
struct DataFolder {
  std::filesystem::path root;
  std::filesystem::path database() const { return root / "streampark.db"; }
  std::filesystem::path backups() const { return root / "backups"; }
  std::filesystem::path lock() const { return root / "console.lock"; }
  std::filesystem::path pid_file() const { return root / "console.pid"; }
  std::filesystem::path first_password() const { return root / "first-password"; }
  std::filesystem::path spool() const { return root / "tmp"; }
  std::filesystem::path logs() const { return root / "logs"; }
  std::filesystem::path artifacts() const { return root / "artifacts"; }
  std::filesystem::path clusters() const { return root / "clusters"; }
  std::filesystem::path installations() const { return root / "installations"; }
  std::filesystem::path programs() const { return root / "programs"; }
  std::filesystem::path descriptions() const { return root / "descriptions"; }
  std::filesystem::path results() const { return root / "results"; }
};

/// Makes the folder when it is not there and holds it for this process. DATA_FOLDER_IN_USE, naming
/// the folder and the process that has it. What an interrupted upload left behind is removed.
base::Result<base::FileLock> TakeDataFolder(const DataFolder& data);

/// One line: our pid and the start time that tells it from a later process of the same pid.
base::Status WritePidFile(const DataFolder& data);
void RemovePidFile(const DataFolder& data);

}  // namespace streampark::server
