// SPDX-License-Identifier: Apache-2.0
#include "streampark/base/process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "streampark/base/files.h"

#include "spawn.h"

namespace streampark::base {
namespace {

std::string ProcFile(int pid, std::string_view name) {
  return "/proc/" + std::to_string(pid) + "/" + std::string(name);
}

/// A descriptor for the very process: signals through it cannot hit one that got the pid later.
class ProcessHandle {
 public:
  explicit ProcessHandle(const ProcessId& id) {
    descriptor_ = static_cast<int>(::syscall(SYS_pidfd_open, id.pid, 0));
    if (descriptor_ >= 0 && Identify(id.pid) != id) {
      ::close(descriptor_);
      descriptor_ = -1;
    }
  }
  ~ProcessHandle() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }
  ProcessHandle(const ProcessHandle&) = delete;
  ProcessHandle& operator=(const ProcessHandle&) = delete;

  bool exists() const { return descriptor_ >= 0; }
  bool Send(int signal_number) const {
    return ::syscall(SYS_pidfd_send_signal, descriptor_, signal_number, nullptr, 0) == 0;
  }
  /// True when the process has ended within `wait`.
  bool WaitForEnd(Millis wait) const {
    pollfd poll_for{descriptor_, POLLIN, 0};
    return ::poll(&poll_for, 1, static_cast<int>(wait.count())) > 0;
  }

 private:
  int descriptor_ = -1;
};

constexpr Millis kStopCheck(50);

/// Waits for the end in slices, so that `stop` is noticed.
bool WaitForEnd(const ProcessHandle& process, Millis grace, const std::stop_token& stop) {
  const auto deadline = std::chrono::steady_clock::now() + grace;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<Millis>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0 || stop.stop_requested()) {
      return process.WaitForEnd(Millis(0));
    }
    if (process.WaitForEnd(std::min(left, kStopCheck))) {
      return true;
    }
  }
}

enum class Look { kLives, kGone, kUnseen };

Look LookAt(int pid, ProcessId& id) {
  if (pid <= 0) {
    return Look::kGone;
  }
  const auto none = [] { return errno == ENOENT || errno == ESRCH ? Look::kGone : Look::kUnseen; };
  const int stat = ::open(ProcFile(pid, "stat").c_str(), O_RDONLY | O_CLOEXEC);
  if (stat < 0) {
    return none();
  }
  std::array<char, 4096> text{};
  const ssize_t count = ::read(stat, text.data(), text.size());
  const Look failed = count < 0 ? none() : Look::kUnseen;
  ::close(stat);
  char state = 0;
  id.pid = pid;
  if (count <= 0 ||
      !ParseProcStat({text.data(), static_cast<std::size_t>(count)}, &state, &id.start_ticks)) {
    return failed;
  }
  return state == 'Z' || state == 'X' ? Look::kGone : Look::kLives;
}

}  // namespace

std::optional<ProcessId> Identify(int pid) {
  ProcessId id;
  return LookAt(pid, id) == Look::kLives ? std::optional(id) : std::nullopt;
}

bool IsAlive(const ProcessId& id) {
  ProcessId found;
  switch (LookAt(id.pid, found)) {
    case Look::kLives:
      return found == id;
    case Look::kGone:
      return false;
    case Look::kUnseen:
      break;
  }
  // That we cannot look is no death of theirs: without a free descriptor every cluster would seem
  // to have died, and be started a second time.
  return ::kill(id.pid, 0) == 0 || errno == EPERM;
}

std::uint64_t ResidentBytes(const ProcessId& id) {
  const auto text = ReadFile(ProcFile(id.pid, "statm"), 4096);
  if (!text.ok() || !IsAlive(id)) {
    return 0;
  }
  std::uint64_t pages = 0;
  const std::size_t start = std::min(text->find(' '), text->size() - 1) + 1;
  for (std::size_t i = start; i < text->size() && (*text)[i] >= '0' && (*text)[i] <= '9'; ++i) {
    pages = pages * 10 + static_cast<std::uint64_t>((*text)[i] - '0');
  }
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

bool Signal(const ProcessId& id, int signal_number) {
  const ProcessHandle process(id);
  return process.exists() && process.Send(signal_number);
}

void Terminate(const ProcessId& id, Millis grace, std::stop_token stop) {
  const ProcessHandle process(id);
  if (!process.exists() || !process.Send(SIGTERM) || WaitForEnd(process, grace, stop) ||
      stop.stop_requested()) {
    return;
  }
  process.Send(SIGKILL);
  // A process in an uninterruptible wait ends when the kernel lets it; nobody can hasten that.
  WaitForEnd(process, std::chrono::hours(1), stop);
}

Result<ProcessId> SpawnDetached(const Command& command, const std::filesystem::path& log) {
  const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  // The log's folder may be another user's, who must not have us write or wait elsewhere.
  const int out = ::open(log.c_str(),
                         O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640);
  if (in < 0 || out < 0) {
    const int number = errno;
    ::close(in);
    return FileError(number, "cannot open", log);
  }
  auto id = Spawn(command, {in, out, out}, Lifetime::kDetached);
  ::close(in);
  ::close(out);
  return id;
}

}  // namespace streampark::base
