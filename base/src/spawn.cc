// SPDX-License-Identifier: Apache-2.0
#include "spawn.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "streampark/base/files.h"

extern char** environ;

namespace streampark::base {
namespace {

/// What the child tells us over a pipe that closes when exec succeeds: first who it is, then, if
/// need be, what failed.
struct Report {
  enum class Stage : int { kStarted, kUser, kFolder, kExec, kFork };
  Stage stage = Stage::kStarted;
  int error_number = 0;
  int pid = 0;
  std::uint64_t start_ticks = 0;
};

/// Everything that the child needs, laid out before the fork: after it only async-signal-safe calls
/// are allowed.
struct Plan {
  std::string program;
  std::vector<std::string> environment;
  std::vector<char*> argv;
  std::vector<char*> envp;
  const char* folder = nullptr;
  Streams streams;
  Lifetime lifetime = Lifetime::kDetached;
  const OsUser* user = nullptr;
  int parent = 0;
  int report = -1;
};

std::string VariableOr(const Command& command, const std::string& name, const char* fallback) {
  if (const auto it = command.environment.find(name); it != command.environment.end()) {
    return it->second;
  }
  const char* ours = std::getenv(name.c_str());
  return ours != nullptr ? ours : fallback;
}

Result<std::string> FindProgram(const Command& command) {
  if (command.argv.empty() || command.argv[0].empty()) {
    return Error(ErrorCode::kInternal, "a command without a program");
  }
  const std::string& name = command.argv[0];
  if (name.find('/') != std::string::npos) {
    return name;
  }
  const std::string path = VariableOr(command, "PATH", "/usr/bin:/bin");
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find(':', start), path.size());
    const std::string candidate = path.substr(start, end - start) + "/" + name;
    if (end > start && ::access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
    start = end + 1;
  }
  return Error(ErrorCode::kIoError, "there is no program '" + name + "' on PATH");
}

std::vector<std::string> Environment(const Command& command) {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (const std::size_t equals = text.find('='); equals != std::string_view::npos) {
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  for (const std::string& name : command.unset_environment) {
    variables.erase(name);
  }
  if (command.user) {
    variables.insert_or_assign("HOME", command.user->home);
    variables.insert_or_assign("USER", command.user->name);
    variables.insert_or_assign("LOGNAME", command.user->name);
  }
  for (const auto& [name, text] : command.environment) {
    variables.insert_or_assign(name, text);
  }
  std::vector<std::string> entries;
  entries.reserve(variables.size());
  for (const auto& [name, text] : variables) {
    entries.push_back(name + "=" + text);
  }
  return entries;
}

void Tell(const Plan& plan, Report::Stage stage, int error_number) {
  Report report;
  report.stage = stage;
  report.error_number = error_number;
  report.pid = ::getpid();
  if (stage == Report::Stage::kStarted) {
    std::array<char, 1024> text{};
    const int stat = ::open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    const ssize_t count = stat < 0 ? 0 : ::read(stat, text.data(), text.size());
    ::close(stat);
    char state = 0;
    ParseProcStat({text.data(), static_cast<std::size_t>(count > 0 ? count : 0)}, &state,
                  &report.start_ticks);
  }
  // A report is smaller than PIPE_BUF: it is written whole or not at all.
  if (::write(plan.report, &report, sizeof report) < 0) {
    ::_exit(127);
  }
}

[[noreturn]] void RunChild(const Plan& plan) {
  sigset_t none;
  sigemptyset(&none);
  for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGUSR1, SIGUSR2}) {
    ::signal(number, SIG_DFL);
  }
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(plan.streams.in, 0);
  ::dup2(plan.streams.out, 1);
  ::dup2(plan.streams.err, 2);
  // Sockets accepted by libraries may lack the flag; an engine must not keep our port open.
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  Tell(plan, Report::Stage::kStarted, 0);
  if (plan.user != nullptr && !BecomeUser(plan.user->uid, plan.user->gid, plan.user->groups.data(),
                                          plan.user->groups.size())) {
    Tell(plan, Report::Stage::kUser, errno);
    ::_exit(127);
  }
  if (plan.lifetime == Lifetime::kBoundToThread) {
    // After the change of user, which clears it.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != plan.parent) {
      ::_exit(127);
    }
  }
  if (plan.folder != nullptr && ::chdir(plan.folder) != 0) {
    Tell(plan, Report::Stage::kFolder, errno);
    ::_exit(127);
  }
  ::execve(plan.program.c_str(), plan.argv.data(), plan.envp.data());
  Tell(plan, Report::Stage::kExec, errno);
  ::_exit(127);
}

