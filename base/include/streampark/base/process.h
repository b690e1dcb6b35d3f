// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "streampark/base/clock.h"
#include "streampark/base/os_user.h"
#include "streampark/base/result.h"

namespace streampark::base {

/// A program to run: an argument vector, never a shell's line.
struct Command {
  std::vector<std::string> argv;  // argv[0] is looked up on PATH when it has no slash
  std::map<std::string, std::string> environment = {};  // laid over ours
  std::vector<std::string> unset_environment = {};
  std::filesystem::path working_directory = {};  // ours when empty
  std::optional<OsUser> user = {};               // ours when absent; only root may name another
};

/// A process as the system knows it for good: pids are used again, pid and start time are not.
struct ProcessId {
  int pid = 0;
  std::uint64_t start_ticks = 0;  // field 22 of /proc/PID/stat
  bool operator==(const ProcessId&) const = default;
};

/// Whether that very process lives (a zombie does not).
bool IsAlive(const ProcessId& id);
/// The identity of a living pid; absent when there is none.
std::optional<ProcessId> Identify(int pid);
/// Resident memory in bytes; 0 when it is gone.
std::uint64_t ResidentBytes(const ProcessId& id);
/// Sends a signal to that very process; false when it is gone.
bool Signal(const ProcessId& id, int signal_number);
/// SIGTERM, then SIGKILL after `grace`; returns when the process is gone (or `stop` is requested).
void Terminate(const ProcessId& id, Millis grace, std::stop_token stop = {});

/// Starts a process that outlives ours: own session, stdin from /dev/null, output appended to
/// `log`.
Result<ProcessId> SpawnDetached(const Command& command, const std::filesystem::path& log);

struct CommandResult {
  int exit_code = 0;   // 128 + signal when it died of one
  std::string output;  // the last MiB of stdout
  std::string errors;  // the last MiB of stderr
};

/// Runs to the end, handing each line of stdout to `on_line` as it comes. The child dies with
/// `stop`, at the deadline (ENGINE_TIMEOUT) and with us.
Result<CommandResult> RunCommand(const Command& command, Millis deadline, std::stop_token stop = {},
                                 const std::function<void(std::string_view)>& on_line = {});

/// A child with pipes at its standard streams, for talking in lines. It dies with us. One thread
/// may write while another reads; each side by one thread at a time.
class ChildProcess {
 public:
  /// stderr is appended to `error_log`.
  static Result<ChildProcess> Start(const Command& command, const std::filesystem::path& error_log);
  ChildProcess(ChildProcess&&) noexcept;
  ChildProcess& operator=(ChildProcess&&) noexcept;
  /// Closes the pipes, then Terminate() with two seconds of grace.
  ~ChildProcess();

  const ProcessId& id() const { return id_; }
  /// Writes `line` and a line feed; AGENT_FAILED when the child has gone.
  Status WriteLine(std::string_view line);
  /// The next line without its line feed; absent at the deadline; AGENT_FAILED at the end of the
  /// stream or beyond `limit` bytes.
  Result<std::optional<std::string>> ReadLine(SteadyTime deadline, std::size_t limit = 64U << 20U);
  /// Says "no more input"; well-behaved children then end.
  void CloseInput();

 private:
  class Keeper;
  ChildProcess();
  ProcessId id_;
  int input_ = -1;
  int output_ = -1;
  std::string buffer_;
  std::size_t scanned_ = 0;  // bytes of buffer_ known to hold no line feed
  std::unique_ptr<Keeper> keeper_;
};

}  // namespace streampark::base
