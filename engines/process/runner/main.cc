// SPDX-License-Identifier: Apache-2.0
// Runs one job's program to its end and says how it ended: streampark_process_runner FOLDER
// The folder is laid out as in streampark/process/process_jobs.h.
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "streampark/base/files.h"
#include "streampark/base/json.h"
#include "streampark/base/process.h"

namespace streampark::process {
namespace {

namespace fs = std::filesystem;

int Complain(const base::Error& error) {
  std::fprintf(stderr, "%s\n", error.ToString().c_str());
  return 1;
}

/// In the child, which waits at `gate` until its process is on record.
[[noreturn]] void Become(const std::vector<std::string>& argv, const fs::path& folder, int gate) {
  char go = 0;
  if (::read(gate, &go, 1) != 1) {
    ::_exit(127);
  }
  for (const auto& [stream, number] : {std::pair{"stdout", 1}, std::pair{"stderr", 2}}) {
    const int file = ::open((folder / stream).c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::dup2(file, number);
  }
  std::vector<char*> pointers;
  for (const std::string& one : argv) {
    pointers.push_back(const_cast<char*>(one.c_str()));
  }
  pointers.push_back(nullptr);
  ::execvp(pointers.front(), pointers.data());
  std::perror(pointers.front());
  ::_exit(127);
}

int Run(const fs::path& folder) {
  const auto lock = base::FileLock::Acquire(folder / "lock");
  if (!lock.ok() || fs::exists(folder / "process") || fs::exists(folder / "exit")) {
    return 0;  // another runner has it, or had it
  }
  const auto text = base::ReadFile(folder / "job.json");
  const auto job = text.ok() ? json::Parse(*text) : base::Result<json::value>(text.error());
  if (!job.ok()) {
    return Complain(job.error());
  }
  const std::vector<std::string> argv = json::StringsOf(job->as_object(), "argv");
  ::setenv("STREAMPARK_JOB_FOLDER", folder.c_str(), 1);
  ::setenv("STREAMPARK_RESTORE", json::StringOr(job->as_object(), "restore").c_str(), 1);
  int gate[2];
  if (argv.empty() || ::pipe2(gate, O_CLOEXEC) != 0) {
    return 1;
  }
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(gate[1]);
    Become(argv, folder, gate[0]);
  }
  const auto id = base::Identify(child);
  if (!id) {
    return 1;
  }
  const base::Status recorded = base::WriteFileAtomically(
      folder / "process", std::to_string(id->pid) + " " + std::to_string(id->start_ticks));
  if (!recorded.ok()) {
    return Complain(recorded.error());  // the child's gate closes, and it ends
  }
  // Cancelled before it began: it never does.
  if (!fs::exists(folder / "cancelled")) {
    (void)!::write(gate[1], "g", 1);
  }
  ::close(gate[1]);
  ::close(gate[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  const base::Status said = base::WriteFileAtomically(folder / "exit", std::to_string(code));
  return said.ok() ? 0 : Complain(said.error());
}

}  // namespace
}  // namespace streampark::process

int main(int argc, char** argv) { return argc == 2 ? streampark::process::Run(argv[1]) : 2; }
