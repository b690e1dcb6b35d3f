// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "streampark/base/files.h"
#include "streampark/base/process.h"

#include "spawn.h"

namespace streampark::base {
namespace {

constexpr std::size_t kKeptOutput = 1U << 20U;
constexpr Millis kEndGrace(2000);
constexpr Millis kDrainAfterEnd(200);

/// Keeps the tail of a stream and hands out its whole lines.
class Collector {
 public:
  explicit Collector(const std::function<void(std::string_view)>* on_line) : on_line_(on_line) {}

  void Add(std::string_view piece) {
    kept_.append(piece);
    // Trimmed at twice the limit, so that a long stream is not moved about for each piece.
    if (kept_.size() > 2 * kKeptOutput) {
      kept_.erase(0, kept_.size() - kKeptOutput);
    }
    if (on_line_ == nullptr || !*on_line_) {
      return;
    }
    line_.append(piece);
    std::size_t start = 0;
    for (std::size_t end = line_.find('\n'); end != std::string::npos;
         end = line_.find('\n', start)) {
      (*on_line_)(std::string_view(line_).substr(start, end - start));
      start = end + 1;
    }
    line_.erase(0, start);
    if (line_.size() > kKeptOutput) {
      Flush();
    }
  }

  std::string Finish() {
    Flush();
    if (kept_.size() > kKeptOutput) {
      kept_.erase(0, kept_.size() - kKeptOutput);
    }
    return std::move(kept_);
  }

 private:
  void Flush() {
    if (!line_.empty()) {
      (*on_line_)(line_);
      line_.clear();
    }
  }

  const std::function<void(std::string_view)>* on_line_;
  std::string kept_;
  std::string line_;
};

/// The descriptors of one run, closed together.
struct Descriptors {
  int null = -1;
  int out[2] = {-1, -1};
  int err[2] = {-1, -1};
  int wake = -1;

  Descriptors() = default;
  Descriptors(const Descriptors&) = delete;
  Descriptors& operator=(const Descriptors&) = delete;
  ~Descriptors() {
    for (const int descriptor : {null, out[0], out[1], err[0], err[1], wake}) {
      if (descriptor >= 0) {
        ::close(descriptor);
      }
    }
  }
  Status Open() {
    null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    wake = ::eventfd(0, EFD_CLOEXEC);
    if (null < 0 || wake < 0) {
      return FileError(errno, "cannot open", "/dev/null");
    }
    SP_TRY(MakePipe(out));
    return MakePipe(err);
  }
  void CloseChildEnds() {
    ::close(std::exchange(out[1], -1));
    ::close(std::exchange(err[1], -1));
  }
};

/// Reads what is there; false at the end of the stream.
bool ReadSome(int descriptor, Collector& collector) {
  std::array<char, 16384> buffer;
  const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
  if (count > 0) {
    collector.Add({buffer.data(), static_cast<std::size_t>(count)});
    return true;
  }
  return count < 0 && errno == EINTR;
}

enum class Ending { kByItself, kDeadline, kStopped };

/// Moves output until the child and its streams have ended, the deadline passes or `wake` is
/// written to.
Ending Pump(const Descriptors& io, const ProcessId& id, SteadyTime deadline, Collector& output,
            Collector& errors) {
  bool out_open = true;
  bool err_open = true;
  bool child_ended = false;
  while (out_open || err_open || !child_ended) {
    const auto left =
        std::chrono::duration_cast<Millis>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      // A grandchild may hold the pipes open after the program itself has ended.
      return child_ended ? Ending::kByItself : Ending::kDeadline;
    }
    std::array<pollfd, 3> polled = {{{io.wake, POLLIN, 0},
                                     {out_open ? io.out[0] : -1, POLLIN, 0},
                                     {err_open ? io.err[0] : -1, POLLIN, 0}}};
    constexpr Millis kEndCheck(20);
    const Millis wait =
        out_open || err_open ? std::min(left, Millis(100)) : std::min(left, kEndCheck);
    ::poll(polled.data(), polled.size(), static_cast<int>(wait.count()));
    if (polled[0].revents != 0) {
      return Ending::kStopped;
    }
    if (polled[1].revents != 0) {
      out_open = ReadSome(io.out[0], output);
    }
    if (polled[2].revents != 0) {
      err_open = ReadSome(io.err[0], errors);
    }
    if (!child_ended && !IsAlive(id)) {
      child_ended = true;
      deadline = std::min(deadline, std::chrono::steady_clock::now() + kDrainAfterEnd);
    }
  }
  return Ending::kByItself;
}

}  // namespace

Result<CommandResult> RunCommand(const Command& command, Millis deadline, std::stop_token stop,
                                 const std::function<void(std::string_view)>& on_line) {
  const SteadyTime end = std::chrono::steady_clock::now() + deadline;
  Descriptors io;
  SP_TRY(io.Open());
  const ProcessId id =
      SP_TRY(Spawn(command, {io.null, io.out[1], io.err[1]}, Lifetime::kBoundToThread));
  io.CloseChildEnds();
  const std::stop_callback wake(stop, [&io] {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(io.wake, &one, sizeof one);
  });
  Collector output(&on_line);
  Collector errors(nullptr);
  const Ending ending = Pump(io, id, end, output, errors);
  if (ending != Ending::kByItself) {
    Terminate(id, kEndGrace);
  }
  // Its own children are in its group; none of them may live on.
  ::kill(-id.pid, SIGKILL);
  int status = 0;
  while (::waitpid(id.pid, &status, 0) < 0 && errno == EINTR) {
  }
  CommandResult result;
  result.output = output.Finish();
  result.errors = errors.Finish();
  switch (ending) {
    case Ending::kDeadline:
      return Error(ErrorCode::kEngineTimeout,
                   command.argv[0] + " did not end within " + FormatDuration(deadline))
          .WithCause(result.errors.substr(0, 1000));
    case Ending::kStopped:
      return Error(ErrorCode::kCancelled, command.argv[0] + " was stopped");
    case Ending::kByItself:
      break;
  }
  result.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

}  // namespace streampark::base
