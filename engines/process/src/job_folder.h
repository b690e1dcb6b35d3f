// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "streampark/base/process.h"
#include "streampark/engines/engine.h"

namespace streampark::process {

/// The folder of one job: its names and what can be read off it.
class JobFolder {
 public:
  explicit JobFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::string id() const { return path_.filename().string(); }
  bool exists() const { return std::filesystem::exists(path_); }
  std::filesystem::path job() const { return path_ / "job.json"; }
  std::filesystem::path process() const { return path_ / "process"; }
  std::filesystem::path lock() const { return path_ / "lock"; }
  std::filesystem::path ready() const { return path_ / "ready"; }
  std::filesystem::path cancelled() const { return path_ / "cancelled"; }
  std::filesystem::path exit() const { return path_ / "exit"; }
  std::filesystem::path log(std::string_view stream) const { return path_ / stream; }
  std::filesystem::path request(const std::string& trigger) const {
    return path_ / "requests" / trigger;
  }
  std::filesystem::path answer(const std::string& trigger) const {
    return path_ / "answers" / trigger;
  }

  /// The program's process; absent when it never began.
  std::optional<base::ProcessId> ReadProcess() const;
  base::Result<engines::JobObservation> Observe() const;
  /// Of every trigger that was answered, newest first.
  std::vector<engines::Checkpoint> ReadSnapshots() const;

 private:
  std::filesystem::path path_;
};

}  // namespace streampark::process
