// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "streampark/base/os_user.h"
#include "streampark/base/process.h"
#include "streampark/base/temporary_folder.h"

namespace streampark::connectors::testing {

/// A port of 127.0.0.1 that nobody has, and that the system gives to nobody else for a while.
std::uint16_t FreePort();

/// A server of a test program's own, with its data in a folder that goes with it: in memory where that can be had, since no
/// test is about a disk. It runs as `nobody` when we are root, since servers of databases refuse root. What fails ends the program.
class ServerProcess {
 public:
  enum class RunAs : std::uint8_t { kNobody, kUs };
  /// `end_signal` ends it without waiting for its clients.
  explicit ServerProcess(int end_signal, RunAs run_as = RunAs::kNobody);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  const std::filesystem::path& folder() const { return folder_.path(); }
  /// Runs a program to its end, which has to be a good one.
  void Prepare(std::vector<std::string> argv) const;
  /// Starts the server, and asks until it answers.
  void Start(std::vector<std::string> argv, const std::function<bool()>& answers);
  /// As kill -9 does; it may be started again.
  void Kill();
  void Signal(int signal_number) const;

 private:
  base::Command CommandOf(std::vector<std::string> argv) const;

  const int end_signal_;
  const std::optional<base::OsUser> user_;
  const base::TemporaryFolder folder_;
  std::unique_ptr<base::ChildProcess> process_;
};

}  // namespace streampark::connectors::testing
