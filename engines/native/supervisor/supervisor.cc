// SPDX-License-Identifier: Apache-2.0
// What becomes of a job whose process has ended; the first row that fits:
//
//   run/end | cancelled | its process ended by   | restarts left | then
//   --------+-----------+------------------------+---------------+------------------------------------
//   said    |           |                        |               | done
//   -       | yes       |                        |               | CANCELLED
//   -       | no        | a signal, after ours   |               | FAILED: told to end from outside
//   -       | no        | a signal               | yes           | again, after a pause, from its newest checkpoint
//   -       | no        | a signal               | no            | FAILED: died so often
//   -       | no        | itself                 |               | FAILED, with the last line that it wrote
#include "streampark/native/supervisor.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "streampark/base/clock.h"
#include "streampark/base/descriptor.h"
#include "streampark/base/error_text.h"
#include "streampark/base/files.h"
#include "streampark/base/json.h"
#include "streampark/base/process.h"

namespace streampark::native {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLongestLog = 32U << 20U;
constexpr std::size_t kTail = 4096;
// Sinks roll back what is not committed; one that does not come to it is killed.
constexpr base::Millis kCancelPatience{10'000};
constexpr int kRound = 500;  // between two looks, in milliseconds

int Complain(const base::Error& error) {
  std::fprintf(stderr, "streampark supervise: %s\n", error.ToString().c_str());
  return 1;
}

json::object ReadObject(const fs::path& file) {
  const auto text = base::ReadFile(file);
  auto parsed = text.ok() ? json::Parse(*text) : base::Result<json::value>(text.error());
  return parsed.ok() && parsed->is_object() ? std::move(parsed->get_object()) : json::object();
}

/// What the job's process writes, in two files of a bounded size; its end is kept for the reason of a failure.
class Log {
 public:
  explicit Log(fs::path file) : file_(std::move(file)) { Open(); }

  void Write(std::string_view text) {
    written_ += text.size();
    tail_.append(text);
    if (tail_.size() > 2 * kTail) {
      tail_.erase(0, tail_.size() - kTail);
    }
    out_ << text << std::flush;
    if (written_ > kLongestLog) {
      std::error_code ignored;
      fs::rename(file_, file_.string() + ".1", ignored);
      Open();
    }
  }
  void Say(const std::string& line) {
    Write(base::FormatTimestamp(base::SystemClock().Now()) + " supervisor: " + line + "\n");
  }
  std::string LastLine() const {
    std::string_view text = tail_;
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
      text.remove_suffix(1);
    }
    const auto start = text.rfind('\n');
    return std::string(start == std::string_view::npos ? text : text.substr(start + 1));
  }

 private:
  void Open() {
    if (out_.is_open()) {
      out_.close();
    }
    out_.clear();
    out_.open(file_, std::ios::app | std::ios::binary);
    std::error_code error;
    const auto size = fs::file_size(file_, error);
    written_ = error ? 0 : size;
  }

  const fs::path file_;
  std::ofstream out_;
  std::uintmax_t written_ = 0;
  std::string tail_;
};

struct Child {
  pid_t pid = -1;
  base::Descriptor output;
};

[[noreturn]] void Become(const std::vector<std::string>& argv, const fs::path& folder, int out,
                         pid_t supervisor) {
  // Without us nobody would know of it; it must not work on beside the life that takes its place.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != supervisor) {
    ::_exit(127);  // it died before it could be said that we go with it
  }
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(out, 1);
  ::dup2(out, 2);
  std::vector<char*> pointers;
  pointers.reserve(argv.size() + 1);
  for (const std::string& one : argv) {
    pointers.push_back(const_cast<char*>(one.c_str()));
  }
  pointers.push_back(nullptr);
  if (::chdir(folder.c_str()) == 0) {
    ::execv(pointers.front(), pointers.data());
  }
  std::perror(pointers.front());
  ::_exit(127);
}

