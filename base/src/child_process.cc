// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "streampark/base/files.h"
#include "streampark/base/process.h"

#include "spawn.h"

namespace streampark::base {
namespace {

constexpr Millis kTerminateGrace(2000);

/// Writes without the signal that a closed pipe would raise, whatever the process has set up for
/// it.
ssize_t WriteQuietly(int descriptor, std::string_view bytes) {
  sigset_t pipe_signal;
  sigset_t before;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
  const int number = errno;
  if (count < 0 && number == EPIPE && sigismember(&before, SIGPIPE) == 0) {
    const timespec now{};
    ::sigtimedwait(&pipe_signal, nullptr, &now);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = number;
  return count;
}

}  // namespace

/// The system kills a bound child when the *thread* that made it ends, so each child has a thread
/// that lives as long.
class ChildProcess::Keeper {
 public:
  Keeper(const Command& command, const Streams& streams) {
    std::optional<Result<ProcessId>> spawned;
    std::unique_lock lock(mutex_);
    thread_ = std::thread([this, &command, &streams, &spawned] {
      auto id = Spawn(command, streams, Lifetime::kBoundToThread);
      const bool started = id.ok();
      const int pid = started ? id->pid : 0;
      std::unique_lock inner(mutex_);
      spawned.emplace(std::move(id));
      changed_.notify_all();
      if (!started) {
        return;
      }
      changed_.wait(inner, [this] { return released_; });
      while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
      }
    });
    changed_.wait(lock, [&spawned] { return spawned.has_value(); });
    id_ = std::move(*spawned);
  }
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  /// Reaps the child, which must have been told to end.
  ~Keeper() {
    {
      const std::lock_guard lock(mutex_);
      released_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  const Result<ProcessId>& id() const { return id_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool released_ = false;
  Result<ProcessId> id_ = ProcessId{};
  std::thread thread_;
};

ChildProcess::ChildProcess() = default;

Result<ChildProcess> ChildProcess::Start(const Command& command,
                                         const std::filesystem::path& error_log) {
  const int err = ::open(error_log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (err < 0) {
    return FileError(errno, "cannot open", error_log);
  }
  int to_child[2];
  int from_child[2];
  if (const Status made = MakePipe(to_child); !made.ok()) {
    ::close(err);
    return made.error();
  }
  if (const Status made = MakePipe(from_child); !made.ok()) {
    ::close(err);
    ::close(to_child[0]);
    ::close(to_child[1]);
    return made.error();
  }
  ChildProcess child;
  child.input_ = to_child[1];
  child.output_ = from_child[0];
  child.keeper_ = std::make_unique<Keeper>(command, Streams{to_child[0], from_child[1], err});
  ::close(to_child[0]);
  ::close(from_child[1]);
  ::close(err);
  if (!child.keeper_->id().ok()) {
    return child.keeper_->id().error();
  }
  child.id_ = *child.keeper_->id();
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : id_(std::exchange(other.id_, {})),
      input_(std::exchange(other.input_, -1)),
      output_(std::exchange(other.output_, -1)),
      buffer_(std::move(other.buffer_)),
      scanned_(std::exchange(other.scanned_, 0)),
      keeper_(std::move(other.keeper_)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(id_, other.id_);
  std::swap(input_, other.input_);
  std::swap(output_, other.output_);
  std::swap(buffer_, other.buffer_);
  std::swap(scanned_, other.scanned_);
  std::swap(keeper_, other.keeper_);
  return *this;
}

ChildProcess::~ChildProcess() {
  CloseInput();
  if (output_ >= 0) {
    ::close(output_);
  }
  if (id_.pid > 0) {
    Terminate(id_, kTerminateGrace);
    ::kill(-id_.pid, SIGKILL);
  }
}

Status ChildProcess::WriteLine(std::string_view line) {
  std::string bytes(line);
  bytes.push_back('\n');
  for (std::string_view left = bytes; !left.empty();) {
    const ssize_t count = WriteQuietly(input_, left);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      return Error(ErrorCode::kAgentFailed, "the child process has gone")
          .WithCause(std::generic_category().message(errno));
    }
    left.remove_prefix(static_cast<std::size_t>(count));
  }
  return Ok();
}

Result<std::optional<std::string>> ChildProcess::ReadLine(SteadyTime deadline, std::size_t limit) {
  std::array<char, 65536> piece;
  for (;;) {
    if (const std::size_t end = buffer_.find('\n', scanned_); end != std::string::npos) {
      std::optional<std::string> line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      scanned_ = 0;
      return line;
    }
    scanned_ = buffer_.size();
    if (buffer_.size() > limit) {
      return Error(ErrorCode::kAgentFailed, "the child process wrote a line of more than " +
                                                std::to_string(limit) + " bytes");
    }
    const auto left = std::chrono::ceil<Millis>(deadline - std::chrono::steady_clock::now());
    pollfd polled{output_, POLLIN, 0};
    const int ready =
        ::poll(&polled, 1, static_cast<int>(std::clamp<long long>(left.count(), 0, 3'600'000)));
    if (ready == 0) {
      if (left.count() > 3'600'000) {
        continue;
      }
      return std::optional<std::string>();
    }
    const ssize_t count = ready < 0 ? -1 : ::read(output_, piece.data(), piece.size());
    if (count > 0) {
      buffer_.append(piece.data(), static_cast<std::size_t>(count));
    } else if (count == 0) {
      return Error(ErrorCode::kAgentFailed, "the child process has ended its output");
    } else if (errno != EINTR) {
      return Error(ErrorCode::kAgentFailed, "cannot read from the child process")
          .WithCause(std::generic_category().message(errno));
    }
  }
}

void ChildProcess::CloseInput() {
  if (input_ >= 0) {
    ::close(std::exchange(input_, -1));
  }
}

}  // namespace streampark::base