/// In the first child: detach by a second fork, or bind to the parent, then run.
[[noreturn]] void RunFirstChild(const Plan& plan) {
  if (plan.lifetime == Lifetime::kBoundToThread) {
    ::setpgid(0, 0);
    RunChild(plan);
  }
  ::setsid();
  const pid_t pid = ::fork();
  if (pid < 0) {
    Tell(plan, Report::Stage::kFork, errno);
  }
  if (pid == 0) {
    ::setpgid(0, 0);  // it leads a group, by which it is told from copies that it makes of itself
    RunChild(plan);
  }
  ::_exit(0);
}

Error SpawnError(const Report& report, const Command& command) {
  switch (report.stage) {
    case Report::Stage::kUser:
      return Error(ErrorCode::kIoError,
                   "cannot start " + command.argv[0] + " as the user " + command.user->name)
          .WithCause(std::strerror(report.error_number));
    case Report::Stage::kFolder:
      return FileError(report.error_number, "cannot enter", command.working_directory);
    case Report::Stage::kFork:
      return FileError(report.error_number, "cannot fork for", command.argv[0]);
    default:
      return FileError(report.error_number, "cannot execute", command.argv[0]);
  }
}

bool ReadReport(int descriptor, Report* report) {
  for (;;) {
    const ssize_t count = ::read(descriptor, report, sizeof *report);
    if (count >= 0 || errno != EINTR) {
      return count == static_cast<ssize_t>(sizeof *report);
    }
  }
}

}  // namespace

bool BecomeUser(uid_t uid, gid_t gid, const gid_t* groups, std::size_t count) {
  // The system calls themselves: the library's own would try to tell other threads.
  return ::syscall(SYS_setgroups, count, groups) == 0 &&
         ::syscall(SYS_setresgid, gid, gid, gid) == 0 &&
         ::syscall(SYS_setresuid, uid, uid, uid) == 0 &&
         ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

bool ParseProcStat(std::string_view text, char* state, std::uint64_t* start_ticks) {
  // The second field is the program's name in parentheses and may hold anything, parentheses too.
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string_view::npos || name_end + 2 >= text.size()) {
    return false;
  }
  text.remove_prefix(name_end + 2);
  *state = text.front();
  constexpr int kFieldsToStartTime = 19;  // field 22; the state is field 3
  for (int field = 0; field < kFieldsToStartTime; ++field) {
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos) {
      return false;
    }
    text.remove_prefix(space + 1);
  }
  *start_ticks = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1)) {
    *start_ticks = *start_ticks * 10 + static_cast<std::uint64_t>(text.front() - '0');
  }
  return *start_ticks != 0;
}

Status MakePipe(int (&ends)[2]) {
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return Error(ErrorCode::kIoError, "cannot make a pipe").WithCause(std::strerror(errno));
  }
  return Ok();
}

Result<ProcessId> Spawn(const Command& command, const Streams& streams, Lifetime lifetime) {
  Plan plan;
  plan.program = SP_TRY(FindProgram(command));
  plan.environment = Environment(command);
  for (const std::string& argument : command.argv) {
    plan.argv.push_back(const_cast<char*>(argument.c_str()));
  }
  for (const std::string& entry : plan.environment) {
    plan.envp.push_back(const_cast<char*>(entry.c_str()));
  }
  plan.argv.push_back(nullptr);
  plan.envp.push_back(nullptr);
  plan.folder = command.working_directory.empty() ? nullptr : command.working_directory.c_str();
  plan.streams = streams;
  plan.lifetime = lifetime;
  plan.user = command.user ? &*command.user : nullptr;
  plan.parent = ::getpid();
  int ends[2];
  SP_TRY(MakePipe(ends));
  plan.report = ends[1];

  const pid_t pid = ::fork();
  if (pid == 0) {
    RunFirstChild(plan);
  }
  const int fork_error = errno;
  ::close(ends[1]);
  if (pid < 0) {
    ::close(ends[0]);
    return FileError(fork_error, "cannot fork for", command.argv[0]);
  }
  Report started;
  Report failed;
  const bool has_started = ReadReport(ends[0], &started);
  const bool has_failed =
      !has_started || started.stage != Report::Stage::kStarted || ReadReport(ends[0], &failed);
  ::close(ends[0]);
  if (lifetime == Lifetime::kDetached || has_failed) {
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  if (has_failed) {
    return SpawnError(has_started && started.stage != Report::Stage::kStarted ? started : failed,
                      command);
  }
  return ProcessId{started.pid, started.start_ticks};
}

}  // namespace streampark::base