class Supervisor {
 public:
  /// `signals` tells of SIGTERM, SIGINT, SIGHUP and SIGCHLD.
  Supervisor(fs::path folder, int signals)
      : folder_(std::move(folder)), run_(folder_ / "run"), log_(run_ / "log"), signals_(signals) {}

  base::Status Run() {
    argv_ = json::StringsOf(ReadObject(folder_ / "job.json"), "argv");
    if (argv_.empty()) {
      return base::Error(base::ErrorCode::kInvalidRequest,
                         (folder_ / "job.json").string() + " has no command");
    }
    while (true) {
      if (Cancelled()) {
        return End("CANCELLED", nullptr);
      }
      const std::int64_t checkpoint = Phase("checkpoint");
      const int status = SP_TRY(RunOnce());
      if (fs::exists(run_ / "end")) {
        return base::Ok();
      }
      if (Cancelled()) {
        return End("CANCELLED", nullptr);
      }
      if (Phase("checkpoint") > checkpoint) {
        in_a_row_ = 0;
      }
      const auto failure = FailureOf(status);
      log_.Say(failure.message());
      if (told_to_end_ || !WIFSIGNALED(status) || in_a_row_ >= Phase("restartAttempts")) {
        return End("FAILED", &failure);
      }
      Note(failure);
      TellRestart();
      Pause(base::Millis(
          std::min(Phase("longestPauseMs"), Phase("restartPauseMs") << std::min(in_a_row_, 20))));
      ++in_a_row_;
    }
  }

 private:
  bool Cancelled() const { return fs::exists(folder_ / "cancelled"); }
  std::int64_t Phase(std::string_view key) const {
    return json::IntegerOr(ReadObject(run_ / "phase"), key);
  }

  base::Result<Child> Start() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
      return base::FileError(errno, "cannot make a pipe for", folder_);
    }
    base::Descriptor reads(ends[0]);
    const base::Descriptor writes(ends[1]);
    const pid_t supervisor = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0) {
      Become(argv_, run_, writes.number(), supervisor);
    }
    if (pid < 0) {
      return base::FileError(errno, "cannot fork for", folder_);
    }
    ::fcntl(reads.number(), F_SETFL, O_NONBLOCK);
    return Child{pid, std::move(reads)};
  }

  /// The wait status of the job's process.
  base::Result<int> RunOnce() {
    const Child child = SP_TRY(Start());
    log_.Say("the job begins, as process " + std::to_string(child.pid));
    std::optional<base::SteadyTime> cancelled_at;
    while (true) {
      pollfd waits[] = {{signals_, POLLIN, 0}, {child.output.number(), POLLIN, 0}};
      ::poll(waits, output_open_ ? 2 : 1, kRound);
      Drain(child);
      TakeSignals(child.pid);
      int status = 0;
      if (::waitpid(child.pid, &status, WNOHANG) == child.pid) {
        Drain(child);
        output_open_ = true;
        return status;
      }
      const base::SteadyTime now = base::SystemClock().SteadyNow();
      if (!cancelled_at && Cancelled()) {
        cancelled_at = now;
      }
      if (cancelled_at && now - *cancelled_at > kCancelPatience) {
        log_.Say("the job does not end; it is killed");
        ::kill(child.pid, SIGKILL);
      }
    }
  }

  void Drain(const Child& child) {
    char buffer[16'384];
    while (output_open_) {
      const ssize_t count = ::read(child.output.number(), buffer, sizeof buffer);
      if (count > 0) {
        log_.Write({buffer, static_cast<std::size_t>(count)});
        continue;
      }
      // A descriptor that has ended is always ready: it is not waited for any more.
      output_open_ = count < 0 && (errno == EAGAIN || errno == EINTR);
      return;
    }
  }

  void TakeSignals(pid_t child) {
    signalfd_siginfo taken;
    while (::read(signals_, &taken, sizeof taken) == static_cast<ssize_t>(sizeof taken)) {
      if (taken.ssi_signo == SIGTERM || taken.ssi_signo == SIGINT) {
        told_to_end_ = true;
        if (child > 0) {
          ::kill(child, SIGTERM);
        }
      }
    }
  }

  /// Ends early when the job is cancelled, or we are told to end.
  void Pause(base::Millis pause) {
    const base::SystemClock clock;
    const base::SteadyTime end = clock.SteadyNow() + pause;
    while (!told_to_end_ && !Cancelled() && clock.SteadyNow() < end) {
      const auto left = std::chrono::ceil<base::Millis>(end - clock.SteadyNow());
      pollfd wait{signals_, POLLIN, 0};
      ::poll(&wait, 1, static_cast<int>(std::min<std::int64_t>(kRound, left.count())));
      TakeSignals(-1);
    }
  }

  base::Error FailureOf(int status) const {
    if (told_to_end_) {
      return base::Error(base::ErrorCode::kEngineError,
                         "the job's process was told to end from outside of the console");
    }
    if (WIFSIGNALED(status)) {
      const char* name = ::sigabbrev_np(WTERMSIG(status));
      return base::Error(base::ErrorCode::kEngineError,
                         "the job's process died of SIG" +
                             std::string(name == nullptr ? std::to_string(WTERMSIG(status)) : name))
          .WithHint("the job's log says what it did last");
    }
    const std::string last = log_.LastLine();
    return base::Error(base::ErrorCode::kEngineError,
                       last.empty() ? "the job's process ended with exit code " +
                                          std::to_string(WEXITSTATUS(status))
                                    : last);
  }

  void Note(const base::Error& error) const {
    std::ofstream(run_ / "failures", std::ios::app)
        << json::serialize(json::object{{"at", base::FormatTimestamp(base::SystemClock().Now())},
                                        {"kind", "RESTART"},
                                        {"error", json::Parse(base::ErrorToText(error)).value()}})
        << '\n';
  }

  void TellRestart() {
    json::object phase = ReadObject(run_ / "phase");
    phase["phase"] = "RESTARTING";
    phase["restarts"] = json::IntegerOr(phase, "restarts") + 1;
    const base::Status told = base::WriteFileAtomically(run_ / "phase", json::serialize(phase));
    if (!told.ok()) {
      log_.Say(told.error().ToString());
    }
  }

  base::Status End(std::string_view kind, const base::Error* error) {
    json::object said{{"kind", kind}, {"at", base::FormatTimestamp(base::SystemClock().Now())}};
    if (error != nullptr) {
      said["error"] = json::Parse(base::ErrorToText(*error)).value();
    }
    return base::WriteFileAtomically(run_ / "end", json::serialize(said));
  }

  const fs::path folder_, run_;
  Log log_;
  const int signals_;
  std::vector<std::string> argv_;
  int in_a_row_ = 0;
  bool told_to_end_ = false, output_open_ = true;
};

}  // namespace

int Supervise(const fs::path& folder) {
  const fs::path run = folder / "run";
  const auto lock = base::FileLock::Acquire(run / "lock");
  if (!lock.ok() && lock.error().code() != base::ErrorCode::kDataFolderInUse) {
    return Complain(lock.error());
  }
  if (!lock.ok() || fs::exists(run / "process") || fs::exists(run / "end")) {
    return 0;  // another supervisor has it, or had it
  }
  // Before anybody knows whom to send one to.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int one : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) {
    sigaddset(&signals, one);
  }
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  const base::Descriptor told(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  const auto id = base::Identify(::getpid());
  if (!id) {
    return Complain(base::Error(base::ErrorCode::kIoError, "cannot read /proc"));
  }
  const base::Status recorded = base::WriteFileAtomically(
      run / "process", std::to_string(id->pid) + " " + std::to_string(id->start_ticks));
  if (!recorded.ok()) {
    return Complain(recorded.error());
  }
  const base::Status ended = Supervisor(folder, told.number()).Run();
  return ended.ok() ? 0 : Complain(ended.error());
}

}  // namespace streampark::native
